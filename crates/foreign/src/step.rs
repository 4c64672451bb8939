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

/// Gathers samples, series after series, times ascending.
pub struct Steps {
    step_ms: i64,
    /// By series.
    ways: Vec<Way>,
    /// Series and start of the step under way.
    place: Option<(usize, i64)>,
    count: u64,
    value: f64,
}

impl Steps {
    /// Steps start at whole multiples of `step_ms`, which is more than zero; `ways` has one for each series.
    pub fn new(step_ms: i64, ways: Vec<Way>) -> Self {
        Self { step_ms, ways, place: None, count: 0, value: 0.0 }
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
                self.value = match self.ways[series].how {
                    Aggregate::Avg | Aggregate::Sum => self.value + value,
                    Aggregate::Min => self.value.min(value),
                    Aggregate::Max => self.value.max(value),
                    Aggregate::Last => value,
                    Aggregate::AbsMax if value.abs() > self.value.abs() => value,
                    Aggregate::AbsMin if value.abs() < self.value.abs() => value,
                    Aggregate::AbsMax | Aggregate::AbsMin => self.value,
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
        let Way { how, samples_min } = self.ways[series];
        if self.count < samples_min {
            return Ok(());
        }
        let value = if how == Aggregate::Avg { self.value / self.count as f64 } else { self.value };
        then(series, start_ms, value)
    }
}
