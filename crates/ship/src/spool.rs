//! The spool: segments in order of their making, the last one growing.
//!
//! Writing: a batch becomes frames, the frames go to the active segment's file. A write that fails leaves them in
//! memory instead, and the segment ends soon, because each new segment tries the disk again.
//!
//! Damage: each value is told by the one before it, so a frame that cannot be read costs the rest of its segment. That is
//! at most `segment_bytes_max` and is counted.

mod files;
mod lanes;
mod load;
mod open;
mod quarantine;
mod segment;
mod settle;

use crate::SpoolOptions;
use crate::stats::{
    BACKLOG_BYTES, DISK_FAILURES, MEMORY_BYTES, QUEUE_AGE, QUEUE_BYTES, QUEUE_SEGMENTS, SPOOLED_BYTES,
    SPOOLED_FRAMES, SPOOLED_SAMPLES, Stats,
};
use model::Batch;
use segment::Segment;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use stdx::disk::{Append, Disk};
use stdx::random::Random;
use stdx::telemetry::Counter;
use wire::protocols::native::{AgentId, Encoder, Header};

pub(crate) use lanes::Lane;
pub(crate) use load::{Cargo, Load};

/// Size at which a segment that is in memory ends, in bytes.
const MEMORY_SEGMENT_BYTES_MAX: usize = 128 << 10;
/// Age at which a segment that is in memory ends and the disk is tried again, in milliseconds.
const MEMORY_SEGMENT_AGE_MS_MAX: i64 = 30_000;
/// Most bytes kept in memory besides the disk, so that sending what was just written reads nothing.
const FRESH_BYTES_MAX: usize = 16 << 10;
/// Memory kept for them when there are none, in bytes: as much as a usual batch.
const FRESH_BYTES_KEPT: usize = 4 << 10;
/// Memory that buffers keep between batches, in bytes: a batch is a few kilobytes, but the first of a stream, which names
/// everything, a hundred.
const BUFFER_BYTES_KEPT: usize = 8 << 10;

/// The segment being written; it is the last of the queue.
struct Active {
    /// `None` once a write failed.
    file: Option<Box<dyn Append>>,
    opened_ms: i64,
    failed_ms: Option<i64>,
}

/// Frames of the active segment that are on disk and in memory too: its last bytes, from `offset` on.
#[derive(Default)]
struct Fresh {
    offset: u64,
    bytes: Vec<u8>,
}

/// See the module's text.
pub(crate) struct Spool {
    options: SpoolOptions,
    disk: Arc<dyn Disk>,
    random: Random,
    agent: AgentId,
    segments: VecDeque<Segment>,
    active: Option<Active>,
    number_last: u64,
    /// Segments from this number on are the fresh lane.
    fresh_from: u64,
    encoder: Encoder,
    frames: Vec<u8>,
    fresh: Fresh,
    stats: Stats,
}

impl Spool {
    /// Takes the rows of a batch. It cannot fail: what the disk refuses stays in memory, as far as that may grow.
    pub(crate) fn push(&mut self, batch: &Batch, now_ms: i64) {
        let mut row = 0;
        while row < batch.len() {
            if self.is_due(now_ms) {
                self.seal();
            }
            self.start_segment(now_ms);
            let mut frames = std::mem::take(&mut self.frames);
            frames.clear();
            let progress = self.encoder.encode(batch, row, &mut frames);
            self.append(&frames, progress.frames, now_ms);
            frames.shrink_to(BUFFER_BYTES_KEPT);
            self.frames = frames;
            row = progress.rows;
            if row < batch.len() {
                self.seal();
            }
        }
        self.stats.spooled_samples += batch.len() as u64;
        SPOOLED_SAMPLES.add(batch.len() as u64);
        self.drop_over_limits();
        self.show(now_ms);
    }

    /// Takes frames that need no dictionary, as events are: `write` appends them and says how many.
    pub(crate) fn push_apart(&mut self, now_ms: i64, write: impl FnOnce(&mut Vec<u8>) -> u64) {
        if self.is_due(now_ms) {
            self.seal();
        }
        self.start_segment(now_ms);
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let count = write(&mut frames);
        self.append(&frames, count, now_ms);
        frames.shrink_to(BUFFER_BYTES_KEPT);
        self.frames = frames;
        self.drop_over_limits();
        self.show(now_ms);
    }

