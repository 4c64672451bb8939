//! Sums and averages of many histograms, over series or over time.

use model::Histogram;
use model::histogram::{Compensated, Incompatible, Merged};

fn joined(all: &mut Merged, merged: Merged) {
    all.rebounded |= merged.rebounded;
    all.conflicting |= merged.conflicting;
}

/// A sum that grows.
#[derive(Debug, Clone)]
pub struct Total {
    sum: Compensated,
    merged: Merged,
}

impl Total {
    /// The sum of one histogram.
    pub fn new(first: &Histogram) -> Self {
        Self { sum: Compensated::new(first.clone()), merged: Merged::default() }
    }

    /// Adds another.
    ///
    /// # Errors
    /// If only one has listed bounds.
    pub fn add(&mut self, next: &Histogram) -> Result<(), Incompatible> {
        joined(&mut self.merged, self.sum.add(next)?);
        Ok(())
    }

    /// The sum without buckets that are empty, and what to say about it.
    pub fn finish(self) -> (Histogram, Merged) {
        let mut sum = self.sum.value();
        sum.compact();
        (sum, self.merged)
    }
}

/// An average that grows. It is the sum by the number, until that sum is beyond what floats hold; from there on each part
/// is divided before it is added.
#[derive(Debug, Clone)]
pub struct Mean {
    sum: Compensated,
    count: f64,
    is_divided: bool,
    merged: Merged,
}

impl Mean {
    /// The average of one histogram.
    pub fn new(first: &Histogram) -> Self {
        let sum = Compensated::new(first.clone());
        Self { sum, count: 1.0, is_divided: false, merged: Merged::default() }
    }

    /// Adds another.
    ///
    /// # Errors
    /// If only one has listed bounds.
    pub fn add(&mut self, next: &Histogram) -> Result<(), Incompatible> {
        self.count += 1.0;
        if !self.is_divided {
            let mut sum = self.sum.clone();
            let merged = sum.add(next)?;
            if !sum.has_infinity() {
                self.sum = sum;
                joined(&mut self.merged, merged);
                return Ok(());
            }
            self.is_divided = true;
            self.sum.scale(1.0 / (self.count - 1.0));
        }
        self.sum.scale((self.count - 1.0) / self.count);
        joined(&mut self.merged, self.sum.add(&next.clone().divided(self.count))?);
        Ok(())
    }

    /// The average without buckets that are empty, and what to say about it.
    pub fn finish(self) -> (Histogram, Merged) {
        let sum = self.sum.value();
        let mut mean = if self.is_divided { sum } else { sum.divided(self.count) };
        mean.compact();
        (mean, self.merged)
    }
}
