//! The open end of a column: the newest samples. What is scraped comes at regular times, and then no times are kept at
//! all, only where they start and how far they are apart.

use super::buffer::{Buffer, Put};

/// Samples sorted by time, each time once; new ones are nearly always added at the end.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    times: Times,
    values: Vec<f64>,
}

#[derive(Debug)]
enum Times {
    /// `first_ms`, `first_ms + step_ms` …; the step counts from the second sample on, and is above 0 then.
    Regular { first_ms: i64, step_ms: i64 },
    /// As they came.
    Listed(Vec<i64>),
}

impl Default for Times {
    fn default() -> Self {
        Self::Regular { first_ms: 0, step_ms: 0 }
    }
}

/// Time number `at` of a regular row. Wrapping, because only the result has to fit.
#[inline]
fn regular(first_ms: i64, step_ms: i64, at: usize) -> i64 {
    first_ms.wrapping_add(step_ms.wrapping_mul(at as i64))
}

impl Tail {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[inline]
    pub(crate) fn first_ms(&self) -> Option<i64> {
        (!self.is_empty()).then(|| self.time_ms(0))
    }

    #[inline]
    pub(crate) fn last_ms(&self) -> Option<i64> {
        Some(self.time_ms(self.len().checked_sub(1)?))
    }

    /// The time of sample `at`, which is there.
    #[inline]
    pub(crate) fn time_ms(&self, at: usize) -> i64 {
        match &self.times {
            Times::Regular { first_ms, step_ms } => regular(*first_ms, *step_ms, at),
            Times::Listed(times_ms) => times_ms[at],
        }
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Adds a sample newer than all.
    #[inline]
    pub(crate) fn push(&mut self, time_ms: i64, value: f64) {
        let len = self.values.len();
        match &mut self.times {
            Times::Listed(times_ms) => times_ms.push(time_ms),
            Times::Regular { first_ms, .. } if len == 0 => *first_ms = time_ms,
            Times::Regular { first_ms, step_ms } if len == 1 && time_ms.checked_sub(*first_ms).is_some() => {
                *step_ms = time_ms - *first_ms;
            }
            Times::Regular { first_ms, step_ms }
                if len > 1 && regular(*first_ms, *step_ms, len) == time_ms => {}
            Times::Regular { .. } => self.list().push(time_ms),
        }
        self.values.push(value);
    }

    /// Adds a sample anywhere.
    pub(crate) fn put(&mut self, time_ms: i64, value: f64) -> Put {
        match self.search(time_ms) {
            Ok(at) if self.values[at].to_bits() == value.to_bits() => Put::Duplicate,
            Ok(at) => {
                self.values[at] = value;
                Put::Conflict
            }
            Err(at) => {
                self.list().insert(at, time_ms);
                self.values.insert(at, value);
                Put::New
            }
        }
    }

    /// Takes off the samples from place `at` on.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let times = match &mut self.times {
            Times::Regular { first_ms, step_ms } => {
                Times::Regular { first_ms: regular(*first_ms, *step_ms, at), step_ms: *step_ms }
            }
            Times::Listed(times_ms) => Times::Listed(times_ms.split_off(at)),
        };
        Self { times, values: self.values.split_off(at) }
    }

    /// Forgets all samples, keeps the memory of values.
    pub(crate) fn clear(&mut self) {
        self.times = Times::default();
        self.values.clear();
    }

    /// Number of samples older than `time_ms`.
    pub(crate) fn count_before(&self, time_ms: i64) -> usize {
        self.search(time_ms).unwrap_or_else(|at| at)
    }

    /// Appends the times of some samples.
    pub(crate) fn times(&self, range: std::ops::Range<usize>, times_ms: &mut Vec<i64>) {
        times_ms.extend(range.map(|at| self.time_ms(at)));
    }

    /// A copy of some samples.
    pub(crate) fn copy(&self, range: std::ops::Range<usize>) -> Buffer {
        let mut buffer = Buffer::default();
        self.times(range.clone(), &mut buffer.times_ms);
        buffer.values.extend_from_slice(&self.values[range]);
        buffer
    }

    pub(crate) fn len_bytes(&self) -> usize {
        let times = match &self.times {
            Times::Regular { .. } => 0,
            Times::Listed(times_ms) => times_ms.capacity() * size_of::<i64>(),
        };
        times + self.values.capacity() * size_of::<f64>()
    }

    /// The place of the sample of this time, or where it would be.
    fn search(&self, time_ms: i64) -> Result<usize, usize> {
        let (first_ms, step_ms) = match &self.times {
            Times::Listed(times_ms) => return times_ms.binary_search(&time_ms),
            Times::Regular { first_ms, step_ms } => (*first_ms, *step_ms),
        };
        match self.last_ms() {
            None => Err(0),
            Some(_) if time_ms < first_ms => Err(0),
            Some(_) if time_ms == first_ms => Ok(0),
            Some(last_ms) if time_ms > last_ms => Err(self.len()),
            Some(_) => {
                // At most the last time, so there are two samples at least and a step; the distance fits unsigned.
                let (distance, step) = (time_ms.wrapping_sub(first_ms) as u64, step_ms as u64);
                let at = (distance / step) as usize;
                if distance.is_multiple_of(step) { Ok(at) } else { Err(at + 1) }
            }
        }
    }

    /// The times one by one, from now on.
    #[cold]
    fn list(&mut self) -> &mut Vec<i64> {
        if let Times::Regular { first_ms, step_ms } = self.times {
            let times_ms = (0..self.len()).map(|at| regular(first_ms, step_ms, at)).collect();
            self.times = Times::Listed(times_ms);
        }
        match &mut self.times {
            Times::Listed(times_ms) => times_ms,
            Times::Regular { .. } => unreachable!("made a list above"),
        }
    }
}

#[cfg(test)]
mod tests;
