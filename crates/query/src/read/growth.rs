//! How fast counters grow.
//!
//! Between two neighbouring samples a counter is taken to grow evenly, and a bucket gets the share of the growth that
//! falls into it. So a counter read every second fills buckets of a second, and one read every minute fills them too.
//! A counter that is less than before was reset to 0 in between. Neighbours far apart are not neighbours.

use super::column::Column;
use model::{Kind, Row};

/// Neighbours further apart than this, or than two buckets, tell nothing about the time between them.
pub(super) const STALENESS_MS: i64 = 300_000;

/// The growth of one series after the other.
pub(super) struct Growth<'a> {
    edges_ms: &'a [i64],
    gap_ms_max: i64,
    kind: Kind,
    last: Option<(i64, f64)>,
    bucket: usize,
    grown: Vec<f64>,
    covered_ms: Vec<i64>,
}

impl<'a> Growth<'a> {
    pub(super) fn new(edges_ms: &'a [i64]) -> Self {
        let buckets = edges_ms.len() - 1;
        Self {
            gap_ms_max: STALENESS_MS.max(2 * (edges_ms[1] - edges_ms[0])),
            edges_ms,
            kind: Kind::Unknown,
            last: None,
            bucket: 0,
            grown: vec![0.0; buckets],
            covered_ms: vec![0; buckets],
        }
    }

    /// How far apart neighbours may be.
    pub(super) fn gap_ms_max(&self) -> i64 {
        self.gap_ms_max
    }

    /// Starts a series.
    pub(super) fn begin(&mut self, kind: Kind) {
        self.kind = kind;
        self.last = None;
        self.bucket = 0;
    }

    /// Takes samples of the series, in order of time. A staleness marker ends it; other NaN are no samples.
    pub(super) fn add(&mut self, times_ms: &[i64], values: &[f64]) {
        for (&time_ms, &value) in times_ms.iter().zip(values) {
            if value.is_nan() {
                if model::is_stale(value) {
                    self.last = None;
                }
                continue;
            }
            self.step(time_ms, value);
        }
    }

    /// Takes a row of the series, as [`Growth::add`] would take its samples.
    pub(super) fn add_row(&mut self, row: &Row) {
        if row.ended_before {
            self.last = None;
        }
        if row.count > 0 {
            self.step(row.first_ms, row.first);
            self.seek(row.first_ms);
            if self.edges_ms[0] <= row.first_ms && self.bucket < self.grown.len() {
                self.grown[self.bucket] += row.increase;
                self.covered_ms[self.bucket] += row.covered_ms;
            }
            self.last = Some((row.last_ms, row.last));
        }
        if row.ended_after {
            self.last = None;
        }
    }

    fn step(&mut self, time_ms: i64, value: f64) {
        if let Some((before_ms, before)) = self.last.replace((time_ms, value))
            && time_ms - before_ms <= self.gap_ms_max
        {
            self.spread(before_ms, time_ms, self.kind.growth(before, value));
        }
    }

    fn seek(&mut self, time_ms: i64) {
        while self.bucket < self.grown.len() && self.edges_ms[self.bucket + 1] <= time_ms {
            self.bucket += 1;
        }
    }

    fn spread(&mut self, from_ms: i64, to_ms: i64, growth: f64) {
        let buckets = self.grown.len();
        self.seek(from_ms);
        let Some(edge_ms) = self.edges_ms.get(self.bucket + 1) else { return };
        if self.edges_ms[self.bucket] <= from_ms && to_ms <= *edge_ms {
            // Nearly all neighbours lie within one bucket.
            self.grown[self.bucket] += growth;
            self.covered_ms[self.bucket] += to_ms - from_ms;
            return;
        }
        let length_ms = (to_ms - from_ms) as f64;
        let mut at = self.bucket;
        while at < buckets && self.edges_ms[at] < to_ms {
            let part_ms = to_ms.min(self.edges_ms[at + 1]) - from_ms.max(self.edges_ms[at]);
            if part_ms > 0 {
                self.grown[at] += growth * part_ms as f64 / length_ms;
                self.covered_ms[at] += part_ms;
            }
            at += 1;
        }
    }

    /// Adds what the series grew to `column`, per second or as it is, and forgets the series.
    pub(super) fn finish(&mut self, per_second: bool, column: &mut Column) {
        for (bucket, (grown, covered_ms)) in self.grown.iter_mut().zip(&mut self.covered_ms).enumerate() {
            if *covered_ms > 0 {
                let divisor = if per_second { *covered_ms as f64 / 1000.0 } else { 1.0 };
                column.add_value(bucket, *grown / divisor);
            }
            (*grown, *covered_ms) = (0.0, 0);
        }
    }
}
