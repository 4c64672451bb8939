//! One series in memory: encoded chunks, an open tail where new samples go, and at most one reopened run for what
//! comes late. No two of these overlap in time, and all are older than the tail.
//!
//! ```text
//! time ->   [chunk] [chunk]   [late, open]   [chunk] [chunk] [tail, open]
//! ```

use super::buffer::{Buffer, Put};
use super::chunk::{Chunk, TimesPool};
use super::tail::Tail;
use crate::MemoryUse;

/// Samples at which an open run is encoded.
const CHUNK_SAMPLES: usize = 256;
/// A chunk up to this long is reopened for a late sample just beyond its end.
const REOPEN_SAMPLES_MAX: usize = CHUNK_SAMPLES / 2;

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Newer than all before.
    New,
    /// New, but older than the newest.
    Late,
    /// It was there with the same bits.
    Duplicate,
    /// It replaced another value.
    Conflict,
}

impl From<Put> for Outcome {
    fn from(put: Put) -> Self {
        match put {
            Put::New => Self::Late,
            Put::Duplicate => Self::Duplicate,
            Put::Conflict => Self::Conflict,
        }
    }
}

/// A piece of a column for a reader, taken while nobody writes.
#[derive(Debug, Clone)]
pub(crate) enum Run {
    /// Encoded.
    Chunk(Chunk),
    /// A copy of open samples.
    Open(Buffer),
}

/// The samples of one series.
#[derive(Debug, Default)]
pub(crate) struct Column {
    chunks: Vec<Chunk>,
    late: Option<Box<Buffer>>,
    tail: Tail,
    /// The tail must be closed before a sample at or after this time.
    cut_ms: i64,
    /// On its way into a block; superseded by whatever else has the same time.
    frozen: Vec<Chunk>,
}

impl Column {
    /// Adds a sample.
    #[inline]
    pub(crate) fn insert(&mut self, time_ms: i64, value: f64, span_ms: i64, pool: &mut TimesPool) -> Outcome {
        match self.tail.last_ms() {
            Some(last) if time_ms > last => {
                if time_ms >= self.cut_ms || self.tail.len() >= CHUNK_SAMPLES {
                    self.close_tail(pool);
                    self.cut_ms = window_end(time_ms, span_ms);
                }
                self.tail.push(time_ms, value);
                Outcome::New
            }
            Some(_) if self.tail.first_ms().is_some_and(|first| time_ms >= first) => {
                self.tail.put(time_ms, value).into()
            }
            None if self.chunks.is_empty() && self.late.is_none() => {
                self.cut_ms = window_end(time_ms, span_ms);
                self.tail.push(time_ms, value);
                Outcome::New
            }
            _ => self.insert_late(time_ms, value, span_ms, pool),
        }
    }

    #[cold]
    fn insert_late(&mut self, time_ms: i64, value: f64, span_ms: i64, pool: &mut TimesPool) -> Outcome {
        if !self.late_covers(time_ms) {
            self.close_late(pool);
            self.open_late(time_ms, span_ms);
        }
        let late = self.late.get_or_insert_default();
        let put = late.put(time_ms, value);
        if late.len() > 2 * CHUNK_SAMPLES {
            let rest = late.split_off(CHUNK_SAMPLES);
            let first = std::mem::replace(&mut **late, rest);
            self.insert_chunk(Chunk::encode_buffer(&first, pool));
        }
        put.into()
    }

    /// Whether the open late run is where a sample of this time belongs: no chunk lies between.
    fn late_covers(&self, time_ms: i64) -> bool {
        let Some(late) = &self.late else { return false };
        let Some(first) = late.first_ms() else { return false };
        let next = self.chunks.partition_point(|c| c.last_ms < first);
        let after = next.checked_sub(1).map_or(i64::MIN, |before| self.chunks[before].last_ms);
        let before = self.chunks.get(next).map_or(i64::MAX, |c| c.first_ms);
        (next == 0 || after < time_ms) && (next == self.chunks.len() || time_ms < before)
    }

    /// Reopens the chunk that covers this time, or a short one just before it in the same window, or a new run.
    fn open_late(&mut self, time_ms: i64, span_ms: i64) {
        let next = self.chunks.partition_point(|c| c.last_ms < time_ms);
        let covering = self.chunks.get(next).filter(|c| c.first_ms <= time_ms).map(|_| next);
        let short = || {
            let before = next.checked_sub(1)?;
            let chunk = &self.chunks[before];
            let near = window_end(chunk.first_ms, span_ms) == window_end(time_ms, span_ms);
            (near && chunk.len() <= REOPEN_SAMPLES_MAX).then_some(before)
        };
        let run = match covering.or_else(short) {
            Some(at) => self.chunks.remove(at).decode(),
            None => Buffer::default(),
        };
        self.late = Some(Box::new(run));
    }

    fn close_late(&mut self, pool: &mut TimesPool) {
        if let Some(late) = self.late.take()
            && !late.is_empty()
        {
            self.insert_chunk(Chunk::encode_buffer(&late, pool));
        }
    }

    fn close_tail(&mut self, pool: &mut TimesPool) {
        if !self.tail.is_empty() {
            let chunk = pool.with_scratch(|times_ms, pool| {
                self.tail.times(0..self.tail.len(), times_ms);
                Chunk::encode(times_ms, self.tail.values(), pool)
            });
            self.insert_chunk(chunk);
            self.tail.clear();
        }
    }

