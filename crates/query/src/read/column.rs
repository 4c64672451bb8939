//! Samples folded into buckets, straight from the slices a source hands over.

use crate::QueryError;
use lang::plan::Aggregate;
use lang::{Error, Span};
use model::{Aspects, Row, Table};

/// Most samples that percentiles and cardinality of one read may hold in memory (80 MB).
pub(super) const HELD_MAX: usize = 10_000_000;

/// Buckets of one series to be.
#[derive(Debug)]
pub(super) struct Column {
    aggregate: Aggregate,
    /// Sum, least, greatest, first or last so far; growth for rates.
    values: Vec<f64>,
    /// How many samples each bucket has seen.
    counts: Vec<u64>,
    /// When the first or last sample was, where that matters.
    times_ms: Vec<i64>,
    /// All samples, where nothing less will do.
    held: Vec<Vec<f64>>,
}

impl Column {
    pub(super) fn new(aggregate: &Aggregate, buckets: usize) -> Self {
        let timed = matches!(aggregate, Aggregate::First | Aggregate::Last);
        let holds = matches!(aggregate, Aggregate::Percentiles(_) | Aggregate::Cardinality);
        Self {
            values: vec![0.0; buckets],
            counts: vec![0; buckets],
            times_ms: vec![0; if timed { buckets } else { 0 }],
            held: vec![Vec::new(); if holds { buckets } else { 0 }],
            aggregate: aggregate.clone(),
        }
    }

    /// Folds a chunk in. NaN and staleness markers are no samples. Says how many samples it had to keep.
    pub(super) fn add(&mut self, edges_ms: &[i64], times_ms: &[i64], values: &[f64]) -> usize {
        let Some(&first) = times_ms.first() else { return 0 };
        let mut bucket = edges_ms.partition_point(|edge| *edge <= first).saturating_sub(1);
        let (mut start, mut held, mut len) = (0, 0, 0);
        while start < times_ms.len() && bucket + 1 < edges_ms.len() {
            len = count_below(&times_ms[start..], edges_ms[bucket + 1], len);
            let end = start + len;
            if len > 0 {
                held += self.fold(bucket, &times_ms[start..end], &values[start..end]);
            }
            start = end;
            bucket += 1;
        }
        held
    }

    /// Folds rows in, each of which lies within a bucket.
    pub(super) fn add_rows(&mut self, edges_ms: &[i64], rows: &[Row]) {
        let mut bucket = 0;
        for row in rows {
            let after = edges_ms[bucket..].partition_point(|edge| *edge <= row.span.start_ms);
            let Some(at) = (bucket + after).checked_sub(1) else { continue };
            bucket = at;
            if bucket + 1 < edges_ms.len() && row.count > 0 {
                self.fold_row(bucket, row);
            }
        }
    }

    /// The same for rows as columns.
    pub(super) fn add_table(&mut self, edges_ms: &[i64], table: &Table) {
        match self.aggregate {
            Aggregate::Avg | Aggregate::Sum => {
                self.fold_table(edges_ms, table, &table.sums, 0.0, |sum, more| sum + more);
            }
            Aggregate::Min => self.fold_table(edges_ms, table, &table.mins, f64::NAN, f64::min),
            Aggregate::Max => self.fold_table(edges_ms, table, &table.maxs, f64::NAN, f64::max),
            Aggregate::Count => self.fold_table(edges_ms, table, &[], 0.0, |count, _| count),
            _ => each_bucket(edges_ms, &table.starts_ms, |bucket, at| {
                if table.counts[at] > 0 {
                    self.fold_row(bucket, &table.row(at));
                }
            }),
        }
    }

    // `blank` is what a bucket without samples holds.
    fn fold_table(
        &mut self,
        edges_ms: &[i64],
        table: &Table,
        column: &[f64],
        blank: f64,
        fold: impl Fn(f64, f64) -> f64,
    ) {
        each_bucket(edges_ms, &table.starts_ms, |bucket, at| {
            let count = table.counts[at];
            if count > 0 {
                let (value, before) = (&mut self.values[bucket], self.counts[bucket]);
                let known = if before == 0 { blank } else { *value };
                *value = fold(known, column.get(at).copied().unwrap_or_default());
                self.counts[bucket] = before.saturating_add(count);
            }
        });
    }

