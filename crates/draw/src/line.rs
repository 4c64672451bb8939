//! A line of a chart.

use crate::Color;

/// How several values become one where a chart has fewer pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Join {
    /// Their mean.
    #[default]
    Average,
    /// Their sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The first.
    First,
    /// The last.
    Last,
}

/// Values at even steps, and how they wish to be drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What the legend says.
    pub name: String,
    /// Time of the first value, Unix milliseconds.
    pub start_ms: i64,
    /// Time between two values.
    pub step_ms: i64,
    /// Null is NaN.
    pub values: Vec<f64>,
    /// Instead of the next of the theme.
    pub color: Option<Color>,
    /// From 0 to 1.
    pub alpha: Option<f64>,
    /// In pixels, instead of the chart's.
    pub width: Option<f64>,
    /// Length of dashes in pixels.
    pub dash: Option<f64>,
    /// Measured at the right axis.
    pub right: bool,
    /// A vertical line through the whole chart wherever a value is greater than zero.
    pub infinite: bool,
    /// The area down to the line before it that is filled too, or to zero, is filled: values are sums already.
    pub filled: bool,
    /// Takes part as the lower border of an area, and is not drawn.
    pub hidden: bool,
    /// How values become fewer.
    pub join: Join,
}

impl Line {
    /// Time after the last value.
    pub fn end_ms(&self) -> i64 {
        self.start_ms.saturating_add(self.step_ms.saturating_mul(self.values.len() as i64))
    }

    /// Joins each `count` values to one.
    pub(crate) fn joined(&self, count: usize) -> Self {
        let values = self.values.chunks(count.max(1)).map(|values| join(self.join, values)).collect();
        Self { values, step_ms: self.step_ms.saturating_mul(count.max(1) as i64), ..self.clone() }
    }
}

impl Join {
    /// One value of many; NaN of none.
    pub fn of(self, values: &[f64]) -> f64 {
        join(self, values)
    }
}

fn join(how: Join, values: &[f64]) -> f64 {
    let mut there = values.iter().copied().filter(|value| !value.is_nan());
    match how {
        Join::First => there.next().unwrap_or(f64::NAN),
        Join::Last => there.next_back().unwrap_or(f64::NAN),
        Join::Min => there.fold(f64::NAN, f64::min),
        Join::Max => there.fold(f64::NAN, f64::max),
        Join::Sum => there.reduce(|sum, value| sum + value).unwrap_or(f64::NAN),
        Join::Average => {
            let (sum, count) = there.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
            if count == 0 { f64::NAN } else { sum / f64::from(count) }
        }
    }
}
