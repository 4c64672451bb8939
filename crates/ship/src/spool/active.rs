//! The segment that grows: its two files, and its last bytes in memory.

use super::mirror::{self, MIRROR, PRIMARY};
use super::segment::Segment;
use super::{Spool, files};
use crate::stats::{SPOOLED_BYTES, SPOOLED_FRAMES};
use std::io;
use stdx::disk::Append;
use wire::protocols::native::Header;

/// Size at which a segment that is in memory ends, in bytes.
const MEMORY_SEGMENT_BYTES_MAX: usize = 128 << 10;
/// Age at which a segment that is in memory ends and the disk is tried again, in milliseconds.
const MEMORY_SEGMENT_AGE_MS_MAX: i64 = 30_000;
/// Most bytes kept in memory besides the disk, so that sending what was just written reads nothing.
const FRESH_BYTES_MAX: usize = 16 << 10;
/// Memory kept for them when there are none, in bytes: as much as a usual batch.
const FRESH_BYTES_KEPT: usize = 4 << 10;

/// The segment being written; it is the last of the queue.
pub(super) struct Active {
    /// `None` once a write failed.
    file: Option<Box<dyn Append>>,
    /// The second copy; `None` once a write to either failed.
    mirror: Option<Box<dyn Append>>,
    opened_ms: i64,
    failed_ms: Option<i64>,
}

/// Frames of the active segment that are on disk and in memory too: its last bytes, from `offset` on.
#[derive(Default)]
pub(super) struct Fresh {
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

impl Spool {
    /// Whether the active segment is large or old enough to end.
    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        let (Some(active), Some(segment)) = (&self.active, self.segments.back()) else { return false };
        let aged = |since_ms: i64, max_ms| now_ms.saturating_sub(since_ms) >= max_ms;
        match active.failed_ms {
            Some(failed_ms) => {
                segment.memory.len() >= MEMORY_SEGMENT_BYTES_MAX || aged(failed_ms, MEMORY_SEGMENT_AGE_MS_MAX)
            }
            None => {
                segment.len_bytes() >= self.options.segment_bytes_max
                    || aged(active.opened_ms, self.options.segment_age_ms_max)
            }
        }
    }

    /// Makes an active segment when there is none.
    pub(super) fn start_segment(&mut self, now_ms: i64) {
        if self.active.is_some() {
            return;
        }
        self.number_last = (self.number_last + 1).max(now_ms.max(0) as u64);
        let host = self.options.host.clone();
        let header = Header { agent: self.agent, stream: self.random.next_u64(), first: 0, host: &host };
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        let mut segment = Segment::new(self.number_last, &header, bytes.len() as u64);
        let file = self.create(segment.number, &bytes).map_err(|e| self.note_disk(&e)).ok();
        let failed_ms = file.is_none().then_some(now_ms);
        let mut mirror = None;
        match file {
            Some(_) => {
                segment.copies[PRIMARY] = bytes.len() as u64;
                self.stats.disk_error.clear();
                mirror = self.create_mirror(segment.number, &bytes).map_err(|e| self.note_disk(&e)).ok();
                segment.copies[MIRROR] = mirror.as_ref().map_or(0, |_| bytes.len() as u64);
            }
            None => segment.memory = bytes,
        }
        self.fresh.offset = segment.len_bytes();
        self.segments.push_back(segment);
        self.active = Some(Active { file, mirror, opened_ms: now_ms, failed_ms });
    }

    fn create(&self, number: u64, header: &[u8]) -> io::Result<Box<dyn Append>> {
        self.disk.create_dir_all(&self.options.folder)?;
        let path = files::segment(&self.options.folder, number);
        let mut file = self.disk.create(&path)?;
        let written = file.write_all(header).and_then(|()| {
            if self.options.sync {
                file.sync()?;
                self.disk.sync_dir(&self.options.folder)?;
            }
            Ok(())
        });
        if written.is_err() {
            // Half a header is worth nothing; that it may stay is seen at the next start.
            let _ = self.disk.remove_file(&path);
        }
        written.map(|()| file)
    }

    fn create_mirror(&self, number: u64, header: &[u8]) -> io::Result<Box<dyn Append>> {
        let path = files::mirror(&self.options.folder, number);
        let mut file = self.disk.create(&path)?;
        let written = file.write_all(&mirror::start(header));
        if written.is_err() {
            let _ = self.disk.remove_file(&path);
        }
        written.map(|()| file)
    }

    /// Adds frames to the active segment; they are not to be used again.
    pub(super) fn append(&mut self, bytes: &mut [u8], frames: u64, now_ms: i64) {
        let (Some(active), Some(segment)) = (&mut self.active, self.segments.back_mut()) else { return };
        if segment.is_done() {
            segment.pending_since_ms = now_ms;
        }
        segment.frames += frames;
        let written = active.file.as_mut().map(|file| write(file.as_mut(), bytes, self.options.sync));
        match written {
            Some(Ok(())) => {
                segment.copies[PRIMARY] += bytes.len() as u64;
                self.fresh.append(bytes, segment.copies[PRIMARY]);
                let failure = active.append_mirror(bytes, segment);
                failure.iter().for_each(|e| self.note_disk(e));
            }
            Some(Err(e)) => {
                // What was written of it is cut off if that is possible; if not, its checksum gives it away later.
                let _ = active.file.as_mut().map(|file| file.truncate(segment.copies[PRIMARY]));
                active.file = None;
                active.mirror = None;
                active.failed_ms = Some(now_ms);
                segment.memory.extend_from_slice(bytes);
                self.note_disk(&e);
            }
            None => segment.memory.extend_from_slice(bytes),
        }
        SPOOLED_FRAMES.add(frames);
        SPOOLED_BYTES.add(bytes.len() as u64);
    }
}

impl Active {
    /// Writes what the first copy has taken to the second, turning it in place, and ends that one when it fails: the first is as good as
    /// before. It is never synced: after a power failure the first one is whole, which is when only one is needed.
    fn append_mirror(&mut self, bytes: &mut [u8], segment: &mut Segment) -> Option<io::Error> {
        let mirror = self.mirror.as_mut()?;
        mirror::turn(bytes, segment.copies[MIRROR]);
        let failure = mirror.write_all(bytes).err();
        if failure.is_some() {
            self.mirror = None;
        } else {
            segment.copies[MIRROR] += bytes.len() as u64;
        }
        failure
    }
}

impl Fresh {
    /// Remembers `bytes`, which end where the file ends now, at `end`.
    fn append(&mut self, bytes: &[u8], end: u64) {
        if self.bytes.len() + bytes.len() > FRESH_BYTES_MAX {
            self.bytes.clear();
            self.offset = end;
        }
        if bytes.len() <= FRESH_BYTES_MAX {
            if self.bytes.is_empty() {
                self.offset = end - bytes.len() as u64;
            }
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Forgets what lies before `offset`, when that is all of it.
    pub(super) fn forget_before(&mut self, offset: u64) {
        if offset >= self.offset + self.bytes.len() as u64 {
            self.offset = offset;
            self.bytes.clear();
            self.bytes.shrink_to(FRESH_BYTES_KEPT);
        }
    }
}

fn write(file: &mut dyn Append, bytes: &[u8], sync: bool) -> io::Result<()> {
    file.write_all(bytes)?;
    if sync { file.sync() } else { Ok(()) }
}
