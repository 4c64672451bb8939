//! Many runs of one series' samples as one: in order of time, each time once. Where two runs have the same time, the
//! one of higher rank is right: it was accepted later.

use crate::block::BlockError;
use crate::block::ahead::Ahead;
use crate::block::index::ChunkPlace;
use crate::block::mask::{self, Hidden};
use crate::block::reader::{Block, StoredChunk};
use crate::head::buffer::Buffer;
use crate::head::chunk;
use crate::head::column::Run;
use crate::rollup::rows::Scratch;
use model::{Aspects, Detail, Rolled, Row, SeriesId, Table, TimeRange};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How late samples were accepted: the offset in the log that their block reaches to, then the block's number.
pub(crate) type Rank = (u64, u64);

/// Rank of samples on their way into a block.
pub(crate) const RANK_FROZEN: Rank = (u64::MAX, 0);
/// Rank of samples in memory.
pub(crate) const RANK_LIVE: Rank = (u64::MAX, 1);

/// Takes samples, or rows where these were allowed.
pub(crate) type Visit<'a> = dyn FnMut(Rolled<'_>) -> ControlFlow<()> + 'a;

/// A run of samples that may have to be loaded first.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    pub(crate) rank: Rank,
    pub(crate) body: Body,
    /// What of it was deleted.
    pub(crate) hidden: Option<Hidden>,
}

/// Where the samples of a piece are.
#[derive(Clone)]
pub(crate) enum Body {
    /// In memory.
    Memory(Run),
    /// In a block.
    Stored(Arc<Block>, StoredChunk),
}

/// A block could not be read.
#[derive(Debug)]
pub(crate) struct LoadError {
    /// The block's sequence number.
    pub(crate) sequence: u64,
    pub(crate) error: BlockError,
}

impl Piece {
    /// A run in memory.
    pub(crate) fn of_run(run: Run, rank: Rank) -> Self {
        let (first_ms, last_ms) = match &run {
            Run::Chunk(chunk) => (chunk.first_ms, chunk.last_ms),
            Run::Open(buffer) => (buffer.first_ms().unwrap_or(0), buffer.last_ms().unwrap_or(0)),
        };
        Self { first_ms, last_ms, rank, body: Body::Memory(run), hidden: None }
    }

    /// The chunks of a series in a block that may have samples in `range`.
    pub(crate) fn in_block(
        block: &Arc<Block>,
        id: SeriesId,
        range: TimeRange,
    ) -> Result<Vec<Self>, LoadError> {
        let Some(ordinal) = block.index.ordinal(id) else { return Ok(Vec::new()) };
        let chunks = block.chunks_of(ordinal, range);
        let chunks = chunks.map_err(|error| LoadError { sequence: block.meta.sequence, error })?;
        let hidden = block.hidden(ordinal);
        Ok(chunks.into_iter().map(|chunk| Self::of_chunk(block, chunk, hidden.as_ref())).collect())
    }

    fn of_chunk(block: &Arc<Block>, chunk: StoredChunk, hidden: Option<&Hidden>) -> Self {
        let (first_ms, last_ms) = (chunk.times.first_ms, chunk.times.last_ms);
        let meets = |hidden: &&Hidden| hidden.iter().any(|r| r.start_ms <= last_ms && first_ms < r.end_ms);
        Self {
            first_ms,
            last_ms,
            rank: block.rank(),
            body: Body::Stored(Arc::clone(block), chunk),
            hidden: hidden.filter(meets).cloned(),
        }
    }

    /// What all its samples come to, where that is known without reading them and enough for `detail`.
    fn row(&self, range: TimeRange, detail: &Detail<'_>) -> Option<Row> {
        let Body::Stored(_, StoredChunk { kind, place: ChunkPlace { summary, .. }, .. }) = &self.body else {
            return None;
        };
        let whole = range.start_ms <= self.first_ms && self.last_ms < range.end_ms && self.hidden.is_none();
        let row = summary.filter(|_| whole)?.row(detail.aspects, *kind, self.first_ms, self.last_ms)?;
        detail.encloses(row.span).then_some(row)
    }

    /// Whether it may have samples in a range.
    pub(crate) fn meets(&self, range: TimeRange) -> bool {
        self.first_ms < range.end_ms && range.start_ms <= self.last_ms
    }

