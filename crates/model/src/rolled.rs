//! What many samples come to, so that wide buckets need not look at each of them: the numbers of a chunk, or the rows
//! of a coarser tier. A [`Row`] is made of samples, or of shorter rows, in order of time.

mod table;

use crate::{Interval, Kind, TimeRange, is_stale};
use std::ops::BitOr;
pub use table::Table;

/// What is wanted of the samples of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aspects(u16);

impl Aspects {
    /// How many there are.
    pub const COUNT: Self = Self(1);
    /// Their sum.
    pub const SUM: Self = Self(2);
    /// The least.
    pub const MIN: Self = Self(4);
    /// The greatest.
    pub const MAX: Self = Self(8);
    /// The first one and its time.
    pub const FIRST: Self = Self(16);
    /// When the last one was.
    pub const END: Self = Self(512);
    /// The last one and its time.
    pub const LAST: Self = Self(32 | 512);
    /// How much they grew from one to the next, with the first and the last one and their times.
    pub const GROWTH: Self = Self(64 | 16 | 32 | 512);
    /// Each of them: nothing less will do.
    pub const SAMPLES: Self = Self(128);
    /// Every sample is a number, where NaN and staleness markers are samples too; and a bucket may begin a millisecond
    /// after a row does, if there is no sample in between. A source looks at the times of samples to know.
    pub const NUMBERS: Self = Self(256);
    /// What they grew is that of a counter: each that is less than the one before counts from 0.
    pub const RESETS: Self = Self(1024);

    /// These and others.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These but not others.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are among these.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is among these.
    pub fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Aspects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// From which tier to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TierChoice {
    /// The coarsest one that answers exactly; where samples are gone, the finest one there is.
    #[default]
    Auto,
    /// The one whose rows are so long, in milliseconds; 0 is the samples as they came. Nothing where it has nothing.
    Only(u32),
}

impl TierChoice {
    /// Reads `auto`, `raw`, or the length of a tier's rows, such as `60s`, `1h` or `1d`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "raw" => Some(Self::Only(0)),
            _ => {
                let tier_ms = Interval::parse(text)?.nominal_ms();
                u32::try_from(tier_ms).ok().filter(|tier_ms| *tier_ms > 0).map(Self::Only)
            }
        }
    }
}

/// What a tier is called: `raw`, or the length of its rows as [`TierChoice::parse`] reads it.
pub fn tier_name(tier_ms: u32) -> String {
    match tier_ms {
        0 => "raw".to_owned(),
        // The step after seconds is an hour: a minute is best known as 60s.
        ms if ms.is_multiple_of(86_400_000) => format!("{}d", ms / 86_400_000),
        ms if ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        ms if ms.is_multiple_of(1000) => format!("{}s", ms / 1000),
        ms => format!("{ms}ms"),
    }
}

/// How closely to look.
#[derive(Debug, Clone, Copy)]
pub struct Detail<'a> {
    /// The edges of the buckets, ascending: what lies between two of them may be summed up.
    pub edges_ms: &'a [i64],
    /// What is wanted of each bucket.
    pub aspects: Aspects,
    /// From where.
    pub tier: TierChoice,
}

impl Detail<'_> {
    /// Whether a span lies between two neighbouring edges, or outside of all of them.
    pub fn encloses(&self, span: TimeRange) -> bool {
        let after = self.edges_ms.partition_point(|&edge| edge <= span.start_ms);
        self.edges_ms.get(after).is_none_or(|&edge| span.end_ms <= edge)
    }
}

/// A piece of one series as [`crate::Source::read_rolled`] gives it.
#[derive(Debug, Clone, Copy)]
pub enum Rolled<'a> {
    /// Samples as columns of equal length, times ascending. Values may be [`crate::STALE`].
    Samples {
        /// Unix milliseconds.
        times_ms: &'a [i64],
        /// As they came.
        values: &'a [f64],
    },
    /// Rows in order of time, which have the aspects asked for.
    Rows(&'a [Row]),
    /// The same as columns.
    Table(&'a Table),
}

impl Rolled<'_> {
    /// How many samples or rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Samples { times_ms, .. } => times_ms.len(),
            Self::Rows(rows) => rows.len(),
            Self::Table(table) => table.len(),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where an answer came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Lengths of the rows used, in milliseconds, ascending; 0 stands for samples as they came.
    pub tiers_ms: Vec<u32>,
    /// Parts of the range where samples (or finer rows) are gone, so that an answer is coarser than the buckets or
    /// lacks what only they could tell; with the finest tier that is there.
    pub gone: Vec<(TimeRange, u32)>,
}

impl Reading {
    /// One tier was used.
    pub fn used(&mut self, tier_ms: u32) {
        if let Err(at) = self.tiers_ms.binary_search(&tier_ms) {
            self.tiers_ms.insert(at, tier_ms);
        }
    }

    /// What was wanted is gone in a part of the range, and a tier stood in for it. Of each tier one range is kept.
    pub fn note_gone(&mut self, range: TimeRange, tier_ms: u32) {
        match self.gone.iter_mut().find(|(_, known_ms)| *known_ms == tier_ms) {
            Some((known, _)) => {
                known.start_ms = known.start_ms.min(range.start_ms);
                known.end_ms = known.end_ms.max(range.end_ms);
            }
            None => self.gone.push((range, tier_ms)),
        }
    }

