//! A log of one partition in files: segments, written one after the other, named after the first offset in them.

mod reading;

use super::recent::Recent;
use super::segment::{self, HEADER_BYTES, PAYLOAD_BYTES_MAX, VERSION};
use super::syncer::Syncer;
use super::{AppendError, BatchId, Log, LogHealth, Offset, Visit};
use crate::options::Tell;
use crate::stats::Counters;
use crate::{Error, Options, names};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stdx::clock::Clock;
use stdx::disk::{Append, Disk};

/// A segment that is still needed.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Offset of its first record.
    first: Offset,
    len_bytes: u64,
}

/// Log segments in a folder of their own.
pub(crate) struct LocalLog {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    tell: Tell,
    segment_bytes: u64,
    syncer: Syncer,
    end: Mutex<End>,
}

/// Where records are added.
#[derive(Default)]
struct End {
    /// The newest segment, when it is open for writing.
    file: Option<Box<dyn Append>>,
    /// Oldest first.
    segments: Vec<Segment>,
    next: Offset,
    recent: Recent,
    /// Of the record before in the same segment.
    producer: Option<u128>,
    record: Vec<u8>,
    is_full: bool,
    is_broken: bool,
}

impl LocalLog {
    /// Opens the log in the store's folder; the next record is at `floor` or after. An unfinished record at the very end
    /// is cut off and told.
    pub(crate) fn open(options: &Options, counters: Arc<Counters>, floor: Offset) -> Result<Self, Error> {
        let folder = options.dir.join(names::LOG);
        options.disk.create_dir_all(&folder)?;
        options.disk.sync_dir(&options.dir)?;
        let log = Self {
            disk: Arc::clone(&options.disk),
            clock: Arc::clone(&options.clock),
            tell: Arc::clone(&options.tell),
            segment_bytes: options.segment_bytes,
            syncer: Syncer::new(Arc::clone(&options.disk), &folder, Arc::clone(&counters)),
            end: Mutex::default(),
            folder,
            counters,
        };
        log.find_end(floor)?;
        Ok(log)
    }

    fn path(&self, first: Offset) -> PathBuf {
        self.folder.join(names::segment_name(first))
    }

    // Whoever panicked held the end for less than a record; what it left is looked after by `is_broken`.
    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a segment that begins with the next record.
    fn start_segment(&self, end: &mut End) -> io::Result<()> {
        end.file = None;
        end.producer = None;
        let path = self.path(end.next);
        // A start that failed half way may have left a file of this name; no record was ever in it.
        match self.disk.remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = self.disk.create(&path)?;
        let made = file.write_all(&segment::header(VERSION, end.next)).and_then(|()| self.disk.append(&path));
        let second = made.inspect_err(|_| {
            let _ = self.disk.remove_file(&path); // the next start removes it
        })?;
        self.syncer.add(second);
        end.file = Some(file);
        end.segments.push(Segment { first: end.next, len_bytes: HEADER_BYTES as u64 });
        Ok(())
    }

    /// Makes sure that there is a segment with room.
    fn make_room(&self, end: &mut End) -> Result<(), AppendError> {
        let has_room = end.segments.last().is_some_and(|last| last.len_bytes < self.segment_bytes);
        if end.file.is_some() && has_room {
            return Ok(());
        }
        self.start_segment(end).map_err(|error| {
            end.is_full = true;
            AppendError::Full(error)
        })
    }

    fn write(&self, end: &mut End) -> Result<(), AppendError> {
        let (Some(file), Some(segment)) = (&mut end.file, end.segments.last_mut()) else {
            return Err(AppendError::Broken(io::Error::other("no segment of the log is open")));
        };
        let Err(error) = file.write_all(&end.record) else {
            segment.len_bytes += end.record.len() as u64;
            return Ok(());
        };
        end.producer = None;
        let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if is_full && file.truncate(segment.len_bytes).is_ok() {
            end.is_full = true;
            return Err(AppendError::Full(error));
        }
        end.is_broken = true;
        Err(AppendError::Broken(error))
    }
}

impl Log for LocalLog {
    fn append(&self, _partition: u32, id: BatchId, body: &[u8]) -> Result<Offset, AppendError> {
        let mut end = self.end();
        let end = &mut *end;
        if end.is_broken {
            return Err(AppendError::Broken(io::Error::other("an earlier write to the log failed")));
        }
        if let Some(offset) = end.recent.find(id) {
            return Ok(offset);
        }
        let bytes_max = PAYLOAD_BYTES_MAX - segment::PREFIX_BYTES_MAX;
        if body.len() > bytes_max {
            return Err(AppendError::TooLarge { len_bytes: body.len(), bytes_max });
        }
        self.make_room(end)?;
        let producer = (end.producer != Some(id.producer)).then_some(id.producer);
        segment::frame(&mut end.record, end.next, self.clock.now_ms(), producer, id.n, body);
        self.write(end)?;
        let offset = end.next;
        end.producer = Some(id.producer);
        end.recent.add(id, offset);
        end.is_full = false;
        end.next += 1;
        self.syncer.wrote(end.next);
        self.counters.log_bytes.add(end.record.len() as u64);
        Ok(offset)
    }

    fn sync(&self, _partition: u32, before: Offset) -> io::Result<()> {
        self.syncer.sync_to(before)
    }

    fn bounds(&self, _partition: u32) -> io::Result<Range<Offset>> {
        let end = self.end();
        Ok(end.segments.first().map_or(end.next, |oldest| oldest.first)..end.next)
    }

    fn read(&self, _partition: u32, from: Offset, visit: &mut Visit<'_>) -> io::Result<Offset> {
        self.read_from(from, visit)
    }

    fn trim(&self, _partition: u32, below: Offset) -> io::Result<()> {
        let mut end = self.end();
        while let Some(oldest) = end.segments.first().copied() {
            if end.segments.get(1).map_or(end.next, |second| second.first) > below {
                break;
            }
            match self.disk.remove_file(&self.path(oldest.first)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => end.segments.remove(0),
            };
            if end.segments.is_empty() {
                end.file = None; // the next record starts a new one
            }
        }
        Ok(())
    }

    fn health(&self) -> LogHealth {
        let end = self.end();
        LogHealth { len_bytes: end.segments.iter().map(|s| s.len_bytes).sum(), is_full: end.is_full }
    }
}

#[cfg(test)]
mod tests;
