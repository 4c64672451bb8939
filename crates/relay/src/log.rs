//! The log: what came in, written once, in segments that are streams of the native protocol; any number of readers,
//! each with a cursor of its own, so that a slow one never slows another or the input.
//!
//! `writer` appends, `reader` follows, `files` names. A segment goes when all cursors are past it, or past the bytes
//! that a cursor may lag; what a cursor then misses is counted, exactly, because samples are numbered through all
//! segments.

mod files;
mod intern;
mod reader;
mod writer;

pub(crate) use reader::{Reader, Step, Why};

use crate::mark::{Outs, Scope};
use model::{Batch, PushError};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use stdx::disk::Disk;
use writer::Writer;

/// How the log is kept.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// The folder; only one process may use it.
    pub folder: PathBuf,
    /// Where a segment ends and the next begins, in bytes.
    pub segment_bytes_max: u64,
    /// Whether each batch is on the medium before it is acknowledged. Without it a power failure, but no crash of the
    /// program, may cost what the system had yet to write.
    pub sync: bool,
}

impl LogOptions {
    /// Segments of 8 MiB, written when the system likes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), segment_bytes_max: 8 << 20, sync: false }
    }
}

/// A place in the log between two frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    /// Number of the next sample.
    pub(crate) sample: u64,
}

/// One file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// Number of its first sample.
    pub(crate) sample: u64,
    pub(crate) len_bytes: u64,
}

/// A reader as the log sees it.
#[derive(Debug)]
struct Cursor {
    /// Before this everything is settled.
    settled: Position,
    lag_bytes_max: u64,
    /// Segments before this one are more than it may lag.
    floor: u64,
}

pub(crate) struct State {
    pub(crate) segments: VecDeque<Segment>,
    writer: Writer,
    cursors: Vec<Cursor>,
    closing: bool,
}

/// See the module's text.
pub struct Log {
    options: LogOptions,
    disk: Arc<dyn Disk>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Log {
    /// Opens the folder, which is made when missing; writing goes on in a new segment.
    ///
    /// # Errors
    /// When the folder cannot be made, listed or read.
    pub fn open(options: LogOptions, disk: Arc<dyn Disk>) -> io::Result<Self> {
        disk.create_dir_all(&options.folder)?;
        let (segments, sample, outs) = files::find(&options.folder, disk.as_ref())?;
        let number = segments.back().map_or(1, |last| last.number + 1);
        let writer = Writer::new(number, sample, outs);
        let state = State { segments, writer, cursors: Vec::new(), closing: false };
        Ok(Self { options, disk, state: Mutex::new(state), changed: Condvar::new() })
    }

    // A panic under the lock would be one of the writer between file and list: the list is what counts.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a batch: when it returns the samples are in the file.
    ///
    /// # Errors
    /// When the disk takes nothing, and after [`Log::close`]; nothing was kept then.
    pub(crate) fn push(&self, batch: &Batch, scope: &Scope) -> Result<(), PushError> {
        let mut state = self.lock();
        if state.closing && *scope == Scope::All {
            return Err(PushError::Failed("the relay is stopping".to_owned()));
        }
        let result = state.push(self, batch, scope);
        state.trim(self);
        drop(state);
        self.changed.notify_all();
        result.map_err(|e| PushError::Busy(format!("the relay's log cannot be written: {e}")))
    }

    /// Says who of a cluster is out from here on; the position is behind that.
    pub(crate) fn set_out(&self, cluster: &str, out: &[String]) -> io::Result<Position> {
        let mut state = self.lock();
        state.set_out(self, cluster, out)?;
        let end = state.end();
        drop(state);
        self.changed.notify_all();
        Ok(end)
    }

    /// Who is out of which cluster now.
    pub(crate) fn outs(&self) -> Outs {
        self.lock().writer.outs.clone()
    }

    /// Members of a cluster, and where they were, as written down last.
    pub(crate) fn known(&self, cluster: &str) -> Vec<(String, String)> {
        files::read_members(&self.options.folder, self.disk.as_ref(), cluster)
    }

    /// Writes that down.
    pub(crate) fn remember_known(&self, cluster: &str, members: &[(String, String)]) -> io::Result<()> {
        files::write_members(&self.options.folder, self.disk.as_ref(), cluster, members)
    }

    /// Whether an output of an earlier run had not settled everything.
    pub(crate) fn waits(&self, output: &str) -> bool {
        match files::read_cursor(&self.options.folder, self.disk.as_ref(), output) {
            files::Kept::At(at, _) => at.sample < self.end().sample,
            files::Kept::Unreadable => true,
            files::Kept::New => false,
        }
    }

    /// Forgets how far an output was.
    pub(crate) fn forget(&self, output: &str) {
        // What cannot be removed is only a small file.
        let _ = self.disk.remove_file(&files::cursor(&self.options.folder, output));
    }

    /// Registers a reader that stands at `at`, or at the end when that is not known; gives its number and place.
    pub(crate) fn join(&self, at: Option<Position>, lag_bytes_max: u64) -> (usize, Position) {
        let mut state = self.lock();
        let end = state.end();
        // A cursor ahead of the log is one of a log that was removed.
        let settled = at.filter(|at| *at <= end).unwrap_or(end);
        state.cursors.push(Cursor { settled, lag_bytes_max, floor: 0 });
        (state.cursors.len() - 1, settled)
    }

    /// Everything before `settled` may be forgotten as far as this reader is concerned.
    pub(crate) fn settle(&self, cursor: usize, settled: Position) {
        let mut state = self.lock();
        let before = std::mem::replace(&mut state.cursors[cursor].settled, settled);
        if before.segment != settled.segment {
            state.trim(self);
        }
    }

    /// The segment at `number`, or the first after it that this reader may still read; whether it is the last.
    pub(crate) fn segment_from(&self, cursor: usize, number: u64) -> Option<(Segment, bool)> {
        let state = self.lock();
        let from = number.max(state.cursors[cursor].floor);
        let at = state.segments.partition_point(|s| s.number < from);
        let segment = *state.segments.get(at)?;
        Some((segment, at + 1 == state.segments.len() && state.writer.is_open()))
    }

    /// Where the log ends.
    pub(crate) fn end(&self) -> Position {
        self.lock().end()
    }

    /// Where the log starts.
    fn start(&self) -> Position {
        let state = self.lock();
        let first = state.segments.front();
        first.map_or(state.end(), |first| Position { segment: first.number, offset: 0, sample: first.sample })
    }

    /// Bytes on disk.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.lock().segments.iter().map(|s| s.len_bytes).sum()
    }

