//! A native histogram: how many observations fell into which bucket, as one value of a series.
//!
//! Bounds follow from the schema. With an exponential schema `s` (-4 to 8), bucket `n` of the positive side holds what is
//! at most `2^(n · 2^-s)` and more than the bound of `n - 1`; the negative side mirrors it, and what is nearer to zero than
//! the threshold is in a bucket of its own. With [`CUSTOM`] bounds are listed, bucket `n` holds what is at most
//! `bounds[n]`, and the one after the last bound the rest. Counts are floats, because rates and averages of histograms are
//! histograms too. Formulas follow Prometheus' native histograms, as its test suite pins them.

mod add;
mod bounds;
mod buckets;
pub mod classic;
mod coarse;
mod compensated;
mod custom;
mod hint;
mod reset;
mod text;
mod zero;

#[cfg(test)]
mod tests;

pub use add::{Incompatible, Merged};
pub use bounds::{Bucket, bound};
pub use buckets::{BUCKETS_MAX, Buckets};
pub use compensated::Compensated;
pub use hint::CounterReset;

use crate::{STALE, is_stale};
use std::sync::Arc;

/// The schema whose bounds are listed.
pub const CUSTOM: i8 = -53;
/// The coarsest exponential schema: bounds at powers of 65536.
pub const SCHEMA_MIN: i8 = -4;
/// The finest exponential schema: 256 buckets to a doubling.
pub const SCHEMA_MAX: i8 = 8;

/// A histogram; see the module's text. Two are equal when all but their [`CounterReset`] is, bit by bit, buckets that are
/// there but empty included.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Which bounds: an exponential schema or [`CUSTOM`].
    pub schema: i8,
    /// What is known about the sample before it.
    pub hint: CounterReset,
    /// Absolute values up to this are in the bucket around zero.
    pub zero_threshold: f64,
    /// Observations in the bucket around zero.
    pub zero_count: f64,
    /// Observations in all, NaN among them, which are in no bucket.
    pub count: f64,
    /// Their sum; [`STALE`] says that the series ends here.
    pub sum: f64,
    /// Buckets above zero, or all with listed bounds.
    pub positive: Buckets,
    /// Buckets below zero, by their absolute value.
    pub negative: Buckets,
    /// Listed bounds, ascending and without the infinite one; empty with an exponential schema.
    pub bounds: Arc<[f64]>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            schema: 0,
            hint: CounterReset::Unknown,
            zero_threshold: 0.0,
            zero_count: 0.0,
            count: 0.0,
            sum: 0.0,
            positive: Buckets::default(),
            negative: Buckets::default(),
            bounds: Arc::from([]),
        }
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |h: &Self| [h.count, h.sum, h.zero_count, h.zero_threshold].map(f64::to_bits);
        self.schema == other.schema
            && numbers(self) == numbers(other)
            && self.bounds == other.bounds
            && self.positive == other.positive
            && self.negative == other.negative
    }
}

impl Histogram {
    /// The histogram that says "this series ends here".
    pub fn stale() -> Self {
        Self { sum: STALE, ..Self::default() }
    }

    /// Whether it says "this series ends here".
    pub fn is_stale(&self) -> bool {
        is_stale(self.sum)
    }

    /// Whether its bounds are listed.
    pub fn is_custom(&self) -> bool {
        self.schema == CUSTOM
    }

    /// Takes buckets that are empty away.
    pub fn compact(&mut self) {
        self.positive.compact();
        self.negative.compact();
    }

    /// Every count and the sum times `factor`; the opposite of a counter is a gauge.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        if factor < 0.0 {
            self.hint = CounterReset::Gauge;
        }
        self.each(|value| value * factor);
        self
    }

    /// Every count and the sum by `divisor`. Divided by zero, buckets would be infinite or unknown each, so none are left.
    #[must_use]
    pub fn divided(mut self, divisor: f64) -> Self {
        if divisor < 0.0 {
            self.hint = CounterReset::Gauge;
        }
        if divisor == 0.0 {
            (self.positive, self.negative) = Default::default();
        }
        self.each(|value| value / divisor);
        self
    }

    fn each(&mut self, change: impl Fn(f64) -> f64) {
        for value in [&mut self.zero_count, &mut self.count, &mut self.sum] {
            *value = change(*value);
        }
        self.positive.each(&change);
        self.negative.each(&change);
    }

    /// Whether a count or the sum is beyond what a float holds.
    pub fn has_infinity(&self) -> bool {
        [self.zero_count, self.count, self.sum].iter().any(|value| value.is_infinite())
            || self.positive.iter().chain(self.negative.iter()).any(|(_, count)| count.is_infinite())
    }

    /// About how much memory it takes besides itself, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.positive.memory_bytes() + self.negative.memory_bytes() + self.bounds.len() * size_of::<f64>()
    }

    /// Says what is wrong with a histogram that came from outside; `None` if nothing is.
    pub fn fault(&self) -> Option<&'static str> {
        if !(0.0..f64::INFINITY).contains(&self.zero_threshold) {
            return Some("a zero threshold that is no distance");
        }
        if !self.is_custom() {
            return if (SCHEMA_MIN..=SCHEMA_MAX).contains(&self.schema) {
                (!self.bounds.is_empty()).then_some("an exponential histogram with listed bounds")
            } else {
                Some("a schema that is neither -4 to 8 nor -53")
            };
        }
        let ascending = self.bounds.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.bounds.iter().any(|bound| !bound.is_finite()) {
            return Some("listed bounds that do not ascend or are infinite");
        }
        if !self.negative.is_empty() || self.zero_count != 0.0 {
            return Some("listed bounds and buckets around or below zero");
        }
        let inside = |index: i32| usize::try_from(index).is_ok_and(|index| index <= self.bounds.len());
        (!self.positive.iter().all(|(index, _)| inside(index))).then_some("a bucket without a bound")
    }
}
