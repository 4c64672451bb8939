//! What to read, in which buckets, and what to make of the samples.

use super::{Filter, Pattern};
use model::{Interval, Unit, Zone};

/// Series to read: for each query, within it for each value of the splits, within that for each metric, one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Which label sets; at least one.
    pub queries: Vec<Query>,
    /// What of them; at least one.
    pub metrics: Vec<Metric>,
    /// By which labels, outermost first.
    pub splits: Vec<Split>,
    /// How much earlier or later to look.
    pub offset: Option<Offset>,
    /// Bucket size of its own; the request's otherwise.
    pub interval: Option<Interval>,
    /// How to bring the buckets read to the request's, and to fill those without samples. Without it the nearest
    /// bucket is taken where the two differ, and nothing is filled.
    pub fit: Option<Fit>,
}

/// A label query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// As written, for labels.
    pub text: String,
    /// What it means.
    pub filter: Filter,
}

/// Which samples to take and what to make of those in a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// As a label shows it: `avg(load1)`.
    pub label: String,
    /// What to make of the samples.
    pub aggregate: Aggregate,
    /// Which metric names; all when absent.
    pub name: Option<Pattern>,
}

/// What to make of the samples of all series in a bucket.
#[derive(Debug, Clone, PartialEq)]
pub enum Aggregate {
    /// Their mean.
    Avg,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many there are; 0 where there are none.
    Count,
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// How many different values there are.
    Cardinality,
    /// Percentiles (0 to 100), a series each, interpolated between the two nearest samples.
    Percentiles(Vec<f64>),
    /// The growth of each series per second, summed over the series.
    Rate,
    /// The growth of each series, summed over the series.
    Increase,
}

/// A series for each of the values of a label that fill most of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The label.
    pub label: String,
    /// At most so many values.
    pub limit: usize,
}

/// How points of one row of times become points of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// The mean of the points since the last bucket; straight lines where there are none.
    Average,
    /// The last value so far. Refuses to make fewer points of many.
    Carry,
    /// The point nearest in time, the later of two.
    Nearest,
    /// Only points that fall on a bucket exactly.
    None,
    /// The sum of the points since the last bucket, spread over the buckets before it that have none.
    Scale,
}

impl Fit {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Average, Self::Carry, Self::Nearest, Self::None, Self::Scale];

    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        ["average", "carry", "nearest", "none", "scale"][self as usize]
    }

    /// The mode of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == name)
    }
}

/// How much earlier (negative) or later to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    /// So many units.
    Units(i64, Unit),
    /// So many thousandths of the length of the request's range, in whole seconds.
    Thousandths(i64),
}

impl Offset {
    /// Reads `-1w`, `+2d`, `timerange:-1`, `timerange:-0.5`. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an offset such as -1w, +2d or timerange:-1");
        if let Some(factor) = text.strip_prefix("timerange:") {
            let factor: f64 = factor.trim().parse().map_err(|_| wrong())?;
            return match (factor * 1000.0).round() {
                -1e7..0.0 => Ok(Self::Thousandths((factor * 1000.0).round() as i64)),
                _ => Err("the factor of timerange must be negative, such as timerange:-1".to_owned()),
            };
        }
        if !text.starts_with(['+', '-']) || text.contains('.') {
            return Err(wrong());
        }
        let interval = Interval::parse(&text[1..]).filter(|i| i.unit != Unit::Quarter).ok_or_else(wrong)?;
        let count = i64::from(interval.count);
        Ok(Self::Units(if text.starts_with('-') { -count } else { count }, interval.unit))
    }

    /// Where an instant of a request over `range_ms` milliseconds is looked up.
    pub fn apply(self, time_ms: i64, range_ms: i64, zone: &Zone) -> i64 {
        match self {
            Self::Units(count, unit) => zone.add(time_ms, count, unit),
            Self::Thousandths(factor) => {
                let seconds = (range_ms as f64 / 1000.0 * factor as f64 / 1000.0).round() as i64;
                time_ms.saturating_add(seconds.saturating_mul(1000))
            }
        }
    }

    /// The opposite.
    #[must_use]
    pub fn reverse(self) -> Self {
        match self {
            Self::Units(count, unit) => Self::Units(-count, unit),
            Self::Thousandths(factor) => Self::Thousandths(-factor),
        }
    }
}
