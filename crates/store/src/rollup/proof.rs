//! Whether rows are as good as the samples they were made of, for one who counts NaN and staleness markers as samples and
//! whose buckets begin a millisecond after the rows do. The times of samples tell, and nearly all series share theirs.

use crate::merge::{LoadError, Loader, Piece};
use model::{Row, Table, TimeRange};
use std::sync::Arc;

/// Fewer samples than this are sooner read than the row that stands for them.
pub(crate) const SAMPLES_PER_ROW_MIN: usize = 8;
/// Answers kept: series that are scraped together have the same.
const KEPT: usize = 8;

/// Which rows, and which buckets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds<'a> {
    /// From and to multiples of the rows' length.
    pub(crate) range: TimeRange,
    pub(crate) tier_ms: u32,
    /// How much later than a row a bucket begins.
    pub(crate) shift_ms: i64,
    pub(crate) edges_ms: &'a [i64],
}

impl Bounds<'_> {
    fn rows(&self) -> usize {
        usize::try_from(self.range.len_ms() / i64::from(self.tier_ms.max(1))).unwrap_or(0)
    }

    /// The row that a time lies in.
    fn row(&self, time_ms: i64) -> Option<usize> {
        let at = time_ms.checked_sub(self.range.start_ms)?.div_euclid(i64::from(self.tier_ms));
        usize::try_from(at).ok().filter(|at| *at < self.rows())
    }

    /// Times at which a sample would be in the row of one bucket and in another bucket, or in the part before or after.
    fn forbidden_ms(&self) -> impl Iterator<Item = i64> + '_ {
        let (range, shift_ms) = (self.range, self.shift_ms);
        let within = move |time_ms: &i64| range.start_ms < *time_ms && *time_ms < range.end_ms;
        let edges = self.edges_ms.iter().map(move |edge| edge - shift_ms).filter(within);
        let all = [range.start_ms, range.end_ms].into_iter().chain(edges);
        all.filter(move |_| shift_ms != 0)
    }
}

/// How many samples each row should have; nothing where rows will not do.
type Counts = Option<Arc<Vec<u32>>>;

/// The counts of rows of some columns of times.
struct Known {
    range: TimeRange,
    tier_ms: u32,
    /// Where the columns are stored.
    times: Vec<(u64, u32)>,
    counts: Counts,
}

/// What is known of columns of times, for the bounds of one read.
#[derive(Default)]
pub(crate) struct Proofs {
    known: Vec<Known>,
    next: usize,
}

impl Proofs {
    /// How many samples each row should have, from the times of all pieces that reach into it.
    pub(crate) fn counts(
        &mut self,
        pieces: &[Piece],
        bounds: &Bounds<'_>,
        loader: &mut Loader,
    ) -> Result<Counts, LoadError> {
        let Some(times) = pieces.iter().map(Piece::stored_times).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (range, tier_ms) = (bounds.range, bounds.tier_ms);
        let is_same =
            |known: &&Known| (known.range, known.tier_ms) == (range, tier_ms) && known.times == times;
        if let Some(known) = self.known.iter().find(is_same) {
            return Ok(known.counts.clone());
        }
        let counts = counted(pieces, bounds, loader)?.map(Arc::new);
        let known = Known { range, tier_ms, times, counts: counts.clone() };
        if self.known.len() < KEPT {
            self.known.push(known);
        } else {
            self.known[self.next] = known;
            self.next = (self.next + 1) % KEPT;
        }
        Ok(counts)
    }
}

fn counted(
    pieces: &[Piece],
    bounds: &Bounds<'_>,
    loader: &mut Loader,
) -> Result<Option<Vec<u32>>, LoadError> {
    // Where pieces overlap a time may stand in two of them.
    let mut ordered: Vec<&Piece> = pieces.iter().collect();
    ordered.sort_by_key(|piece| piece.first_ms);
    if ordered.windows(2).any(|pair| pair[1].first_ms <= pair[0].last_ms) {
        return Ok(None);
    }
    let mut counts = vec![0u32; bounds.rows()];
    for piece in ordered {
        let Some(times_ms) = loader.stored_times(piece)? else { return Ok(None) };
        if bounds.forbidden_ms().any(|time_ms| times_ms.binary_search(&time_ms).is_ok()) {
            return Ok(None);
        }
        times_ms.iter().filter_map(|time_ms| bounds.row(*time_ms)).for_each(|row| counts[row] += 1);
    }
    Ok(Some(counts))
}

/// The same of rows as columns.
pub(crate) fn holds_for(counts: &[u32], bounds: &Bounds<'_>, table: &mut Table) -> bool {
    let mut rows = table.starts_ms.iter().zip(&table.counts);
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let start_ms = bounds.range.start_ms + at as i64 * i64::from(bounds.tier_ms);
        if rows.next() != Some((&start_ms, &u64::from(*count))) {
            return false;
        }
    }
    let holds = rows.next().is_none();
    table.shift_ms = Some(bounds.shift_ms).filter(|_| holds);
    holds
}

/// Whether rows have so many numbers each; then they are made to look like what they are worth: a run of samples.
pub(crate) fn holds(counts: &[u32], bounds: &Bounds<'_>, rows: &mut [Row]) -> bool {
    let mut rows = rows.iter_mut().peekable();
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let start_ms = bounds.range.start_ms + at as i64 * i64::from(bounds.tier_ms);
        match rows.next() {
            Some(row) if row.span.start_ms == start_ms && row.count == u64::from(*count) => {
                row.first_ms = row.first_ms.max(start_ms + bounds.shift_ms);
                row.span = TimeRange::new(row.first_ms, row.last_ms.saturating_add(1));
            }
            _ => return false,
        }
    }
    rows.next().is_none()
}