    /// Takes in what another read used.
    pub fn merge(&mut self, other: Self) {
        other.tiers_ms.into_iter().for_each(|tier_ms| self.used(tier_ms));
        other.gone.into_iter().for_each(|(range, tier_ms)| self.note_gone(range, tier_ms));
    }
}

/// What the samples of one series within a span come to. NaN and staleness markers are no samples. Without samples the
/// values are NaN and the times are the start of the span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// All samples are within.
    pub span: TimeRange,
    /// How many there are.
    pub count: u64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Their sum, with the rounding errors of adding put right (Neumaier 1974): within one unit in the last place of
    /// the exact sum, unless there are samples of both signs that nearly cancel out.
    pub sum: f64,
    /// The first one.
    pub first: f64,
    /// The last one.
    pub last: f64,
    /// When the first one was.
    pub first_ms: i64,
    /// When the last one was.
    pub last_ms: i64,
    /// How much they grew from one to the next, by the rule of the series' kind ([`Kind::growth`]).
    pub increase: f64,
    /// Over how much time they did: less than from first to last where a staleness marker is in between.
    pub covered_ms: i64,
    /// A staleness marker came before the first sample.
    pub ended_before: bool,
    /// A staleness marker came after the last sample.
    pub ended_after: bool,
}

/// A row in the making.
#[derive(Debug, Clone)]
pub struct RowBuilder {
    kind: Kind,
    row: Row,
    sum: Sum,
    increase: Sum,
}

impl Row {
    /// A row of a span without samples.
    pub fn empty(span: TimeRange) -> Self {
        Self {
            span,
            count: 0,
            min: f64::NAN,
            max: f64::NAN,
            sum: f64::NAN,
            first: f64::NAN,
            last: f64::NAN,
            first_ms: span.start_ms,
            last_ms: span.start_ms,
            increase: 0.0,
            covered_ms: 0,
            ended_before: false,
            ended_after: false,
        }
    }
}

impl RowBuilder {
    /// Nothing so far, for a series of a kind.
    pub fn new(span: TimeRange, kind: Kind) -> Self {
        Self { kind, row: Row::empty(span), sum: Sum::default(), increase: Sum::default() }
    }

    /// Adds samples, later than those before.
    pub fn add_samples(&mut self, times_ms: &[i64], values: &[f64]) {
        for (&time_ms, &value) in times_ms.iter().zip(values) {
            if !value.is_nan() {
                self.add_sample(time_ms, value);
            } else if is_stale(value) {
                self.end();
            }
        }
    }

    fn add_sample(&mut self, time_ms: i64, value: f64) {
        self.follow(time_ms, value);
        self.row.min = self.row.min.min(value);
        self.row.max = self.row.max.max(value);
        self.row.count += 1;
        self.sum.add(value);
        self.row.last = value;
        self.row.last_ms = time_ms;
    }

    // From what came before to the next sample.
    fn follow(&mut self, time_ms: i64, value: f64) {
        if self.row.count == 0 {
            self.row.first = value;
            self.row.first_ms = time_ms;
        } else if !self.row.ended_after {
            self.increase.add(self.kind.growth(self.row.last, value));
            let gap_ms = time_ms.saturating_sub(self.row.last_ms);
            self.row.covered_ms = self.row.covered_ms.saturating_add(gap_ms);
        }
        self.row.ended_after = false;
    }

    // A staleness marker.
    fn end(&mut self) {
        self.row.ended_before |= self.row.count == 0;
        self.row.ended_after = true;
    }

    /// Adds a row, later than what came before. Its span must lie within.
    pub fn add_row(&mut self, row: &Row) {
        if row.ended_before {
            self.end();
        }
        if row.count > 0 {
            self.follow(row.first_ms, row.first);
            self.row.min = self.row.min.min(row.min);
            self.row.max = self.row.max.max(row.max);
            self.row.count = self.row.count.saturating_add(row.count);
            self.sum.add(row.sum);
            self.increase.add(row.increase);
            self.row.covered_ms = self.row.covered_ms.saturating_add(row.covered_ms);
            self.row.last = row.last;
            self.row.last_ms = row.last_ms;
        }
        if row.ended_after {
            self.end();
        }
    }

    /// The row; `None` when nothing was added.
    pub fn finish(self) -> Option<Row> {
        let empty = self.row.count == 0;
        let sum = if empty { f64::NAN } else { self.sum.value() };
        let row = Row { sum, increase: self.increase.value(), ..self.row };
        (!empty || row.ended_after).then_some(row)
    }
}

/// A sum that keeps what rounding takes away (A. Neumaier, *Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen*, 1974).
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let total = self.total + value;
        let (large, small) =
            if self.total.abs() >= value.abs() { (self.total, value) } else { (value, self.total) };
        self.lost += (large - total) + small;
        self.total = total;
    }

    /// What they come to.
    pub fn value(self) -> f64 {
        // With an infinity among them, what was lost is no number.
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }
}

#[cfg(test)]
mod tests;
