//! One number of many. Null (NaN) is left out unless said otherwise.

use super::series::Series;

/// How.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregate {
    /// Their mean.
    Average,
    /// Their mean, with null as 0.
    AvgZero,
    /// The one in the middle.
    Median,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The first less all others.
    Diff,
    /// Standard deviation of the whole.
    Stddev,
    /// How many; 0 where there is none.
    Count,
    /// Between the least and the greatest.
    Range,
    /// Their product; null if one of them is.
    Multiply,
    /// The first.
    First,
    /// The last.
    Last,
    /// This percentile, 0 to 100.
    Percentile(f64),
}

/// Names with what they mean, old ones last.
const NAMES: [(&str, Aggregate); 18] = [
    ("average", Aggregate::Average),
    ("avg", Aggregate::Average),
    ("avg_zero", Aggregate::AvgZero),
    ("median", Aggregate::Median),
    ("sum", Aggregate::Sum),
    ("total", Aggregate::Sum),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("diff", Aggregate::Diff),
    ("stddev", Aggregate::Stddev),
    ("count", Aggregate::Count),
    ("range", Aggregate::Range),
    ("rangeOf", Aggregate::Range),
    ("multiply", Aggregate::Multiply),
    ("first", Aggregate::First),
    ("last", Aggregate::Last),
    ("current", Aggregate::Last),
    ("p50", Aggregate::Percentile(50.0)),
];

impl Aggregate {
    /// The one of this name, also as `sumSeries`, and `p95` or `p99.9`.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_suffix("Series").unwrap_or(name);
        let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, aggregate)| *aggregate);
        known.or_else(|| {
            let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
            (0.0..=100.0).contains(&percent).then_some(Self::Percentile(percent))
        })
    }

    /// One number of a row; NaN when there is none.
    pub fn of(self, row: &[f64]) -> f64 {
        let present = || row.iter().copied().filter(|value| !value.is_nan());
        let count = present().count();
        match self {
            Self::Count => count as f64,
            Self::AvgZero if !row.is_empty() => present().sum::<f64>() / row.len() as f64,
            Self::Multiply if count < row.len() => f64::NAN,
            _ if count == 0 => f64::NAN,
            Self::Average => present().sum::<f64>() / count as f64,
            Self::Sum => present().sum(),
            Self::Min => present().fold(f64::INFINITY, f64::min),
            Self::Max => present().fold(f64::NEG_INFINITY, f64::max),
            Self::Diff => present().reduce(|all, value| all - value).unwrap_or(f64::NAN),
            Self::Range => Self::Max.of(row) - Self::Min.of(row),
            Self::Multiply => present().product(),
            Self::First => present().next().unwrap_or(f64::NAN),
            Self::Last => row.iter().rev().copied().find(|value| !value.is_nan()).unwrap_or(f64::NAN),
            Self::Stddev => {
                let mean = Self::Average.of(row);
                (present().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64).sqrt()
            }
            Self::Median => {
                let sorted = sorted(present());
                let middle = sorted.len() / 2;
                if sorted.len() % 2 == 1 {
                    sorted[middle]
                } else {
                    f64::midpoint(sorted[middle - 1], sorted[middle])
                }
            }
            Self::Percentile(percent) => percentile(present(), percent, false),
            Self::AvgZero => f64::NAN,
        }
    }

    /// Over the values of a series.
    pub fn of_series(self, series: &Series) -> f64 {
        self.of(&series.values)
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The value at rank `percent/100·(count + 1)`, the next one above, or between the two where it is interpolated; NaN where
/// there is none, or the rank is beyond the last but one.
pub(super) fn percentile(values: impl Iterator<Item = f64>, percent: f64, interpolate: bool) -> f64 {
    let sorted = sorted(values.filter(|value| !value.is_nan()));
    let Some(&last) = sorted.last() else { return f64::NAN };
    let exact = percent / 100.0 * (sorted.len() + 1) as f64;
    let fraction = exact.fract();
    let rank = (exact.trunc().max(0.0) as usize) + usize::from(!interpolate && fraction > 0.0);
    let found = match rank {
        0 => sorted[0],
        rank if rank > sorted.len() + 1 => return f64::NAN,
        rank => sorted.get(rank - 1).copied().unwrap_or(last),
    };
    match sorted.get(rank) {
        Some(next) if interpolate => found + fraction * (next - found),
        _ => found,
    }
}