    fn fold_row(&mut self, bucket: usize, row: &Row) {
        let is_first = self.counts[bucket] == 0;
        self.counts[bucket] = self.counts[bucket].saturating_add(row.count);
        let value = &mut self.values[bucket];
        let before = if is_first { f64::NAN } else { *value };
        match self.aggregate {
            Aggregate::Avg | Aggregate::Sum => *value += row.sum,
            Aggregate::Min => *value = before.min(row.min),
            Aggregate::Max => *value = before.max(row.max),
            Aggregate::First => {
                let columns = (&[row.first_ms][..], &[row.first][..]);
                self.keep_time(bucket, is_first, Some(0), columns.0, columns.1, |time, kept| time < kept);
            }
            Aggregate::Last => {
                let columns = (&[row.last_ms][..], &[row.last][..]);
                self.keep_time(bucket, is_first, Some(0), columns.0, columns.1, |time, kept| time >= kept);
            }
            // These are never read as rows.
            Aggregate::Percentiles(_) | Aggregate::Cardinality => {}
            Aggregate::Count | Aggregate::Rate | Aggregate::Increase => {}
        }
    }

    fn fold(&mut self, bucket: usize, times_ms: &[i64], values: &[f64]) -> usize {
        let (sum, count) = match self.aggregate {
            Aggregate::Avg | Aggregate::Sum => sum(values),
            // Only whether there was one matters.
            Aggregate::First | Aggregate::Last => (0.0, usize::from(values.iter().any(|v| !v.is_nan()))),
            _ => (0.0, values.iter().filter(|value| !value.is_nan()).count()),
        };
        if count == 0 {
            return 0;
        }
        let is_first = self.counts[bucket] == 0;
        self.counts[bucket] += count as u64;
        let value = &mut self.values[bucket];
        let before = if is_first { f64::NAN } else { *value };
        match self.aggregate {
            Aggregate::Avg | Aggregate::Sum => *value += sum,
            Aggregate::Min => *value = extreme(values, before, f64::min),
            Aggregate::Max => *value = extreme(values, before, f64::max),
            Aggregate::First => {
                let first = values.iter().position(|value| !value.is_nan());
                self.keep_time(bucket, is_first, first, times_ms, values, |time, kept| time < kept);
            }
            Aggregate::Last => {
                let last = values.iter().rposition(|value| !value.is_nan());
                self.keep_time(bucket, is_first, last, times_ms, values, |time, kept| time >= kept);
            }
            Aggregate::Percentiles(_) | Aggregate::Cardinality => {
                self.held[bucket].extend(values.iter().copied().filter(|value| !value.is_nan()));
                return count;
            }
            Aggregate::Count | Aggregate::Rate | Aggregate::Increase => {}
        }
        0
    }

    fn keep_time(
        &mut self,
        bucket: usize,
        is_first: bool,
        at: Option<usize>,
        times_ms: &[i64],
        values: &[f64],
        better: impl Fn(i64, i64) -> bool,
    ) {
        let Some(at) = at else { return };
        if is_first || better(times_ms[at], self.times_ms[bucket]) {
            (self.times_ms[bucket], self.values[bucket]) = (times_ms[at], values[at]);
        }
    }

    /// Adds a value of one series to a bucket's sum.
    pub(super) fn add_value(&mut self, bucket: usize, value: f64) {
        self.values[bucket] += value;
        self.counts[bucket] += 1;
    }

    /// The finished columns with what their labels have more: one, or one for each percentile.
    pub(super) fn finish(mut self) -> Vec<(String, Vec<f64>)> {
        match std::mem::replace(&mut self.aggregate, Aggregate::Count) {
            Aggregate::Count => {
                vec![(String::new(), self.counts.iter().map(|&count| count as f64).collect())]
            }
            Aggregate::Cardinality => {
                let distinct = |held: &mut Vec<f64>| {
                    held.sort_unstable_by(f64::total_cmp);
                    held.dedup();
                    held.len() as f64
                };
                vec![(String::new(), self.held.iter_mut().map(distinct).collect())]
            }
            Aggregate::Percentiles(percents) => {
                self.held.iter_mut().for_each(|held| held.sort_unstable_by(f64::total_cmp));
                let column = |p: f64| self.held.iter().map(|held| percentile(held, p)).collect();
                percents.iter().map(|&p| (format!(":{p:?}"), column(p))).collect()
            }
            aggregate => {
                for (value, &count) in self.values.iter_mut().zip(&self.counts) {
                    *value = match (count, &aggregate) {
                        (0, _) => f64::NAN,
                        (count, Aggregate::Avg) => *value / count as f64,
                        _ => *value,
                    };
                }
                vec![(String::new(), self.values)]
            }
        }
    }
}