    fn insert_chunk(&mut self, chunk: Chunk) {
        let at = self.chunks.partition_point(|c| c.first_ms < chunk.first_ms);
        self.chunks.insert(at, chunk);
    }

    /// Moves samples older than `boundary_ms` to the frozen part.
    pub(crate) fn freeze(&mut self, boundary_ms: i64, pool: &mut TimesPool) {
        self.close_late(pool);
        if self.tail.first_ms().is_some_and(|first| first < boundary_ms) {
            let rest = self.tail.split_off(self.tail.count_before(boundary_ms));
            self.close_tail(pool);
            self.tail = rest;
        }
        let whole = self.chunks.partition_point(|c| c.last_ms < boundary_ms);
        self.frozen.extend(self.chunks.drain(..whole));
        if self.chunks.first().is_some_and(|c| c.first_ms < boundary_ms) {
            let mut older = self.chunks.remove(0).decode();
            let newer = older.split_off(older.count_before(boundary_ms));
            self.frozen.push(Chunk::encode_buffer(&older, pool));
            self.insert_chunk(Chunk::encode_buffer(&newer, pool));
        }
        if self.is_live_empty() {
            self.tail = Tail::default(); // gives its memory back
        }
        self.frozen.shrink_to_fit();
        self.chunks.shrink_to_fit();
    }

    /// Chunks on their way into a block.
    pub(crate) fn frozen(&self) -> &[Chunk] {
        &self.frozen
    }

    /// Forgets the frozen part; returns how many samples it had.
    pub(crate) fn drop_frozen(&mut self) -> u64 {
        std::mem::take(&mut self.frozen).iter().map(|c| c.len() as u64).sum()
    }

    fn is_live_empty(&self) -> bool {
        self.chunks.is_empty() && self.tail.is_empty() && self.late.is_none()
    }

    /// Whether there is no sample at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_live_empty() && self.frozen.is_empty()
    }

    /// Oldest sample outside the frozen part.
    pub(crate) fn oldest_ms(&self) -> Option<i64> {
        let chunk = self.chunks.first().map(|c| c.first_ms);
        let late = self.late.as_ref().and_then(|l| l.first_ms());
        [chunk, late, self.tail.first_ms()].into_iter().flatten().min()
    }

    /// Whether any sample may be in `start_ms..end_ms`.
    pub(crate) fn touches(&self, start_ms: i64, end_ms: i64) -> bool {
        let meets = |first: i64, last: i64| first < end_ms && start_ms <= last;
        let late = |late: &Buffer| late.count_before(end_ms) > late.count_before(start_ms);
        self.tail.count_before(end_ms) > self.tail.count_before(start_ms)
            || self.late.as_deref().is_some_and(late)
            || self.chunks.iter().chain(&self.frozen).any(|c| meets(c.first_ms, c.last_ms))
    }

    /// What of the column is in `start_ms..end_ms`, by order of time: first the frozen part, then the live one.
    pub(crate) fn runs(&self, start_ms: i64, end_ms: i64) -> (Vec<Run>, Vec<Run>) {
        let chunk = |c: &&Chunk| c.first_ms < end_ms && start_ms <= c.last_ms;
        let frozen = self.frozen.iter().filter(chunk).cloned().map(Run::Chunk).collect();
        let mut live: Vec<Run> = self.chunks.iter().filter(chunk).cloned().map(Run::Chunk).collect();
        if let Some(late) = self.late.as_deref() {
            let (from, to) = (late.count_before(start_ms), late.count_before(end_ms));
            if from < to {
                let (times_ms, values) = (late.times_ms[from..to].to_vec(), late.values[from..to].to_vec());
                live.push(Run::Open(Buffer { times_ms, values }));
            }
        }
        let (from, to) = (self.tail.count_before(start_ms), self.tail.count_before(end_ms));
        if from < to {
            live.push(Run::Open(self.tail.copy(from..to)));
        }
        (frozen, live)
    }

    /// The newest sample when it is in the tail, where it nearly always is.
    pub(crate) fn newest_in_tail(&self, start_ms: i64, end_ms: i64) -> Option<(i64, f64)> {
        let at = self.tail.count_before(end_ms).checked_sub(1)?;
        let time_ms = self.tail.time_ms(at);
        let is_newest = self.frozen.last().is_none_or(|chunk| chunk.last_ms <= time_ms);
        (time_ms >= start_ms && is_newest).then(|| (time_ms, self.tail.values()[at]))
    }

    /// Adds what is kept outside of the column itself.
    pub(crate) fn count_bytes(&self, memory: &mut MemoryUse) {
        memory.chunks += self.chunks.iter().chain(&self.frozen).map(Chunk::len_bytes).sum::<usize>();
        memory.tails += self.tail.len_bytes() + self.late.as_ref().map_or(0, |l| l.len_bytes());
    }

    pub(crate) fn len_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().chain(&self.frozen).map(Chunk::len_bytes).sum();
        let late = self.late.as_ref().map_or(0, |l| l.len_bytes());
        size_of::<Self>() + chunks + late + self.tail.len_bytes()
    }
}

/// Start of the window after the one that holds `time_ms`.
fn window_end(time_ms: i64, span_ms: i64) -> i64 {
    time_ms.div_euclid(span_ms).saturating_add(1).saturating_mul(span_ms)
}