    /// The number of its column of times among those of a block, with the block's; nothing where samples are in memory or
    /// some were deleted.
    pub(crate) fn stored_times(&self) -> Option<(u64, u32)> {
        match &self.body {
            Body::Stored(block, chunk) if self.hidden.is_none() => {
                Some((block.meta.sequence, chunk.place.times))
            }
            _ => None,
        }
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        match &self.body {
            Body::Memory(Run::Chunk(chunk)) => chunk.len(),
            Body::Memory(Run::Open(buffer)) => buffer.len(),
            Body::Stored(_, chunk) => chunk.times.count as usize,
        }
    }
}

/// Decodes pieces; neighbouring series often share their times, which are then decoded once.
#[derive(Default)]
pub(crate) struct Loader {
    times: Vec<(TimesKey, Arc<Vec<i64>>)>,
    next: usize,
    values: Vec<f64>,
    ahead: Ahead,
    scratch: Scratch,
    /// To copy open samples into.
    pub(crate) spare: Vec<Buffer>,
}

/// Buffers kept for the next series: one has as many open runs as a rule.
const SPARE_MAX: usize = 2;

/// Columns of times kept decoded.
const TIMES_KEPT: usize = 64;

/// Which coded column of times.
#[derive(PartialEq, Eq)]
enum TimesKey {
    /// In memory; the bytes are held, so that their place is not used for others meanwhile.
    Memory(Held),
    /// Of a block, by sequence number and number there.
    Stored(u64, u32),
}

struct Held(Arc<chunk::Times>);

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Held {}

impl Loader {
    /// The samples of a piece.
    fn load<'a>(&'a mut self, piece: &'a Piece) -> Result<(Times<'a>, &'a [f64]), LoadError> {
        match &piece.body {
            Body::Memory(Run::Open(buffer)) => Ok((Times::Borrowed(&buffer.times_ms), &buffer.values)),
            Body::Memory(Run::Chunk(chunk)) => {
                let key = TimesKey::Memory(Held(Arc::clone(chunk.times())));
                let times = self.times(key, |times_ms| {
                    chunk.decode_times(times_ms);
                    Ok(())
                })?;
                self.values.clear();
                chunk.decode_values(&mut self.values);
                Ok((Times::Shared(times), &self.values))
            }
            Body::Stored(block, chunk) => {
                let sequence = block.meta.sequence;
                let failed = |error| LoadError { sequence, error };
                let times = self.times(TimesKey::Stored(sequence, chunk.place.times), |times_ms| {
                    block.read_times(&chunk.times, times_ms).map_err(failed)
                })?;
                self.values.clear();
                block.read_values(chunk, &mut self.ahead, &mut self.values).map_err(failed)?;
                let times = match &piece.hidden {
                    Some(hidden) => mask::take_away(hidden, &times, &mut self.values),
                    None => times,
                };
                Ok((Times::Shared(times), &self.values))
            }
        }
    }

    /// Appends the rows of a chunk to a table, as far as they are wanted.
    pub(crate) fn rows(
        &mut self,
        block: &Block,
        chunk: &StoredChunk,
        wanted: Aspects,
        table: &mut Table,
    ) -> Result<(), LoadError> {
        let failed = |error| LoadError { sequence: block.meta.sequence, error };
        let key = TimesKey::Stored(block.meta.sequence, chunk.place.times);
        let starts_ms =
            self.times(key, |starts_ms| block.read_times(&chunk.times, starts_ms).map_err(failed))?;
        let memory = (&mut self.ahead, &mut self.scratch);
        block.read_rows(chunk, &starts_ms, wanted, memory, table).map_err(failed)
    }

    /// The times of a piece of a block.
    pub(crate) fn stored_times(&mut self, piece: &Piece) -> Result<Option<Arc<Vec<i64>>>, LoadError> {
        let Body::Stored(block, chunk) = &piece.body else { return Ok(None) };
        let sequence = block.meta.sequence;
        let failed = |error| LoadError { sequence, error };
        let key = TimesKey::Stored(sequence, chunk.place.times);
        self.times(key, |times_ms| block.read_times(&chunk.times, times_ms).map_err(failed)).map(Some)
    }

    /// Takes back the buffers of pieces that are done with.
    pub(crate) fn recycle(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            if let Body::Memory(Run::Open(buffer)) = piece.body
                && self.spare.len() < SPARE_MAX
            {
                self.spare.push(buffer);
            }
        }
    }

    fn times(
        &mut self,
        key: TimesKey,
        decode: impl FnOnce(&mut Vec<i64>) -> Result<(), LoadError>,
    ) -> Result<Arc<Vec<i64>>, LoadError> {
        if let Some((_, known)) = self.times.iter().find(|(k, _)| *k == key) {
            return Ok(Arc::clone(known));
        }
        let mut times_ms = Vec::new();
        decode(&mut times_ms)?;
        let times_ms = Arc::new(times_ms);
        if self.times.len() < TIMES_KEPT {
            self.times.push((key, Arc::clone(&times_ms)));
        } else {
            self.times[self.next] = (key, Arc::clone(&times_ms));
            self.next = (self.next + 1) % TIMES_KEPT;
        }
        Ok(times_ms)
    }

    /// The newest sample of a piece in `range`.
    pub(crate) fn last(&mut self, piece: &Piece, range: TimeRange) -> Result<Option<(i64, f64)>, LoadError> {
        let (times_ms, values) = self.load(piece)?;
        let end = times_ms.partition_point(|&t| t < range.end_ms);
        let last = end.checked_sub(1).map(|at| (times_ms[at], values[at]));
        Ok(last.filter(|(time_ms, _)| *time_ms >= range.start_ms))
    }
}

