//! Where in a bucket its observations are taken to be.
//!
//! With listed bounds and around zero they are spread evenly. In an exponential bucket they are spread as they would be
//! over the buckets of a finer schema, which is evenly over the logarithm.

use model::Histogram;
use model::histogram::Bucket;

/// A bucket and how its observations are spread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) count: f64,
    pub(super) is_even: bool,
}

impl Spread {
    /// Around zero a histogram that has one side only has no observations on the other; likewise the first of listed
    /// bounds starts at zero when it is above.
    pub(super) fn of(histogram: &Histogram, bucket: Bucket) -> Self {
        let Bucket { mut lower, mut upper, count, .. } = bucket;
        if histogram.is_custom() {
            if lower == f64::NEG_INFINITY && upper > 0.0 {
                lower = 0.0;
            }
            return Self { lower, upper, count, is_even: true };
        }
        let is_even = lower <= 0.0 && upper >= 0.0;
        if is_even {
            let (above, below) = (!histogram.positive.is_empty(), !histogram.negative.is_empty());
            lower = if above && !below { 0.0 } else { lower };
            upper = if below && !above { 0.0 } else { upper };
        }
        Self { lower, upper, count, is_even }
    }

    /// Which part of the observations is at most `value`, which is inside.
    pub(super) fn share_below(&self, value: f64) -> f64 {
        if self.lower == f64::NEG_INFINITY {
            return 1.0;
        }
        if self.is_even {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let [lower, upper, at] = [self.lower, self.upper, value].map(|bound| bound.abs().log2());
        if self.upper > 0.0 { (at - lower) / (upper - lower) } else { 1.0 - (at - upper) / (lower - upper) }
    }

    /// Below which value that part of the observations is.
    pub(super) fn value_at(&self, share: f64) -> f64 {
        if self.is_even {
            return self.lower + (self.upper - self.lower) * share;
        }
        let [lower, upper] = [self.lower, self.upper].map(|bound| bound.abs().log2());
        if self.lower > 0.0 {
            (lower + (upper - lower) * share).exp2()
        } else {
            -(upper + (lower - upper) * (1.0 - share)).exp2()
        }
    }
}
