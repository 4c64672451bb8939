//! Rows as columns: whoever wants one number of each of many rows reads only that.

use super::{Aspects, Row};
use crate::TimeRange;

/// Rows of one length of one series, in order of time. Columns of what nobody asked for are empty; all others have one
/// entry a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// How long each row is, in milliseconds.
    pub row_ms: i64,
    /// The rows were proven to stand for exactly the samples of buckets that begin so many milliseconds later: see
    /// [`Aspects::NUMBERS`].
    pub shift_ms: Option<i64>,
    /// When each row starts.
    pub starts_ms: Vec<i64>,
    /// How many samples each has; what the other columns say of a row without samples means nothing.
    pub counts: Vec<u64>,
    /// Their sums.
    pub sums: Vec<f64>,
    /// The least of each.
    pub mins: Vec<f64>,
    /// The greatest of each.
    pub maxs: Vec<f64>,
    /// The last of each.
    pub lasts: Vec<f64>,
    /// When the last of each was.
    pub lasts_ms: Vec<i64>,
    /// The first of each.
    pub firsts: Vec<f64>,
    /// When the first of each was.
    pub firsts_ms: Vec<i64>,
    /// How much each grew from one sample to the next.
    pub increases: Vec<f64>,
    /// Over how much time each did.
    pub covered_ms: Vec<i64>,
    /// + 1: a staleness marker came before the first sample; + 2: one came after the last.
    pub ended: Vec<u8>,
}

impl Table {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.starts_ms.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.starts_ms.is_empty()
    }

    /// Forgets the rows, keeps the memory.
    pub fn clear(&mut self) {
        self.shift_ms = None;
        self.keep(0, 0..0);
    }

    /// Leaves of the rows from `first` on only those at `kept`, which are counted from there.
    pub fn keep(&mut self, first: usize, kept: std::ops::Range<usize>) {
        fn cut<T>(column: &mut Vec<T>, first: usize, kept: &std::ops::Range<usize>) {
            column.truncate(first + kept.end);
            if kept.start > 0 && column.len() > first {
                column.drain(first..first + kept.start);
            }
        }
        [&mut self.starts_ms, &mut self.lasts_ms, &mut self.firsts_ms, &mut self.covered_ms]
            .into_iter()
            .for_each(|column| cut(column, first, &kept));
        [
            &mut self.sums,
            &mut self.mins,
            &mut self.maxs,
            &mut self.lasts,
            &mut self.firsts,
            &mut self.increases,
        ]
        .into_iter()
        .for_each(|column| cut(column, first, &kept));
        cut(&mut self.counts, first, &kept);
        cut(&mut self.ended, first, &kept);
    }

    /// When the last sample of a row was; where nobody asked, just before its end.
    #[inline]
    pub fn last_ms(&self, at: usize) -> i64 {
        let end_ms = || self.starts_ms[at].saturating_add(self.row_ms).saturating_sub(1);
        self.lasts_ms.get(at).copied().unwrap_or_else(end_ms)
    }

    /// The row at a place; NaN for what nobody asked for.
    pub fn row(&self, at: usize) -> Row {
        let start_ms = self.starts_ms[at];
        let span = TimeRange::new(start_ms, start_ms.saturating_add(self.row_ms));
        let ended = self.ended.get(at).copied().unwrap_or_default();
        let row = Row { ended_before: ended & 1 != 0, ended_after: ended & 2 != 0, ..Row::empty(span) };
        if self.counts[at] == 0 {
            return row;
        }
        let number = |column: &[f64]| column.get(at).copied().unwrap_or(f64::NAN);
        let row = Row {
            count: self.counts[at],
            min: number(&self.mins),
            max: number(&self.maxs),
            sum: number(&self.sums),
            first: number(&self.firsts),
            last: number(&self.lasts),
            first_ms: self.firsts_ms.get(at).copied().unwrap_or(start_ms),
            last_ms: self.last_ms(at),
            increase: self.increases.get(at).copied().unwrap_or_default(),
            covered_ms: self.covered_ms.get(at).copied().unwrap_or_default(),
            ..row
        };
        let Some(shift_ms) = self.shift_ms else { return row };
        // It is a run of samples.
        let first_ms = row.first_ms.max(start_ms.saturating_add(shift_ms));
        Row { first_ms, span: TimeRange::new(first_ms, row.last_ms.saturating_add(1)), ..row }
    }

    /// All rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row> + '_ {
        (0..self.len()).map(|at| self.row(at))
    }

    /// The column of one aspect.
    pub fn column(&self, aspect: Aspects) -> &[f64] {
        match aspect {
            Aspects::SUM => &self.sums,
            Aspects::MIN => &self.mins,
            Aspects::MAX => &self.maxs,
            Aspects::FIRST => &self.firsts,
            Aspects::LAST => &self.lasts,
            _ => &[],
        }
    }
}
