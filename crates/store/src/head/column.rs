//! One series in memory: encoded chunks, an open tail where new samples go, and at most one reopened run for what
//! comes late. No two of these overlap in time, and all are older than the tail.
//!
//! ```text
//! time ->   [chunk] [chunk]   [late, open]   [chunk] [chunk] [tail, open]
//! ```

use super::buffer::{Buffer, Put};
use super::chunk::{Chunk, TimesPool};
use super::pages::Pages;
use super::tail::Tail;
use super::windows::Windows;
use crate::MemoryUse;
use crate::codec::CHUNK_SAMPLES_MAX;

/// Samples at which an open run is encoded; a tail also at multiples of it.
const CHUNK_SAMPLES: usize = 256;
/// A tail whose values take fewer bytes goes on: its series hardly changes.
const TAIL_BYTES_MIN: usize = 64;
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

/// What the columns of a head share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) pages: Pages,
    pub(crate) pool: TimesPool,
    pub(crate) windows: Windows,
}

/// The samples of one series.
#[derive(Debug, Default)]
pub(crate) struct Column {
    tail: Tail,
    rest: Option<Box<Rest>>,
}

/// What is older than the tail.
#[derive(Debug, Default)]
struct Rest {
    chunks: Vec<Chunk>,
    late: Option<Box<Buffer>>,
    /// On its way into a block; superseded by whatever else has the same time.
    frozen: Vec<Chunk>,
}

impl Rest {
    fn is_live_empty(&self) -> bool {
        self.chunks.is_empty() && self.late.is_none()
    }

