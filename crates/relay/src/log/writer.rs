//! The end that grows.

use super::intern::Intern;
use super::{Log, Segment, State, files};
use crate::mark::{Mark, Outs, Scope};
use model::Batch;
use std::io;
use stdx::disk::Append;
use wire::protocols::native::Encoder;

/// What is known of the segment being written.
pub(super) struct Writer {
    /// `None` before the first write, and after one that failed.
    file: Option<Box<dyn Append>>,
    /// Number of the next segment.
    number: u64,
    /// Number of the next sample.
    pub(super) sample: u64,
    pub(super) outs: Outs,
    scope: Scope,
    encoder: Encoder,
    intern: Intern,
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(number: u64, sample: u64, outs: Outs) -> Self {
        let (encoder, intern) = (Encoder::new(), Intern::default());
        Self { file: None, number, sample, outs, scope: Scope::All, encoder, intern, bytes: Vec::new() }
    }

    pub(super) fn is_open(&self) -> bool {
        self.file.is_some()
    }
}

impl State {
    /// Appends the rows of a batch. What an error leaves behind is seen by nobody: the next write starts a segment.
    pub(super) fn push(&mut self, log: &Log, batch: &Batch, scope: &Scope) -> io::Result<()> {
        let mut row = 0;
        let before = (self.writer.sample, self.segments.back().map(|s| (s.number, s.len_bytes)));
        while row < batch.len() {
            let result = self.push_from(log, batch, row, scope);
            match result {
                Ok(next) => row = next,
                Err(e) => {
                    self.writer.file = None;
                    self.take_back(log, before);
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    /// Forgets what a batch that failed half-way has written, so that it may be sent again as a whole.
    fn take_back(&mut self, log: &Log, (sample, last): (u64, Option<(u64, u64)>)) {
        self.writer.sample = sample;
        while self.segments.back().is_some_and(|s| last.is_none_or(|(number, _)| s.number > number)) {
            let dropped = self.segments.pop_back().map_or(0, |s| s.number);
            let _ = log.disk.remove_file(&files::segment(&log.options.folder, dropped));
        }
        if let (Some(segment), Some((_, len_bytes))) = (self.segments.back_mut(), last) {
            segment.len_bytes = len_bytes;
            let path = files::segment(&log.options.folder, segment.number);
            // If it cannot be cut, a restart may send the half batch, and the sender's repeat of it, once each.
            let _ = log.disk.append(&path).and_then(|mut file| file.truncate(len_bytes));
        }
    }

    fn push_from(&mut self, log: &Log, batch: &Batch, row: usize, scope: &Scope) -> io::Result<usize> {
        self.begin_if_due(log)?;
        let writer = &mut self.writer;
        writer.bytes.clear();
        if writer.scope != *scope {
            writer.scope = scope.clone();
            Mark::Scope(scope.clone()).write(&mut writer.bytes);
        }
        writer.intern.batch.clear_rows();
        let next = writer.intern.take(batch, row);
        let progress = writer.encoder.encode(&writer.intern.batch, 0, &mut writer.bytes);
        let taken = writer.intern.batch.len();
        debug_assert_eq!(progress.rows, taken, "a stream has room for what a dictionary has");
        self.append(log)?;
        self.writer.sample += taken as u64;
        if next < batch.len() {
            // No room for more names.
            self.writer.file = None;
        }
        Ok(next)
    }

    pub(super) fn set_out(&mut self, log: &Log, cluster: &str, out: &[String]) -> io::Result<()> {
        self.begin_if_due(log)?;
        self.writer.bytes.clear();
        Mark::Ring(cluster.to_owned(), out.to_vec()).write(&mut self.writer.bytes);
        self.append(log).inspect_err(|_| self.writer.file = None)?;
        self.writer.outs.insert(cluster.to_owned(), out.to_vec());
        Ok(())
    }

    fn append(&mut self, log: &Log) -> io::Result<()> {
        let writer = &mut self.writer;
        let Some(file) = &mut writer.file else { return Err(io::Error::other("no segment is open")) };
        file.write_all(&writer.bytes)?;
        if log.options.sync {
            file.sync()?;
        }
        if let Some(last) = self.segments.back_mut() {
            last.len_bytes += writer.bytes.len() as u64;
        }
        writer.bytes.shrink_to(1 << 20);
        Ok(())
    }

    fn begin_if_due(&mut self, log: &Log) -> io::Result<()> {
        let full = self.segments.back().is_some_and(|s| s.len_bytes >= log.options.segment_bytes_max);
        if self.writer.is_open() && !full {
            return Ok(());
        }
        let writer = &mut self.writer;
        writer.file = None;
        let path = files::segment(&log.options.folder, writer.number);
        let mut bytes = Vec::new();
        Mark::Start(writer.sample, writer.outs.clone()).write(&mut bytes);
        let mut file = log.disk.create(&path)?;
        // A number is used once, also when this fails.
        writer.number += 1;
        file.write_all(&bytes)?;
        if log.options.sync {
            log.disk.sync_dir(&log.options.folder)?;
        }
        writer.file = Some(file);
        writer.scope = Scope::All;
        writer.encoder.clear();
        writer.intern.clear();
        let number = writer.number - 1;
        self.segments.push_back(Segment { number, sample: writer.sample, len_bytes: bytes.len() as u64 });
        Ok(())
    }
}
