//! The spool: segments in order of their making, the last one growing.
//!
//! Writing: a batch becomes frames, the frames go to the active segment's two files. A write that fails leaves them in
//! memory instead, and the segment ends soon, because each new segment tries the disk again.
//!
//! Damage: each value is told by the one before it, so a frame that is lost would cost the rest of its segment. Therefore
//! each segment lies on the disk twice (`mirror`), and a frame is lost only where both of its copies are damaged.

mod active;
mod files;
mod lanes;
mod load;
mod mirror;
mod open;
mod quarantine;
mod segment;
mod settle;
mod walk;

use crate::SpoolOptions;
use crate::stats::{
    BACKLOG_BYTES, DISK_FAILURES, MEMORY_BYTES, QUEUE_AGE, QUEUE_BYTES, QUEUE_SEGMENTS, SPOOLED_SAMPLES,
    Stats,
};
use active::{Active, Fresh};
use model::Batch;
use segment::Segment;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use stdx::disk::Disk;
use stdx::random::Random;
use stdx::telemetry::Counter;
use wire::protocols::native::{AgentId, Encoder};

pub(crate) use lanes::Lane;
pub(crate) use load::{Cargo, Load};

/// Memory that buffers keep between batches, in bytes: a batch is a few kilobytes, but the first of a stream, which names
/// everything, a hundred.
const BUFFER_BYTES_KEPT: usize = 8 << 10;

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
            self.append(&mut frames, progress.frames, now_ms);
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
        self.append(&mut frames, count, now_ms);
        frames.shrink_to(BUFFER_BYTES_KEPT);
        self.frames = frames;
        self.drop_over_limits();
        self.show(now_ms);
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

    /// Gives up the oldest segments while there is more than there may be.
    fn drop_over_limits(&mut self) {
        while self.segments.iter().map(Segment::disk_used_bytes).sum::<u64>() > self.options.disk_bytes_max {
            self.drop_first(Segment::has_file, &crate::stats::DROPPED_CAP);
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
            // The second copy first: one that outlived the first would be sent once more at the next start.
            files::COPIES
                .iter()
                .rev()
                .for_each(|path| self.remove(&path(&self.options.folder, segment.number)));
        }
    }

    /// Removes a file that need not be there.
    fn remove(&mut self, path: &Path) {
        match self.disk.remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => self.note_disk(&e),
            _ => {}
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