/// Tells of each start that lies in a bucket which one that is.
fn each_bucket(edges_ms: &[i64], starts_ms: &[i64], mut each: impl FnMut(usize, usize)) {
    let Some(first_ms) = starts_ms.first() else { return };
    let mut after = edges_ms.partition_point(|edge| edge <= first_ms);
    for (at, start_ms) in starts_ms.iter().enumerate() {
        // Rows and buckets are about as long as each other: the next edge is near.
        while edges_ms.get(after).is_some_and(|edge| edge <= start_ms) {
            after += 1;
        }
        if after == edges_ms.len() {
            return;
        }
        if after > 0 {
            each(after - 1, at);
        }
    }
}

/// What an aggregate wants to know of a bucket's samples.
pub(super) fn aspects(aggregate: &Aggregate) -> Aspects {
    match aggregate {
        Aggregate::Avg | Aggregate::Sum => Aspects::COUNT | Aspects::SUM,
        Aggregate::Min => Aspects::COUNT | Aspects::MIN,
        Aggregate::Max => Aspects::COUNT | Aspects::MAX,
        Aggregate::Count => Aspects::COUNT,
        Aggregate::First => Aspects::COUNT | Aspects::FIRST,
        Aggregate::Last => Aspects::COUNT | Aspects::LAST,
        Aggregate::Rate | Aggregate::Increase => Aspects::COUNT | Aspects::GROWTH,
        Aggregate::Percentiles(_) | Aggregate::Cardinality => Aspects::SAMPLES,
    }
}

/// How many times at the front are below `edge`. Buckets mostly hold as many samples as the one before, which is
/// `guess`; otherwise steps that double, then a binary search.
fn count_below(times_ms: &[i64], edge: i64, guess: usize) -> usize {
    let is_below = |at: usize| times_ms.get(at).is_some_and(|time| *time < edge);
    if guess > 0 && is_below(guess - 1) && !is_below(guess) {
        return guess;
    }
    let mut reach = 1;
    while is_below(reach - 1) {
        reach *= 2;
    }
    let start = reach / 2;
    start + times_ms[start..reach.min(times_ms.len())].partition_point(|time| *time < edge)
}

/// How many values are folded side by side: the processor does as many at once.
const LANES: usize = 8;

// The sum, and of how many: NaN is nothing.
fn sum(values: &[f64]) -> (f64, usize) {
    let or_nothing = |value: f64| if value.is_nan() { 0.0 } else { value };
    let (groups, rest) = values.as_chunks::<LANES>();
    let (mut sums, mut missing) = ([0.0; LANES], [0u64; LANES]);
    for group in groups {
        for ((sum, missing), value) in sums.iter_mut().zip(&mut missing).zip(group) {
            *sum += or_nothing(*value);
            *missing += u64::from(value.is_nan());
        }
    }
    let sum = sums.iter().sum::<f64>() + rest.iter().copied().map(or_nothing).sum::<f64>();
    let missing = missing.iter().sum::<u64>() as usize + rest.iter().filter(|value| value.is_nan()).count();
    (sum, values.len() - missing)
}

// `f64::min` and `f64::max` give the other value for NaN.
fn extreme(values: &[f64], before: f64, choose: impl Fn(f64, f64) -> f64) -> f64 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut best = [before; LANES];
    for group in groups {
        best.iter_mut().zip(group).for_each(|(best, value)| *best = choose(*best, *value));
    }
    best.iter().chain(rest).copied().fold(before, choose)
}

/// Refuses to hold more samples than [`HELD_MAX`].
pub(super) fn check_held(held: usize) -> Result<(), QueryError> {
    if held <= HELD_MAX {
        return Ok(());
    }
    let message = format!("Percentiles and cardinality hold at most {HELD_MAX} samples at once");
    Err(QueryError::Limit(Error::new(Span::default(), message).hint("take a shorter range or fewer series")))
}

// Linear interpolation between the two nearest ranks (Hyndman and Fan 1996, type 7).
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = percent / 100.0 * last as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    if low == high { low } else { low + (high - low) * place.fract() }
}
