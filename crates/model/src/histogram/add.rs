//! Sums and differences. What differs in bounds is first brought to the finest bounds that both have.

use super::custom::common_bounds;
use super::zero::common_threshold;
use super::{CounterReset, Histogram};
use std::fmt;
use std::sync::Arc;

/// One has exponential bounds and the other listed ones: nothing can be said about both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incompatible;

impl fmt::Display for Incompatible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "histograms with exponential and with custom buckets")
    }
}

impl std::error::Error for Incompatible {}

/// What people should know about two histograms that were taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Their listed bounds differed, and fewer are left.
    pub rebounded: bool,
    /// One was reset and the other was not.
    pub conflicting: bool,
}

/// The bounds that two histograms have in common.
pub(super) struct Shape {
    schema: i8,
    zero_threshold: f64,
    bounds: Arc<[f64]>,
    pub(super) rebounded: bool,
}

impl Shape {
    pub(super) fn common(a: &Histogram, b: &Histogram) -> Result<Self, Incompatible> {
        if a.is_custom() != b.is_custom() {
            return Err(Incompatible);
        }
        let rebounded = a.is_custom() && a.bounds != b.bounds;
        let bounds = if rebounded { common_bounds(&a.bounds, &b.bounds) } else { Arc::clone(&a.bounds) };
        let zero_threshold = if a.is_custom() { 0.0 } else { common_threshold(a, b) };
        Ok(Self { schema: a.schema.min(b.schema), zero_threshold, bounds, rebounded })
    }

    fn fits(&self, histogram: &Histogram) -> bool {
        histogram.schema == self.schema
            && histogram.zero_threshold >= self.zero_threshold
            && histogram.bounds == self.bounds
    }

    /// Gives `histogram` this shape.
    pub(super) fn shape(&self, histogram: &mut Histogram) {
        if histogram.is_custom() {
            if histogram.bounds != self.bounds {
                histogram.rebound(&self.bounds);
            }
            return;
        }
        histogram.widen_zero(self.zero_threshold);
        histogram.coarsen(self.schema);
    }
}

impl Histogram {
    /// Adds another.
    ///
    /// # Errors
    /// If only one has listed bounds; then nothing is changed.
    pub fn add(&mut self, other: &Self) -> Result<Merged, Incompatible> {
        let (hint, conflicting) = self.hint.joined(other.hint);
        let rebounded = self.combine(other, |a, b| a + b)?;
        self.hint = hint;
        Ok(Merged { rebounded, conflicting })
    }

    /// Takes another away; what is left is no counter.
    ///
    /// # Errors
    /// If only one has listed bounds; then nothing is changed.
    pub fn subtract(&mut self, other: &Self) -> Result<Merged, Incompatible> {
        let (_, conflicting) = self.hint.joined(other.hint);
        let rebounded = self.combine(other, |a, b| a - b)?;
        self.hint = CounterReset::Gauge;
        Ok(Merged { rebounded, conflicting })
    }

    fn combine(&mut self, other: &Self, with: impl Fn(f64, f64) -> f64) -> Result<bool, Incompatible> {
        let shape = Shape::common(self, other)?;
        shape.shape(self);
        let mut shaped;
        let other = if shape.fits(other) {
            other
        } else {
            shaped = other.clone();
            shape.shape(&mut shaped);
            &shaped
        };
        self.zero_count = with(self.zero_count, other.zero_count);
        self.count = with(self.count, other.count);
        self.sum = with(self.sum, other.sum);
        self.positive = self.positive.joined(&other.positive, &with);
        self.negative = self.negative.joined(&other.negative, &with);
        Ok(shape.rebounded)
    }
}
