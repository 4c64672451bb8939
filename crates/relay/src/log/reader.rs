//! One who follows the log.

use super::{Log, Position, files};
use crate::mark::{Mark, Outs, Scope};
use model::{Batch, Report};
use std::io;
use std::sync::Arc;
use stdx::disk::ReadAt;
use wire::protocols::native::Decoder;
use wire::protocols::native::frame::{self, Broken};

/// Bytes read at a time, at least.
const CHUNK_BYTES: u64 = 128 << 10;

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Rows are in the batch.
    Rows,
    /// A segment starts, with a new dictionary.
    Begin,
    /// Something that changes how rows are judged.
    Turn,
    /// So many samples are gone: more than may wait, or damaged.
    Missed(u64, Why),
    /// There is no more for now.
    End,
}

/// Why samples are missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The queue was full.
    Full,
    /// Bytes on the disk are not what was written.
    Damaged,
}

/// See the module's text.
pub(crate) struct Reader {
    log: Arc<Log>,
    cursor: usize,
    name: String,
    at: Position,
    /// Rows before this offset were settled by an earlier run; they are read for what they tell of later ones.
    skip_to: u64,
    file: Option<(u64, Arc<dyn ReadAt>)>,
    buffer: Vec<u8>,
    /// Where in its file the buffer starts.
    buffer_offset: u64,
    decoder: Decoder,
    /// Rows of the last step, in slots that hold until the next segment.
    pub(crate) batch: Batch,
    /// Whom the rows are for.
    pub(crate) scope: Scope,
    /// Who is out.
    pub(crate) outs: Outs,
    /// What an earlier run wrote down beside its place; the least number when there was none.
    pub(crate) note: i64,
}

impl Reader {
    /// One that goes on where the output of this name was, or at the end when it is new.
    pub(crate) fn join(log: Arc<Log>, name: &str, lag_bytes_max: u64) -> Self {
        let kept = files::read_cursor(&log.options.folder, log.disk.as_ref(), name);
        let (kept, note) = match kept {
            files::Kept::At(at, note) => (Some(at), Some(note)),
            // Once more rather than not at all.
            files::Kept::Unreadable => (Some(log.start()), None),
            files::Kept::New => (None, None),
        };
        let (cursor, at) = log.join(kept, lag_bytes_max);
        let mut reader = Self {
            log,
            cursor,
            name: name.to_owned(),
            at,
            skip_to: 0,
            file: None,
            buffer: Vec::new(),
            buffer_offset: 0,
            decoder: Decoder::new(),
            batch: Batch::new(),
            scope: Scope::All,
            outs: Outs::new(),
            note: note.unwrap_or(i64::MIN),
        };
        reader.seek(at);
        // A new one is known from now on, whatever happens.
        let _ = reader.remember(at, reader.note);
        reader
    }

    /// Between which frames it is. What it reads again only for what it tells of later frames is behind it.
    pub(crate) fn at(&self) -> Position {
        Position { offset: self.at.offset.max(self.skip_to), ..self.at }
    }

    /// Goes back, or forth, to a place where a step ended.
    pub(crate) fn seek(&mut self, to: Position) {
        self.at = Position { offset: 0, ..to };
        self.skip_to = to.offset;
        self.file = None;
    }

    /// Everything before `at` is done with.
    pub(crate) fn settle(&self, at: Position) {
        self.log.settle(self.cursor, at);
    }

    /// Writes down how far it is, and a number of the caller's own, for the next start.
    pub(crate) fn remember(&self, at: Position, note: i64) -> io::Result<()> {
        files::write_cursor(&self.log.options.folder, self.log.disk.as_ref(), &self.name, at, note)
    }

