//! One stretch of time of one series that is made.

use crate::log::Position;

/// Most values kept for a percentile; of more, only the first count.
const VALUES_MAX: usize = 100_000;

/// What is computed of the values of a stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum How {
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many there are.
    Count,
    /// The one that came last.
    Last,
    /// The one that came first.
    First,
    /// Greatest less least.
    Range,
    /// Standard deviation of all of them.
    Stddev,
    /// The value at this fraction of their order, between two neighbours in proportion.
    Percentile(f64),
}

impl How {
    /// Reads a name: `sum`, `avg`, `min`, `max`, `count`, `last`, `first`, `range`, `stddev`, `median`, `p95`, `p999`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(name: &str) -> Result<Self, String> {
        Ok(match name {
            "sum" => Self::Sum,
            "avg" | "average" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "count" => Self::Count,
            "last" => Self::Last,
            "first" => Self::First,
            "range" => Self::Range,
            "stddev" => Self::Stddev,
            "median" => Self::Percentile(0.5),
            _ => {
                let digits =
                    name.strip_prefix('p').filter(|d| d.len() >= 2 && d.bytes().all(|b| b.is_ascii_digit()));
                let fraction = digits.and_then(|digits| format!("0.{digits}").parse().ok());
                Self::Percentile(fraction.ok_or_else(|| {
                    format!("`{name}` is no way to aggregate: sum, avg, min, max, count, last, first, range, stddev, median, p95 …")
                })?)
            }
        })
    }
}

#[derive(Debug, Clone)]
pub(super) struct Bucket {
    count: u64,
    sum: f64,
    squares: f64,
    min: f64,
    max: f64,
    first: f64,
    last: f64,
    values: Vec<f64>,
    /// Where its first sample lies.
    pub(super) from: Position,
    /// Whether it holds more than was told.
    pub(super) is_fresh: bool,
}

impl Bucket {
    pub(super) fn new(from: Position) -> Self {
        Self {
            count: 0,
            sum: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            first: f64::NAN,
            last: f64::NAN,
            values: Vec::new(),
            from,
            is_fresh: true,
        }
    }

    pub(super) fn add(&mut self, value: f64, how: How) {
        if self.count == 0 {
            self.first = value;
        }
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.last = value;
        self.is_fresh = true;
        if matches!(how, How::Percentile(_)) && self.values.len() < VALUES_MAX {
            self.values.push(value);
        }
    }

    pub(super) fn value(&mut self, how: How) -> f64 {
        let count = self.count as f64;
        match how {
            How::Sum => self.sum,
            How::Avg => self.sum / count,
            How::Min => self.min,
            How::Max => self.max,
            How::Count => count,
            How::Last => self.last,
            How::First => self.first,
            How::Range => self.max - self.min,
            How::Stddev => (self.squares / count - (self.sum / count).powi(2)).max(0.0).sqrt(),
            How::Percentile(fraction) => percentile(&mut self.values, fraction),
        }
    }
}

fn percentile(values: &mut [f64], fraction: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = fraction * values.len().saturating_sub(1) as f64;
    let (below, part) = (rank.floor() as usize, rank.fract());
    let Some(&low) = values.get(below) else { return f64::NAN };
    let high = values.get(below + 1).copied().unwrap_or(low);
    if part == 0.0 { low } else { low + (high - low) * part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_carbon() {
        let of = |name: &str| {
            let (how, mut bucket) = (How::parse(name).unwrap(), Bucket::new(Position::default()));
            [23.0, 4.0, 42.0, 8.0, 15.0, 16.0].into_iter().for_each(|value| bucket.add(value, how));
            (bucket.value(how) * 1e6).round() / 1e6
        };
        let names = ["p999", "p99", "p95", "p90", "p80", "p75", "p50", "median"];
        assert_eq!(names.map(of), [41.905, 41.05, 37.25, 32.5, 23.0, 21.25, 15.5, 15.5]);
        let names = ["sum", "avg", "min", "max", "count", "last", "first", "range"];
        assert_eq!(names.map(of), [108.0, 18.0, 4.0, 42.0, 6.0, 16.0, 23.0, 38.0]);
        assert_eq!(of("stddev"), 12.315302);
        assert!(How::parse("p").is_err() && How::parse("p9x").is_err() && How::parse("mean2").is_err());
    }
}
