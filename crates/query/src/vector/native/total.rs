//! Sums and averages of many histograms, over series or over time.

use model::histogram::{Compensated, Incompatible, Merged};
use model::{CounterReset, Histogram};

/// Hints that were seen. Whether some counted anew and some did not is to be known even where gauges are among them.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    reset: bool,
    not_reset: bool,
    rebounded: bool,
}

impl Seen {
    fn see(&mut self, histogram: &Histogram) {
        self.reset |= histogram.hint == CounterReset::Reset;
        self.not_reset |= histogram.hint == CounterReset::NotReset;
    }

    fn merged(self) -> Merged {
        Merged { rebounded: self.rebounded, conflicting: self.reset && self.not_reset }
    }
}

/// A sum that grows.
#[derive(Debug, Clone)]
pub struct Total {
    sum: Compensated,
    seen: Seen,
}

impl Total {
    /// The sum of one histogram.
    pub fn new(first: &Histogram) -> Self {
        let mut seen = Seen::default();
        seen.see(first);
        Self { sum: Compensated::new(first.clone()), seen }
    }

    /// Adds another.
    ///
    /// # Errors
    /// If only one has listed bounds.
    pub fn add(&mut self, next: &Histogram) -> Result<(), Incompatible> {
        self.seen.rebounded |= self.sum.add(next)?.rebounded;
        self.seen.see(next);
        Ok(())
    }

    /// The sum without buckets that are empty, and what to say about it.
    pub fn finish(self) -> (Histogram, Merged) {
        let mut sum = self.sum.value();
        sum.compact();
        (sum, self.seen.merged())
    }
}

/// An average that grows. It is the sum by the number, until that sum is beyond what floats hold; from there on each part
/// is divided before it is added.
#[derive(Debug, Clone)]
pub struct Mean {
    sum: Compensated,
    count: f64,
    is_divided: bool,
    seen: Seen,
}

impl Mean {
    /// The average of one histogram.
    pub fn new(first: &Histogram) -> Self {
        let mut seen = Seen::default();
        seen.see(first);
        Self { sum: Compensated::new(first.clone()), count: 1.0, is_divided: false, seen }
    }

    /// Adds another.
    ///
    /// # Errors
    /// If only one has listed bounds.
    pub fn add(&mut self, next: &Histogram) -> Result<(), Incompatible> {
        self.count += 1.0;
        self.seen.see(next);
        if !self.is_divided {
            let mut sum = self.sum.clone();
            let merged = sum.add(next)?;
            if !sum.has_infinity() {
                self.sum = sum;
                self.seen.rebounded |= merged.rebounded;
                return Ok(());
            }
            self.is_divided = true;
            self.sum.scale(1.0 / (self.count - 1.0));
        }
        self.sum.scale((self.count - 1.0) / self.count);
        self.seen.rebounded |= self.sum.add(&next.clone().divided(self.count))?.rebounded;
        Ok(())
    }

    /// The average without buckets that are empty, and what to say about it.
    pub fn finish(self) -> (Histogram, Merged) {
        let sum = self.sum.value();
        let mut mean = if self.is_divided { sum } else { sum.divided(self.count) };
        mean.compact();
        (mean, self.seen.merged())
    }
}