    /// Bytes between a place and the end.
    pub(crate) fn bytes_behind(&self, at: Position) -> u64 {
        let state = self.lock();
        let from = state.segments.partition_point(|s| s.number < at.segment);
        let after: u64 = state.segments.iter().skip(from).map(|s| s.len_bytes).sum();
        let is_within = state.segments.get(from).is_some_and(|s| s.number == at.segment);
        after.saturating_sub(if is_within { at.offset } else { 0 })
    }

    /// Waits until there is more than `seen`, it is closing, or the time is over; says whether it is closing.
    pub(crate) fn wait(&self, seen: Position, wait: Duration) -> bool {
        let idle = |state: &mut State| !state.closing && state.end() <= seen;
        let waited = self.changed.wait_timeout_while(self.lock(), wait, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.closing
    }

    /// Waits for the time, or until it is closing or `until` holds.
    pub(crate) fn pause(&self, wait: Duration, until: &dyn Fn() -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), wait, |state| !state.closing && !until());
        waited.unwrap_or_else(PoisonError::into_inner).0.closing
    }

    /// Wakes all who wait, to look again.
    pub(crate) fn wake(&self) {
        drop(self.lock());
        self.changed.notify_all();
    }

    /// Takes no more batches.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }
}

impl State {
    fn end(&self) -> Position {
        match self.segments.back() {
            Some(last) => {
                Position { segment: last.number, offset: last.len_bytes, sample: self.writer.sample }
            }
            None => Position { sample: self.writer.sample, ..Position::default() },
        }
    }

    /// Forgets segments that nobody needs, or that are more than those who need them may lag.
    fn trim(&mut self, log: &Log) {
        for cursor in &mut self.cursors {
            let mut bytes = 0;
            for segment in self.segments.iter().rev().take_while(|s| s.number >= cursor.settled.segment) {
                bytes += segment.len_bytes;
                if bytes > cursor.lag_bytes_max
                    && Some(segment.number) != self.segments.back().map(|s| s.number)
                {
                    cursor.floor = cursor.floor.max(segment.number + 1);
                    break;
                }
            }
        }
        let needed = |cursor: &Cursor| cursor.settled.segment.max(cursor.floor);
        let Some(first) = self.cursors.iter().map(needed).min() else { return };
        while self.segments.len() > 1 && self.segments[0].number < first {
            // What cannot be removed now is seen at the next start.
            let _ = log.disk.remove_file(&files::segment(&log.options.folder, self.segments[0].number));
            self.segments.pop_front();
        }
    }
}
