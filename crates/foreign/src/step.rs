//! One value for each step of time instead of all samples.

use crate::Error;
use model::{Aspects, Labels, Row, Series, TimeRange};

/// How the samples of a step become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// Newest.
    Last,
    /// Farthest from 0.
    AbsMax,
    /// Nearest to 0.
    AbsMin,
}

impl Aggregate {
    /// Every way, with its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("sum", Self::Sum),
        ("last", Self::Last),
        ("absmax", Self::AbsMax),
        ("absmin", Self::AbsMin),
    ];

    /// The way of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, how)| *how)
    }
}

/// How the samples of one series become values of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// What becomes of the samples of a step.
    pub how: Aggregate,
    /// A step with fewer has no value.
    pub samples_min: u64,
}

impl From<Aggregate> for Way {
    fn from(how: Aggregate) -> Self {
        Self { how, samples_min: 1 }
    }
}

/// Every so long one value instead of all samples.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Steps start at whole multiples of it; more than zero.
    pub step_ms: i64,
    /// What was asked for; `None` for what is usual.
    pub how: Option<Aggregate>,
    /// What is usual for a series, at this step.
    pub usual: &'a dyn Fn(&Labels, i64) -> Way,
}

impl<'a> Step<'a> {
    fn way(&self, labels: &Labels) -> Way {
        self.how.map_or_else(|| (self.usual)(labels, self.step_ms), Way::from)
    }

    /// The start of the step that an instant is in.
    pub fn start_of(&self, time_ms: i64) -> i64 {
        time_ms.saturating_sub(time_ms.rem_euclid(self.step_ms))
    }

    /// Whole steps that cover a range, at most so many in a window.
    pub fn windows(&self, range: TimeRange, steps_max: i64) -> impl Iterator<Item = TimeRange> + use<'a> {
        let window_ms = self.step_ms.saturating_mul(steps_max);
        let step_ms = self.step_ms;
        let end_ms = match range.end_ms.rem_euclid(step_ms) {
            0 => range.end_ms,
            over_ms => range.end_ms.saturating_add(step_ms - over_ms),
        };
        let mut start_ms = self.start_of(range.start_ms);
        std::iter::from_fn(move || {
            let window = TimeRange::new(start_ms, start_ms.saturating_add(window_ms).min(end_ms));
            start_ms = window.end_ms;
            (!window.is_empty()).then_some(window)
        })
    }

    /// Where the steps of a window begin and end.
    pub fn edges(&self, window: TimeRange) -> impl Iterator<Item = i64> + use<'a> {
        let step_ms = self.step_ms;
        let count = window.len_ms() / step_ms;
        (0..=count).map(move |at| window.start_ms.saturating_add(at * step_ms))
    }
}

/// Gathers samples and rows, series after series, times ascending. NaN is no sample, as in rows.
pub struct Steps<'s> {
    step: Step<'s>,
    /// By series.
    ways: Vec<Way>,
    /// Series and start of the step under way.
    place: Option<(usize, i64)>,
    count: u64,
    value: f64,
}

/// Takes a step that is over: series, its start, its value.
pub type Then<'t> = dyn FnMut(usize, i64, f64) -> Result<(), Error> + 't;

impl<'s> Steps<'s> {
    /// Nothing so far of any of the `series`.
    pub fn new(step: &Step<'s>, series: &[Series]) -> Self {
        let ways = series.iter().map(|one| step.way(&one.labels)).collect();
        Self { step: *step, ways, place: None, count: 0, value: 0.0 }
    }

    /// What of rows would say the same as samples, for a series.
    pub fn aspects(&self, series: usize) -> Aspects {
        let told = match self.ways[series].how {
            Aggregate::Avg | Aggregate::Sum => Aspects::SUM,
            Aggregate::Min => Aspects::MIN,
            Aggregate::Max => Aspects::MAX,
            Aggregate::Last => Aspects::LAST,
            Aggregate::AbsMax => Aspects::MIN | Aspects::MAX,
            // With samples of both signs the nearest to 0 is neither the least nor the greatest.
            Aggregate::AbsMin => Aspects::SAMPLES,
        };
        told | Aspects::COUNT
    }

    /// Takes samples; hands on each step that is over.
    pub fn add(
        &mut self,
        series: usize,
        times_ms: &[i64],
        values: &[f64],
        then: &mut Then<'_>,
    ) -> Result<(), Error> {
        for (&time_ms, &value) in times_ms.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            self.fold(series, time_ms, 1, value, then)?;
        }
        Ok(())
    }

    /// Takes rows with [`Steps::aspects`]; each counts for the step it starts in.
    pub fn add_rows(&mut self, series: usize, rows: &[Row], then: &mut Then<'_>) -> Result<(), Error> {
        let how = self.ways[series].how;
        for row in rows.iter().filter(|row| row.count > 0) {
            let value = match how {
                Aggregate::Avg | Aggregate::Sum => row.sum,
                Aggregate::Min => row.min,
                Aggregate::Max => row.max,
                Aggregate::Last => row.last,
                Aggregate::AbsMax => farther(row.max, row.min),
                Aggregate::AbsMin => continue, // never asked for as rows
            };
            self.fold(series, row.span.start_ms, row.count, value, then)?;
        }
        Ok(())
    }

    fn fold(
        &mut self,
        series: usize,
        time_ms: i64,
        count: u64,
        value: f64,
        then: &mut Then<'_>,
    ) -> Result<(), Error> {
        let place = Some((series, self.step.start_of(time_ms)));
        if self.place != place {
            self.finish(then)?;
            (self.place, self.count, self.value) = (place, count, value);
            return Ok(());
        }
        self.count += count;
        self.value = match self.ways[series].how {
            Aggregate::Avg | Aggregate::Sum => self.value + value,
            Aggregate::Min => self.value.min(value),
            Aggregate::Max => self.value.max(value),
            Aggregate::Last => value,
            Aggregate::AbsMax => farther(self.value, value),
            Aggregate::AbsMin if value.abs() < self.value.abs() => value,
            Aggregate::AbsMin => self.value,
        };
        Ok(())
    }

    /// Hands on the step under way.
    pub fn finish(&mut self, then: &mut Then<'_>) -> Result<(), Error> {
        let Some((series, start_ms)) = self.place.take() else { return Ok(()) };
        let Way { how, samples_min } = self.ways[series];
        if self.count < samples_min {
            return Ok(());
        }
        let value = if how == Aggregate::Avg { self.value / self.count as f64 } else { self.value };
        then(series, start_ms, value)
    }
}

/// The one that is farther from 0; the first when both are.
fn farther(first: f64, second: f64) -> f64 {
    if second.abs() > first.abs() { second } else { first }
}
