//! One value for each step of time instead of all samples.

use crate::Error;

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
}

impl Aggregate {
    /// Every way, with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("sum", Self::Sum),
        ("last", Self::Last),
    ];
}

/// Gathers samples, series after series, times ascending.
pub struct Steps {
    step_ms: i64,
    how: Aggregate,
    /// Series and start of the step under way.
    place: Option<(usize, i64)>,
    count: u64,
    value: f64,
}

impl Steps {
    /// Steps start at whole multiples of `step_ms`, which is more than zero.
    pub fn new(step_ms: i64, how: Aggregate) -> Self {
        Self { step_ms, how, place: None, count: 0, value: 0.0 }
    }

    /// Takes samples; hands on each step that is over: series, its start, its value. Stale markers say nothing here.
    pub fn add(
        &mut self,
        series: usize,
        times_ms: &[i64],
        values: &[f64],
        then: &mut dyn FnMut(usize, i64, f64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (&time_ms, &value) in times_ms.iter().zip(values).filter(|(_, value)| !model::is_stale(**value)) {
            let place = Some((series, time_ms - time_ms.rem_euclid(self.step_ms)));
            if self.place != place {
                self.finish(then)?;
                (self.place, self.count, self.value) = (place, 0, value);
            }
            self.count += 1;
            if self.count > 1 {
                self.value = match self.how {
                    Aggregate::Avg | Aggregate::Sum => self.value + value,
                    Aggregate::Min => self.value.min(value),
                    Aggregate::Max => self.value.max(value),
                    Aggregate::Last => value,
                };
            }
        }
        Ok(())
    }

    /// Hands on the step under way.
    pub fn finish(
        &mut self,
        then: &mut dyn FnMut(usize, i64, f64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some((series, start_ms)) = self.place.take() else { return Ok(()) };
        let value = if self.how == Aggregate::Avg { self.value / self.count as f64 } else { self.value };
        then(series, start_ms, value)
    }
}