    fn insert(&mut self, time_ms: i64, value: f64, shared: &mut Shared) -> Outcome {
        if !self.late_covers(time_ms) {
            self.close_late(&mut shared.pool);
            self.open_late(time_ms, &shared.windows);
        }
        let late = self.late.get_or_insert_default();
        let put = late.put(time_ms, value);
        if late.len() > 2 * CHUNK_SAMPLES {
            let rest = late.split_off(CHUNK_SAMPLES);
            let first = std::mem::replace(&mut **late, rest);
            self.insert_chunk(Chunk::encode_buffer(&first, &mut shared.pool));
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
    fn open_late(&mut self, time_ms: i64, windows: &Windows) {
        let next = self.chunks.partition_point(|c| c.last_ms < time_ms);
        let covering = self.chunks.get(next).filter(|c| c.first_ms <= time_ms).map(|_| next);
        let short = || {
            let before = next.checked_sub(1)?;
            let chunk = &self.chunks[before];
            let near = windows.same(chunk.first_ms, time_ms);
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

    fn insert_chunk(&mut self, chunk: Chunk) {
        let at = self.chunks.partition_point(|c| c.first_ms < chunk.first_ms);
        self.chunks.reserve_exact(1); // there are few, and very many columns
        self.chunks.insert(at, chunk);
    }

    /// Moves samples older than `boundary_ms` to the frozen part.
    fn freeze(&mut self, boundary_ms: i64, pool: &mut TimesPool) {
        self.close_late(pool);
        let whole = self.chunks.partition_point(|c| c.last_ms < boundary_ms);
        if self.frozen.is_empty() && whole == self.chunks.len() {
            self.frozen = std::mem::take(&mut self.chunks);
        } else {
            self.frozen.reserve_exact(whole + 1);
            self.frozen.extend(self.chunks.drain(..whole));
        }
        if self.chunks.first().is_some_and(|c| c.first_ms < boundary_ms) {
            let mut older = self.chunks.remove(0).decode();
            let newer = older.split_off(older.count_before(boundary_ms));
            self.frozen.push(Chunk::encode_buffer(&older, pool));
            self.insert_chunk(Chunk::encode_buffer(&newer, pool));
        }
        self.frozen.shrink_to_fit();
        self.chunks.shrink_to_fit();
    }

    fn all(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().chain(&self.frozen)
    }
}

impl Column {
    /// Adds a sample.
    #[inline]
    pub(crate) fn insert(&mut self, time_ms: i64, value: f64, shared: &mut Shared) -> Outcome {
        match self.tail.last_ms() {
            Some(last_ms) if time_ms > last_ms => {
                if self.is_tail_full() || shared.windows.change(last_ms, time_ms) {
                    self.close_tail(shared);
                }
                self.tail.push(time_ms, value, &mut shared.pages);
                Outcome::New
            }
            Some(_) if self.tail.first_ms().is_some_and(|first| time_ms >= first) => {
                self.put(time_ms, value, shared).into()
            }
            None if self.rest.as_ref().is_none_or(|rest| rest.is_live_empty()) => {
                self.tail.push(time_ms, value, &mut shared.pages);
                Outcome::New
            }
            _ => self.rest.get_or_insert_default().insert(time_ms, value, shared),
        }
    }

    /// Whether the tail should be encoded. Series that change do so at the same number of samples, so that they share
    /// their times.
    #[inline]
    fn is_tail_full(&self) -> bool {
        let len = self.tail.len();
        len >= CHUNK_SAMPLES
            && len.is_multiple_of(CHUNK_SAMPLES)
            && (self.tail.value_bytes() >= TAIL_BYTES_MIN || len >= CHUNK_SAMPLES_MAX - CHUNK_SAMPLES)
    }

    /// Adds a sample in the midst of the tail.
    #[cold]
    fn put(&mut self, time_ms: i64, value: f64, shared: &mut Shared) -> Put {
        let put = self.tail.put(time_ms, value, &mut shared.pages);
        let len = self.tail.len();
        let bytes_max = len >= 2 * CHUNK_SAMPLES && self.tail.value_bytes() >= TAIL_BYTES_MIN;
        if put == Put::New && (bytes_max || len >= CHUNK_SAMPLES_MAX - CHUNK_SAMPLES) {
            self.split_tail(len / 2, shared);
        }
        put
    }

    fn close_tail(&mut self, shared: &mut Shared) {
        if self.tail.is_empty() {
            return;
        }
        let Self { tail, rest } = self;
        let Shared { pages, pool, .. } = shared;
        let chunk = pool.with_scratch(|times_ms, values, pool| {
            tail.times(times_ms);
            tail.values(pages, values);
            Chunk::encode(times_ms, values, pool)
        });
        tail.clear(pages);
        rest.get_or_insert_default().insert_chunk(chunk);
    }

    /// Closes the tail's samples before place `at`; the others stay in it.
    fn split_tail(&mut self, at: usize, shared: &mut Shared) {
        if at == self.tail.len() {
            return self.close_tail(shared);
        }
        let mut older = self.tail.take(&mut shared.pages);
        let newer = older.split_off(at);
        self.tail.extend(&newer, &mut shared.pages);
        if !older.is_empty() {
            let chunk = Chunk::encode_buffer(&older, &mut shared.pool);
            self.rest.get_or_insert_default().insert_chunk(chunk);
        }
    }

    /// Moves samples older than `boundary_ms` to the frozen part.
    pub(crate) fn freeze(&mut self, boundary_ms: i64, shared: &mut Shared) {
        if self.tail.first_ms().is_some_and(|first| first < boundary_ms) {
            self.split_tail(self.tail.count_before(boundary_ms), shared);
        }
        if let Some(rest) = &mut self.rest {
            rest.freeze(boundary_ms, &mut shared.pool);
        }
    }

    /// Forgets the frozen part; returns how many samples it had.
    pub(crate) fn drop_frozen(&mut self) -> u64 {
        let Some(rest) = &mut self.rest else { return 0 };
        let samples = std::mem::take(&mut rest.frozen).iter().map(|c| c.len() as u64).sum();
        if rest.is_live_empty() {
            self.rest = None;
        }
        samples
    }

    /// Adds what is kept outside of the column itself and the pages.
    pub(crate) fn count_bytes(&self, memory: &mut MemoryUse) {
        memory.tails += self.tail.len_bytes();
        if let Some(rest) = self.rest.as_deref() {
            memory.chunks += size_of::<Rest>() + rest.all().map(Chunk::len_bytes).sum::<usize>();
            memory.tails += rest.late.as_ref().map_or(0, |late| late.len_bytes());
        }
    }
}

/// A column to read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnRef<'a> {
    pub(super) column: &'a Column,
    pub(super) pages: &'a Pages,
}

impl<'a> ColumnRef<'a> {
    fn tail(self) -> &'a Tail {
        &self.column.tail
    }

    fn chunks(self) -> &'a [Chunk] {
        self.column.rest.as_deref().map_or(&[], |rest| &rest.chunks)
    }

    fn late(self) -> Option<&'a Buffer> {
        self.column.rest.as_deref()?.late.as_deref()
    }