    /// Whether the active segment is large or old enough to end.
    fn is_due(&self, now_ms: i64) -> bool {
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

    /// Ends the active segment; the next frames start a stream of their own.
    fn seal(&mut self) {
        self.end_stream();
        self.trim();
    }

    fn end_stream(&mut self) {
        self.active = None;
        self.encoder.clear();
        self.fresh = Fresh::default();
    }

    /// Whether the segment at this place is the active one.
    fn is_active(&self, at: usize) -> bool {
        self.active.is_some() && at + 1 == self.segments.len()
    }

    /// Takes a segment out of the queue.
    fn take_out(&mut self, at: usize) -> Option<Segment> {
        if self.is_active(at) {
            self.end_stream();
        }
        self.segments.remove(at)
    }

    /// Makes an active segment when there is none.
    fn start_segment(&mut self, now_ms: i64) {
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
        match file {
            Some(_) => {
                segment.disk_bytes = bytes.len() as u64;
                self.stats.disk_error.clear();
            }
            None => segment.memory = bytes,
        }
        self.fresh.offset = segment.len_bytes();
        self.segments.push_back(segment);
        self.active = Some(Active { file, opened_ms: now_ms, failed_ms });
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

    /// Adds frames to the active segment.
    fn append(&mut self, bytes: &[u8], frames: u64, now_ms: i64) {
        let (Some(active), Some(segment)) = (&mut self.active, self.segments.back_mut()) else { return };
        if segment.is_done() {
            segment.pending_since_ms = now_ms;
        }
        segment.frames += frames;
        let written = active.file.as_mut().map(|file| write(file.as_mut(), bytes, self.options.sync));
        match written {
            Some(Ok(())) => {
                segment.disk_bytes += bytes.len() as u64;
                self.fresh.append(bytes, segment.disk_bytes);
            }
            Some(Err(e)) => {
                // What was written of it is cut off if that is possible; if not, its checksum gives it away later.
                let _ = active.file.as_mut().map(|file| file.truncate(segment.disk_bytes));
                active.file = None;
                active.failed_ms = Some(now_ms);
                segment.memory.extend_from_slice(bytes);
                self.note_disk(&e);
            }
            None => segment.memory.extend_from_slice(bytes),
        }
        SPOOLED_FRAMES.add(frames);
        SPOOLED_BYTES.add(bytes.len() as u64);
    }

    /// Gives up the oldest segments while there is more than there may be.
    fn drop_over_limits(&mut self) {
        let disk_bytes = |s: &Segment| s.disk_bytes;
        while self.segments.iter().map(disk_bytes).sum::<u64>() > self.options.disk_bytes_max {
            self.drop_first(|s| s.disk_bytes > 0, &crate::stats::DROPPED_CAP);
        }
        while self.memory_bytes() > self.options.memory_bytes_max {
            self.drop_first(|s| !s.memory.is_empty(), &crate::stats::DROPPED_MEMORY);
        }
    }

    fn drop_first(&mut self, which: impl Fn(&Segment) -> bool, counter: &Counter) {
        let Some(at) = self.segments.iter().position(which) else { return };
        if let Some(segment) = self.take_out(at) {
            self.count_dropped(segment.pending_bytes(), counter);
            self.remove_file(&segment);
        }
    }

    fn count_dropped(&mut self, bytes: u64, counter: &Counter) {
        counter.add(bytes);
        self.stats.dropped_bytes += bytes;
    }

    fn remove_file(&mut self, segment: &Segment) {
        if segment.has_file() {
            let path = files::segment(&self.options.folder, segment.number);
            match self.disk.remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => self.note_disk(&e),
                _ => {}
            }
        }
    }

    fn note_disk(&mut self, error: &io::Error) {
        DISK_FAILURES.add(1);
        self.stats.disk_error = error.to_string();
    }

    fn memory_bytes(&self) -> usize {
        self.segments.iter().map(|s| s.memory.len()).sum()
    }

    /// Whether nothing waits for a server.
    pub(crate) fn is_done(&self) -> bool {
        self.segments.iter().all(Segment::is_done)
    }

    /// How it stands.
    pub(crate) fn stats(&self, now_ms: i64) -> Stats {
        let oldest = self.segments.iter().find(|s| !s.is_done());
        let age_ms = |s: &Segment| now_ms.saturating_sub(s.pending_since_ms).max(0);
        Stats {
            queue_bytes: self.segments.iter().map(Segment::pending_bytes).sum(),
            backlog_bytes: self.backlog_bytes(),
            queue_segments: self.segments.len(),
            queue_age_ms: oldest.map_or(0, age_ms),
            memory_bytes: self.memory_bytes(),
            ..self.stats.clone()
        }
    }

    /// Publishes how it stands.
    fn show(&self, now_ms: i64) {
        let stats = self.stats(now_ms);
        QUEUE_BYTES.set(stats.queue_bytes as f64);
        BACKLOG_BYTES.set(stats.backlog_bytes as f64);
        QUEUE_SEGMENTS.set(stats.queue_segments as f64);
        QUEUE_AGE.set(stats.queue_age_ms as f64 / 1000.0);
        MEMORY_BYTES.set(stats.memory_bytes as f64);
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
    fn forget_before(&mut self, offset: u64) {
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
