//! The open end of a column: the newest samples. The newest of all is at hand; the others are in tokens
//! ([`values`], [`times`]) that are cheap to add to and are read from the start.
//!
//! The newest one is still at hand when all samples are gone into chunks and blocks.

mod times;
mod values;

use super::buffer::{Buffer, Put};
use super::pages::Pages;
use std::ops::Range;
use times::Irregular;
use values::Values;

/// Samples sorted by time, each time once; new ones are nearly always added at the end.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Time of the newest sample; of an empty tail, of the one it had last.
    last_ms: i64,
    values: Values,
    /// How far the times are apart, when there is more than one and they are regular.
    step_ms: u32,
    irregular: Option<Box<Irregular>>,
    /// Nothing that the series has anywhere else is newer than what this has, or had last.
    is_newest: bool,
}

impl Tail {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn first_ms(&self) -> Option<i64> {
        let steps = self.len().checked_sub(1)? as i64;
        Some(match &self.irregular {
            Some(times) => times.first_ms(),
            // Wrapping, because only the result has to fit.
            None => self.last_ms.wrapping_sub(i64::from(self.step_ms).wrapping_mul(steps)),
        })
    }

    #[inline]
    pub(crate) fn last_ms(&self) -> Option<i64> {
        (!self.is_empty()).then_some(self.last_ms)
    }

    /// The newest sample.
    #[inline]
    pub(crate) fn last(&self) -> Option<(i64, f64)> {
        (!self.is_empty()).then(|| (self.last_ms, self.values.last()))
    }

    /// The newest sample of the whole series, wherever it is by now; `None` when that is not known.
    pub(crate) fn newest(&self) -> Option<(i64, f64)> {
        self.is_newest.then(|| (self.last_ms, self.values.last()))
    }

    /// Nothing of the series outside of its column is newer than `outside_ms`.
    pub(crate) fn compare(&mut self, outside_ms: i64) {
        self.is_newest |= self.last_ms().is_some_and(|last_ms| last_ms >= outside_ms);
    }

    /// The series gets a sample elsewhere, or here while this is empty.
    pub(crate) fn doubt(&mut self, time_ms: i64, is_here: bool) {
        self.is_newest &= !self.is_empty() || is_here && time_ms >= self.last_ms;
    }

    /// Bytes that the values have taken.
    #[inline]
    pub(crate) fn value_bytes(&self) -> usize {
        self.values.len_bytes()
    }

    /// Adds a sample newer than all.
    #[inline]
    pub(crate) fn push(&mut self, time_ms: i64, value: f64, pages: &mut Pages) {
        if self.irregular.is_some() || time_ms.wrapping_sub(self.last_ms) != i64::from(self.step_ms) {
            self.push_time(time_ms);
        }
        self.last_ms = time_ms;
        self.values.push(value, pages);
    }

    /// Adds a time that is not where a regular one would be.
    fn push_time(&mut self, time_ms: i64) {
        let len = self.len();
        if len == 0 {
            return;
        }
        let step_ms = time_ms.checked_sub(self.last_ms).and_then(|step_ms| u32::try_from(step_ms).ok());
        match (&mut self.irregular, step_ms) {
            (Some(times), _) => times.push(self.last_ms, time_ms),
            (None, Some(step_ms)) if len == 1 => self.step_ms = step_ms,
            (None, _) => {
                let first_ms = self.first_ms().unwrap_or(time_ms);
                let mut times = Irregular::regular(first_ms, self.step_ms, len);
                times.push(self.last_ms, time_ms);
                self.irregular = Some(Box::new(times));
            }
        }
    }

    /// Adds a sample anywhere; in the midst of others that takes the whole tail apart and puts it together again.
    #[cold]
    pub(crate) fn put(&mut self, time_ms: i64, value: f64, pages: &mut Pages) -> Put {
        if self.last().is_some_and(|(t, v)| t == time_ms && v.to_bits() == value.to_bits()) {
            return Put::Duplicate;
        }
        let mut samples = self.copy(0..self.len(), pages);
        let put = samples.put(time_ms, value);
        if put != Put::Duplicate {
            self.clear(pages);
            self.extend(&samples, pages);
        }
        put
    }

    /// Adds samples newer than all.
    pub(crate) fn extend(&mut self, samples: &Buffer, pages: &mut Pages) {
        for (&time_ms, &value) in samples.times_ms.iter().zip(&samples.values) {
            self.push(time_ms, value, pages);
        }
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self, pages: &mut Pages) -> Buffer {
        let samples = self.copy(0..self.len(), pages);
        self.clear(pages);
        samples
    }

    /// Forgets all samples, except which one was the newest.
    pub(crate) fn clear(&mut self, pages: &mut Pages) {
        self.values.clear(pages);
        let (last_ms, is_newest) = (self.last_ms, self.is_newest);
        *self = Self { last_ms, is_newest, values: std::mem::take(&mut self.values), ..Self::default() };
    }

    /// Number of samples older than `time_ms`.
    pub(crate) fn count_before(&self, time_ms: i64) -> usize {
        match self.first_ms() {
            None => 0,
            Some(first_ms) if time_ms <= first_ms => 0,
            Some(_) if time_ms > self.last_ms => self.len(),
            // Between the first and the last, so there is a step, and the distance fits.
            Some(first_ms) if self.irregular.is_none() => {
                (time_ms.wrapping_sub(first_ms) as u64).div_ceil(u64::from(self.step_ms)) as usize
            }
            Some(_) => {
                let mut times_ms = Vec::new();
                self.times(&mut times_ms);
                times_ms.partition_point(|&t| t < time_ms)
            }
        }
    }

    /// Appends all times.
    pub(crate) fn times(&self, times_ms: &mut Vec<i64>) {
        match (&self.irregular, self.first_ms()) {
            (Some(times), _) => times.decode(times_ms),
            (None, Some(first_ms)) => {
                let step_ms = i64::from(self.step_ms);
                times_ms.extend((0..self.len() as i64).map(|at| first_ms.wrapping_add(step_ms * at)));
            }
            (None, None) => {}
        }
    }

    /// Appends all values.
    pub(crate) fn values(&self, pages: &Pages, values: &mut Vec<f64>) {
        self.values.decode(pages, values);
    }

    /// A copy of some samples.
    pub(crate) fn copy(&self, range: Range<usize>, pages: &Pages) -> Buffer {
        let mut samples = Buffer::default();
        self.copy_into(range, pages, &mut samples);
        samples
    }

    /// The same in place of what is in `samples`.
    pub(crate) fn copy_into(&self, range: Range<usize>, pages: &Pages, samples: &mut Buffer) {
        samples.times_ms.clear();
        samples.values.clear();
        samples.values.reserve(self.len());
        self.times(&mut samples.times_ms);
        self.values(pages, &mut samples.values);
        samples.times_ms.truncate(range.end);
        samples.values.truncate(range.end);
        if range.start > 0 {
            samples.times_ms.drain(..range.start);
            samples.values.drain(..range.start);
        }
    }

    /// Bytes besides the tail itself and its pages.
    pub(crate) fn len_bytes(&self) -> usize {
        self.irregular.as_ref().map_or(0, |times| times.len_bytes())
    }
}

#[cfg(test)]
mod tests;