    /// Reads one frame; rows of the step before are forgotten.
    ///
    /// # Errors
    /// When the disk fails; the same step may be tried again.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        self.batch.clear_rows();
        let Some((segment, is_last)) = self.log.segment_from(self.cursor, self.at.segment) else {
            return Ok(Step::End);
        };
        if segment.number != self.at.segment || self.file.is_none() {
            return self.open(segment.number, segment.sample);
        }
        if self.at.offset >= segment.len_bytes {
            return if is_last { Ok(Step::End) } else { self.leave(segment.number) };
        }
        self.fill(segment.len_bytes)?;
        let skipped = (self.at.offset - self.buffer_offset) as usize;
        let mut rest = &self.buffer[skipped..];
        let before = rest.len();
        match frame::take(&mut rest) {
            Ok(payload) => {
                let len = (before - rest.len()) as u64;
                let range = skipped + before - rest.len() - payload.len()..skipped + before - rest.len();
                self.read(range, len)
            }
            Err(Broken::Cut) if !is_last => self.leave(segment.number),
            Err(_) => self.give_up(segment.number),
        }
    }

    /// Takes the frame whose payload is at this place of the buffer.
    fn read(&mut self, payload: std::ops::Range<usize>, len: u64) -> io::Result<Step> {
        let payload = &self.buffer[payload];
        let is_skipped = self.at.offset < self.skip_to;
        let step = match Mark::read(payload) {
            Some(Mark::Start(_, outs)) => {
                self.outs = outs;
                Step::Begin
            }
            Some(Mark::Scope(scope)) => {
                self.scope = scope;
                Step::Turn
            }
            Some(Mark::Ring(cluster, out)) => {
                self.outs.insert(cluster, out);
                Step::Turn
            }
            None => match self.decoder.decode(payload, &mut self.batch, &mut Report::default()) {
                Ok(0) => Step::Rows,
                Ok(_) if is_skipped => {
                    self.batch.clear_rows();
                    Step::Rows
                }
                Ok(count) => {
                    self.at.sample += count as u64;
                    Step::Rows
                }
                Err(_) => return self.give_up(self.at.segment),
            },
        };
        self.at.offset += len;
        Ok(step)
    }

    /// Starts to read a segment.
    fn open(&mut self, number: u64, sample: u64) -> io::Result<Step> {
        let path = files::segment(&self.log.options.folder, number);
        let file = self.log.disk.open(&path)?;
        let missed = if number == self.at.segment { 0 } else { sample.saturating_sub(self.at.sample) };
        if number != self.at.segment {
            self.skip_to = 0;
            self.at.sample = sample;
        }
        self.at = Position { segment: number, offset: 0, sample: self.at.sample };
        self.file = Some((number, file));
        self.buffer.clear();
        self.buffer_offset = 0;
        self.decoder = Decoder::new();
        self.batch.clear();
        self.scope = Scope::All;
        Ok(if missed > 0 { Step::Missed(missed, Why::Full) } else { Step::Begin })
    }

    /// Goes to the segment after this one.
    fn leave(&mut self, number: u64) -> io::Result<Step> {
        match self.log.segment_from(self.cursor, number + 1) {
            Some((next, _)) => self.open(next.number, next.sample),
            None => Ok(Step::End),
        }
    }

    /// Passes over the rest of a segment that is damaged.
    fn give_up(&mut self, number: u64) -> io::Result<Step> {
        let (next, sample) = match self.log.segment_from(self.cursor, number + 1) {
            Some((next, _)) => (next.number, next.sample),
            None => {
                let end = self.log.end();
                self.at.offset = end.offset;
                (number, end.sample)
            }
        };
        let missed = sample.saturating_sub(self.at.sample);
        self.at.sample = sample;
        if next != number {
            self.open(next, sample)?;
        }
        Ok(Step::Missed(missed, Why::Damaged))
    }

    /// Makes sure that the whole next frame is in the buffer, as far as the file goes.
    fn fill(&mut self, len_bytes: u64) -> io::Result<()> {
        let have =
            &self.buffer[(self.at.offset - self.buffer_offset).min(self.buffer.len() as u64) as usize..];
        let need = frame::len_bytes(have).map_or(CHUNK_BYTES, |len| len as u64);
        if have.len() as u64 >= need && frame::len_bytes(have).is_ok() {
            return Ok(());
        }
        let end = (self.at.offset + need.max(CHUNK_BYTES)).min(len_bytes);
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize((end - self.at.offset) as usize, 0);
        let result = match &self.file {
            Some((_, file)) => file.read_exact_at(&mut buffer, self.at.offset),
            None => Ok(()),
        };
        self.buffer = buffer;
        self.buffer_offset = self.at.offset;
        if result.is_err() {
            self.buffer.clear();
        }
        self.buffer.shrink_to(4 * CHUNK_BYTES as usize);
        result
    }
}
