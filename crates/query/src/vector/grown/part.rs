//! What a bucket's samples tell of growth, so that it can be put together with what others tell.

use model::{Row, is_stale};

/// The ends of a run of samples, and what was there before each reset between them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    /// How many samples there are. Staleness markers are none; NaN is one.
    pub count: u64,
    pub first: f64,
    pub first_ms: i64,
    pub last: f64,
    pub last_ms: i64,
    /// The values before each sample that is less than the one before.
    pub lost: f64,
}

impl Part {
    /// Of what a source knows.
    pub(super) fn of_row(row: &Row) -> Self {
        let grown = row.last - row.first;
        let lost = row.increase - grown;
        // What rounding takes from so many steps is no reset: nobody resets a counter that is that small beside its growth.
        let noise = row.count as f64 * f64::EPSILON * row.first.abs().max(row.last.abs());
        Self {
            count: row.count,
            first: row.first,
            first_ms: row.first_ms,
            last: row.last,
            last_ms: row.last_ms,
            lost: if lost.abs() <= noise { 0.0 } else { lost },
        }
    }

    /// Adds samples, later than those before.
    #[inline]
    pub(super) fn add(&mut self, times_ms: &[i64], values: &[f64]) {
        if !values.iter().fold(false, |any, value| any | value.is_nan()) {
            return self.add_run(times_ms, values);
        }
        let mut start = 0;
        for run in values.chunk_by(|a, b| is_stale(*a) == is_stale(*b)) {
            let end = start + run.len();
            if !is_stale(run[0]) {
                self.add_run(&times_ms[start..end], run);
            }
            start = end;
        }
    }

    // None of them is a staleness marker.
    #[inline]
    fn add_run(&mut self, times_ms: &[i64], values: &[f64]) {
        let (Some(last), Some(first_ms), Some(last_ms)) = (values.last(), times_ms.first(), times_ms.last())
        else {
            return;
        };
        let pairs = || values.iter().zip(&values[1..]);
        let falls = pairs().fold(false, |falls, (before, now)| falls | (now < before));
        let lost = if falls {
            pairs().filter(|(before, now)| now < before).map(|(before, _)| before).sum()
        } else {
            0.0
        };
        let count = values.len() as u64;
        self.merge(&Self {
            count,
            first: values[0],
            first_ms: *first_ms,
            last: *last,
            last_ms: *last_ms,
            lost,
        });
    }

    /// Adds what later samples tell.
    #[inline]
    pub(super) fn merge(&mut self, later: &Self) {
        if later.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *later;
            return;
        }
        if later.first < self.last {
            self.lost += self.last;
        }
        self.lost += later.lost;
        self.count += later.count;
        (self.last, self.last_ms) = (later.last, later.last_ms);
    }
}