    /// Chunks on their way into a block.
    pub(crate) fn frozen(self) -> &'a [Chunk] {
        self.column.rest.as_deref().map_or(&[], |rest| &rest.frozen)
    }

    /// Whether there is no sample at all.
    pub(crate) fn is_empty(self) -> bool {
        self.tail().is_empty()
            && self.chunks().is_empty()
            && self.late().is_none()
            && self.frozen().is_empty()
    }

    /// Whether any sample may be in `start_ms..end_ms`.
    pub(crate) fn touches(self, start_ms: i64, end_ms: i64) -> bool {
        let is_in = |time_ms: i64| start_ms <= time_ms && time_ms < end_ms;
        let meets = |c: &Chunk| c.first_ms < end_ms && start_ms <= c.last_ms;
        self.tail().last_ms().is_some_and(is_in)
            || self.tail().count_before(end_ms) > self.tail().count_before(start_ms)
            || self.late().is_some_and(|late| late.count_before(end_ms) > late.count_before(start_ms))
            || self.chunks().iter().chain(self.frozen()).any(meets)
    }

    /// Hands out what of the column is in `start_ms..end_ms`, by order of time: first the frozen part, then the live
    /// one, of which `take` is told `true`. Open samples are copied into buffers of `spare` while there are any.
    pub(crate) fn runs(
        self,
        start_ms: i64,
        end_ms: i64,
        spare: &mut Vec<Buffer>,
        mut take: impl FnMut(Run, bool),
    ) {
        let chunk = |c: &&Chunk| c.first_ms < end_ms && start_ms <= c.last_ms;
        self.frozen().iter().filter(chunk).for_each(|c| take(Run::Chunk(c.clone()), false));
        self.chunks().iter().filter(chunk).for_each(|c| take(Run::Chunk(c.clone()), true));
        if let Some(late) = self.late() {
            let (from, to) = (late.count_before(start_ms), late.count_before(end_ms));
            if from < to {
                let (times_ms, values) = (late.times_ms[from..to].to_vec(), late.values[from..to].to_vec());
                take(Run::Open(Buffer { times_ms, values }), true);
            }
        }
        let (from, to) = (self.tail().count_before(start_ms), self.tail().count_before(end_ms));
        if from < to {
            let mut samples = spare.pop().unwrap_or_default();
            self.tail().copy_into(from..to, self.pages, &mut samples);
            take(Run::Open(samples), true);
        }
    }

    /// The newest sample when it is in the tail, where it nearly always is.
    pub(crate) fn newest_in_tail(self, start_ms: i64, end_ms: i64) -> Option<(i64, f64)> {
        let (mut time_ms, mut value) = self.tail().last()?;
        if time_ms >= end_ms {
            let at = self.tail().count_before(end_ms).checked_sub(1)?;
            let sample = self.tail().copy(at..at + 1, self.pages);
            (time_ms, value) = (sample.times_ms[0], sample.values[0]);
        }
        let is_newest = self.frozen().last().is_none_or(|chunk| chunk.last_ms <= time_ms);
        (time_ms >= start_ms && is_newest).then_some((time_ms, value))
    }
}