/// Times of a loaded piece.
enum Times<'a> {
    Borrowed(&'a [i64]),
    Shared(Arc<Vec<i64>>),
}

impl std::ops::Deref for Times<'_> {
    type Target = [i64];

    fn deref(&self) -> &[i64] {
        match self {
            Self::Borrowed(times_ms) => times_ms,
            Self::Shared(times_ms) => times_ms,
        }
    }
}

/// Pieces that overlap, one after the other.
pub(crate) fn clusters(pieces: &mut [Piece]) -> impl Iterator<Item = &[Piece]> {
    pieces.sort_by_key(|piece| (piece.first_ms, piece.rank));
    let mut rest = &*pieces;
    std::iter::from_fn(move || {
        let mut last_ms = rest.first()?.last_ms;
        let mut end = 1;
        while let Some(piece) = rest.get(end).filter(|p| p.first_ms <= last_ms) {
            last_ms = last_ms.max(piece.last_ms);
            end += 1;
        }
        let (cluster, after) = rest.split_at(end);
        rest = after;
        Some(cluster)
    })
}

/// Visits the samples of the pieces that are in `range`, or what they come to where `detail` allows that.
pub(crate) fn weave(
    pieces: &mut [Piece],
    range: TimeRange,
    detail: Option<&Detail<'_>>,
    loader: &mut Loader,
    visit: &mut Visit<'_>,
) -> Result<ControlFlow<()>, LoadError> {
    for cluster in clusters(pieces) {
        let flow = if let [alone] = cluster
            && let Some(row) = detail.and_then(|detail| alone.row(range, detail))
        {
            visit(Rolled::Rows(&[row]))
        } else if let [alone] = cluster {
            let (times_ms, values) = loader.load(alone)?;
            visit_clipped(&times_ms, values, range, visit)
        } else {
            let woven = weave_cluster(cluster, range, loader)?;
            visit_clipped(&woven.times_ms, &woven.values, range, visit)
        };
        if flow.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn visit_clipped(
    times_ms: &[i64],
    values: &[f64],
    range: TimeRange,
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    let from = times_ms.partition_point(|&t| t < range.start_ms);
    let to = times_ms.partition_point(|&t| t < range.end_ms);
    if from == to {
        return ControlFlow::Continue(());
    }
    visit(Rolled::Samples { times_ms: &times_ms[from..to], values: &values[from..to] })
}

/// The samples of overlapping pieces.
pub(crate) fn weave_cluster(
    cluster: &[Piece],
    range: TimeRange,
    loader: &mut Loader,
) -> Result<Buffer, LoadError> {
    weave_kept(cluster, range, loader, &|_| true)
}

/// The same, but where the right sample is of a rank that is not kept there is none.
pub(crate) fn weave_kept(
    cluster: &[Piece],
    range: TimeRange,
    loader: &mut Loader,
    is_kept: &dyn Fn(Rank) -> bool,
) -> Result<Buffer, LoadError> {
    let mut all: Vec<(i64, Rank, f64)> = Vec::new();
    for piece in cluster {
        let (times_ms, values) = loader.load(piece)?;
        let samples = times_ms.iter().zip(values).filter(|(t, _)| range.contains(**t));
        all.extend(samples.map(|(t, v)| (*t, piece.rank, *v)));
    }
    all.sort_by_key(|&(time_ms, rank, _)| (time_ms, rank));
    let mut woven = Buffer::default();
    for (at, &(time_ms, rank, value)) in all.iter().enumerate() {
        let is_right = all.get(at + 1).is_none_or(|next| next.0 != time_ms);
        if is_right && is_kept(rank) {
            woven.push(time_ms, value);
        }
    }
    Ok(woven)
}
