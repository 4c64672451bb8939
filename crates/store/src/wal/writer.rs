//! Appends records to the newest segment and starts new ones.

use super::Position;
use super::segment::{HEADER_BYTES, header};
use super::syncer::Syncer;
use crate::names;
use crate::stats::Counters;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::disk::{Append, Disk};

/// Bytes of log after which values start over, which bounds what one damaged record can cost.
const FRESH_EVERY_BYTES: u64 = 512 << 10;

/// A segment that is still needed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) len_bytes: u64,
    /// Newest sample in it; `i64::MIN` when there is none.
    pub(crate) newest_ms: i64,
}

/// Why a record was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Not now; the log is as it was before.
    Refused(io::Error),
    /// The log's end is in an unknown state; it must not be written any more.
    Broken(io::Error),
}

/// The segment written now.
struct Current {
    file: Box<dyn Append>,
    started_ms: i64,
}

/// The end of the log.
pub(crate) struct Writer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    counters: Arc<Counters>,
    syncer: Arc<Syncer>,
    segment_bytes: u64,
    segment_age_ms: i64,
    current: Option<Current>,
    /// All segments that exist, oldest first; the last is written when `current` is there.
    segments: Vec<Segment>,
    next_number: u64,
    /// Values start over with the record that finds this at 0.
    bytes_until_fresh: u64,
    /// Grows with every segment and after every failure: labels are written again then.
    definition_epoch: u32,
    /// Grows whenever a record must be fresh.
    value_epoch: u32,
}

impl Writer {
    /// A writer behind the segments found; the first record starts a new one.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        dir: &Path,
        counters: Arc<Counters>,
        segments: Vec<Segment>,
        next_number: u64,
        (segment_bytes, segment_age_ms): (u64, i64),
    ) -> Self {
        let syncer = Arc::new(Syncer::new(Arc::clone(&disk), &dir.join(names::LOG), Arc::clone(&counters)));
        Self {
            disk,
            dir: dir.to_owned(),
            counters,
            syncer,
            segment_bytes,
            segment_age_ms,
            current: None,
            segments,
            next_number,
            bytes_until_fresh: 0,
            definition_epoch: 1,
            value_epoch: 1,
        }
    }

    pub(crate) fn syncer(&self) -> Arc<Syncer> {
        Arc::clone(&self.syncer)
    }

    /// Labels written under another number are not in this segment.
    pub(crate) fn definition_epoch(&self) -> u32 {
        self.definition_epoch
    }

    /// Values written under another number must not be referred to.
    pub(crate) fn value_epoch(&self) -> u32 {
        self.value_epoch
    }

    /// Where the next record goes.
    pub(crate) fn position(&self) -> Position {
        match (&self.current, self.segments.last()) {
            (Some(_), Some(last)) => Position { segment: last.number, offset: last.len_bytes },
            _ => Position { segment: self.next_number, offset: 0 },
        }
    }

    /// Bytes of all segments.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.segments.iter().map(|s| s.len_bytes).sum()
    }

    /// Makes sure that there is a segment with room; to be called before a record is made. True when the record must
    /// be fresh.
    pub(crate) fn prepare(&mut self, now_ms: i64) -> Result<bool, WriteError> {
        let full = match (&self.current, self.segments.last()) {
            (Some(current), Some(last)) => {
                last.len_bytes >= self.segment_bytes
                    || now_ms.saturating_sub(current.started_ms) >= self.segment_age_ms
            }
            _ => true,
        };
        if full {
            self.start_segment(now_ms).map_err(WriteError::Refused)?;
        }
        if self.bytes_until_fresh == 0 {
            self.bytes_until_fresh = FRESH_EVERY_BYTES;
            self.value_epoch += 1;
        }
        Ok(self.bytes_until_fresh == FRESH_EVERY_BYTES)
    }

    fn start_segment(&mut self, now_ms: i64) -> io::Result<()> {
        let number = self.next_number;
        // A name is used once, even if what follows fails half way.
        self.next_number += 1;
        let path = names::segment(&self.dir, number);
        let mut file = self.disk.create(&path)?;
        let made = file.write_all(&header(number)).and_then(|()| self.disk.append(&path));
        let second = made.inspect_err(|_| {
            let _ = self.disk.remove_file(&path); // an empty segment does no harm if this fails too
        })?;
        self.syncer.add(second);
        self.current = Some(Current { file, started_ms: now_ms });
        self.segments.push(Segment { number, len_bytes: HEADER_BYTES as u64, newest_ms: i64::MIN });
        self.definition_epoch += 1;
        self.bytes_until_fresh = 0;
        Ok(())
    }

    /// Appends a record, whose newest sample is of `newest_ms`. After `Ok` it survives the death of this process; the
    /// number given is what [`Syncer::sync_to`] takes.
    pub(crate) fn append(&mut self, record: &[u8], newest_ms: i64) -> Result<u64, WriteError> {
        let (Some(current), Some(segment)) = (&mut self.current, self.segments.last_mut()) else {
            return Err(WriteError::Refused(io::Error::other("no segment is open")));
        };
        if let Err(error) = current.file.write_all(record) {
            self.definition_epoch += 1;
            self.bytes_until_fresh = 0;
            let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            return Err(match current.file.truncate(segment.len_bytes) {
                Ok(()) if full => WriteError::Refused(error),
                _ => WriteError::Broken(error),
            });
        }
        segment.len_bytes += record.len() as u64;
        segment.newest_ms = segment.newest_ms.max(newest_ms);
        self.bytes_until_fresh = self.bytes_until_fresh.saturating_sub(record.len() as u64);
        self.counters.log_bytes.add(record.len() as u64);
        Ok(self.syncer.wrote())
    }

    /// The next record builds on nothing before it.
    pub(crate) fn start_over(&mut self) {
        self.bytes_until_fresh = 0;
    }

    /// Removes segments that lie wholly before `covered` and have no sample at or after `boundary_ms`.
    pub(crate) fn forget(&mut self, covered: Position, boundary_ms: i64) -> io::Result<()> {
        while let Some(oldest) = self.segments.first().copied() {
            if oldest.number >= covered.segment || oldest.newest_ms >= boundary_ms {
                break;
            }
            match self.disk.remove_file(&names::segment(&self.dir, oldest.number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.segments.remove(0),
            };
        }
        Ok(())
    }
}
