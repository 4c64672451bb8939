//! What a bucket's samples come to, so that it can be put together with what others come to.

use crate::vector::value::ABSENT;
use model::{Aspects, Row, Table, is_stale};

/// What is made of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vector) enum Fold {
    Avg,
    Count,
    First,
    Last,
    Max,
    Min,
    Present,
    Sum,
}

impl Fold {
    /// What has to be known of a run of samples.
    pub(super) fn aspects(self) -> Aspects {
        match self {
            Self::Avg => Aspects::SUM | Aspects::COUNT,
            Self::Count | Self::Present => Aspects::COUNT,
            Self::First => Aspects::FIRST | Aspects::COUNT,
            Self::Last => Aspects::LAST | Aspects::COUNT,
            Self::Max => Aspects::MAX | Aspects::COUNT,
            Self::Min => Aspects::MIN | Aspects::COUNT,
            Self::Sum => Aspects::SUM | Aspects::COUNT,
        }
    }

    /// The column that has it; none where counts are enough.
    pub(super) fn column(self, table: &Table) -> &[f64] {
        match self {
            Self::Avg | Self::Sum => &table.sums,
            Self::Count | Self::Present => &[],
            Self::First => &table.firsts,
            Self::Last => &table.lasts,
            Self::Max => &table.maxs,
            Self::Min => &table.mins,
        }
    }
}

/// What samples come to. Staleness markers are none; NaN is one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    /// How many there are.
    count: u64,
    /// The sum, the best, the first or the last of them.
    value: f64,
    /// What rounding took away from a sum.
    lost: f64,
}

/// How many values are folded side by side: the processor does as many at once.
const LANES: usize = 8;

impl Part {
    /// Of what a source knows.
    pub(super) fn of_row(fold: Fold, row: &Row) -> Self {
        let value = match fold {
            Fold::Avg | Fold::Sum => row.sum,
            Fold::Count | Fold::Present => 0.0,
            Fold::First => row.first,
            Fold::Last => row.last,
            Fold::Max => row.max,
            Fold::Min => row.min,
        };
        Self::of_run(row.count, value)
    }

    /// Of so many samples.
    pub(super) fn of_run(count: u64, value: f64) -> Self {
        Self { count, value, lost: 0.0 }
    }

    /// Adds samples, later than those before.
    #[inline]
    pub(super) fn add(&mut self, fold: Fold, values: &[f64]) {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
        let count = values.len() as u64;
        let run = match fold {
            Fold::Count | Fold::Present => Self { count, ..Self::default() },
            Fold::First => Self { count, value: *first, lost: 0.0 },
            Fold::Last => Self { count, value: *last, lost: 0.0 },
            // Only that there are some matters; NaN is never the best but where there is nothing else.
            Fold::Max => Self { count, value: best(values, |a, b| if b > a { b } else { a }), lost: 0.0 },
            Fold::Min => Self { count, value: best(values, |a, b| if b < a { b } else { a }), lost: 0.0 },
            Fold::Avg | Fold::Sum => sum(values),
        };
        let is_plain = match fold {
            Fold::Count | Fold::Present => !values.iter().fold(false, |any, value| any | value.is_nan()),
            Fold::Max | Fold::Min => !first.is_nan(),
            Fold::First | Fold::Last | Fold::Avg | Fold::Sum => !run.value.is_nan(),
        };
        if is_plain {
            return self.merge(fold, &run);
        }
        // Staleness markers are no samples.
        for value in values.iter().filter(|value| !is_stale(**value)) {
            self.merge(fold, &Self { count: 1, value: *value, lost: 0.0 });
        }
    }

    /// Adds what later samples come to.
    #[inline]
    pub(super) fn merge(&mut self, fold: Fold, later: &Self) {
        if later.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *later;
            return;
        }
        self.count += later.count;
        match fold {
            Fold::Count | Fold::Present | Fold::First => {}
            Fold::Last => self.value = later.value,
            Fold::Max if later.value > self.value || self.value.is_nan() => self.value = later.value,
            Fold::Min if later.value < self.value || self.value.is_nan() => self.value = later.value,
            Fold::Max | Fold::Min => {}
            Fold::Avg | Fold::Sum => {
                let (total, lost) = two_sum(self.value, later.value);
                self.value = total;
                self.lost += lost + later.lost;
            }
        }
    }

    /// The value of a window; says so where it is not what it should be.
    #[inline]
    pub(super) fn value(&self, fold: Fold, is_lossy: &mut bool) -> f64 {
        if self.count == 0 {
            return ABSENT;
        }
        match fold {
            Fold::Count => self.count as f64,
            Fold::Present => 1.0,
            Fold::First | Fold::Last | Fold::Max | Fold::Min => self.value,
            Fold::Sum => self.total(),
            Fold::Avg => {
                let total = self.total();
                *is_lossy |= total.is_infinite();
                total / self.count as f64
            }
        }
    }

    // With an infinity among them, what was lost is no number.
    fn total(&self) -> f64 {
        if self.value.is_finite() { self.value + self.lost } else { self.value }
    }
}

/// A sum and what rounding takes away from it (Knuth, *The Art of Computer Programming* 2, 4.2.2).
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

#[inline]
fn sum(values: &[f64]) -> Part {
    let (groups, rest) = values.as_chunks::<LANES>();
    let (mut sums, mut losts) = ([0.0; LANES], [0.0; LANES]);
    for group in groups {
        for ((sum, lost), value) in sums.iter_mut().zip(&mut losts).zip(group) {
            let (next, error) = two_sum(*sum, *value);
            *sum = next;
            *lost += error;
        }
    }
    let (mut total, mut lost) = (0.0, 0.0);
    let lanes = if groups.is_empty() { 0 } else { LANES };
    for value in sums[..lanes].iter().chain(rest) {
        let (next, error) = two_sum(total, *value);
        total = next;
        lost += error;
    }
    lost += losts[..lanes].iter().sum::<f64>();
    Part { count: values.len() as u64, value: total, lost }
}

#[inline]
fn best(values: &[f64], choose: impl Fn(f64, f64) -> f64) -> f64 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut best = [values[0]; LANES];
    for group in groups {
        best.iter_mut().zip(group).for_each(|(best, value)| *best = choose(*best, *value));
    }
    best.iter().chain(rest).copied().fold(values[0], choose)
}
