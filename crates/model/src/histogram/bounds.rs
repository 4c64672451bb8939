//! Where buckets begin and end.

use super::{Buckets, CUSTOM, Histogram};

/// A bucket with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
    /// Whether what equals `lower` is in it.
    pub has_lower: bool,
    /// Whether what equals `upper` is in it.
    pub has_upper: bool,
    /// Observations in it.
    pub count: f64,
}

/// The upper bound of bucket `number` with an exponential schema. The last bound that a float can hold is
/// [`f64::MAX`] instead of infinity: all finite values are in buckets that end.
pub fn bound(number: i32, schema: i8) -> f64 {
    let per_doubling = f64::from(schema).exp2();
    let exponent = f64::from(number) / per_doubling;
    if exponent == 1024.0 {
        return f64::MAX;
    }
    let whole = exponent.floor();
    // Whole powers are exact this way, and small ones do not vanish half way.
    (exponent - whole).exp2() * (whole / 2.0).floor().exp2() * (whole - (whole / 2.0).floor()).exp2()
}

impl Histogram {
    /// The bounds of bucket `number` of the positive side.
    pub fn span_of(&self, number: i32) -> (f64, f64) {
        if self.schema != CUSTOM {
            return (bound(number.saturating_sub(1), self.schema), bound(number, self.schema));
        }
        let listed = |at: Option<usize>, none| at.and_then(|at| self.bounds.get(at)).copied().unwrap_or(none);
        let at = usize::try_from(number).ok();
        (listed(at.and_then(|at| at.checked_sub(1)), f64::NEG_INFINITY), listed(at, f64::INFINITY))
    }

    fn above(&self, (number, count): (i32, f64)) -> Bucket {
        let (lower, upper) = self.span_of(number);
        Bucket { lower, upper, has_lower: self.is_custom() && number == 0, has_upper: true, count }
    }

    fn below(&self, (number, count): (i32, f64)) -> Bucket {
        let (lower, upper) = self.span_of(number);
        Bucket { lower: -upper, upper: -lower, has_lower: true, has_upper: false, count }
    }

    /// The bucket around zero.
    pub fn around_zero(&self) -> Bucket {
        let upper = self.zero_threshold;
        Bucket { lower: -upper, upper, has_lower: true, has_upper: true, count: self.zero_count }
    }

    /// The positive side in ascending order.
    pub fn positive_buckets(&self) -> impl Iterator<Item = Bucket> {
        self.positive.iter().map(|bucket| self.above(bucket))
    }

    /// The negative side, from zero downwards.
    pub fn negative_buckets(&self) -> impl Iterator<Item = Bucket> {
        self.negative.iter().map(|bucket| self.below(bucket))
    }

    /// All buckets in ascending order. The one around zero is there if it has observations; its neighbours end where it
    /// begins.
    pub fn ascending(&self) -> impl Iterator<Item = Bucket> {
        let below = self.negative.descending().map(|bucket| self.below_zero(bucket));
        let above = self.positive.iter().map(|bucket| self.above_zero(bucket));
        below.chain(self.zero()).chain(above)
    }

    /// All buckets in descending order; see [`Histogram::ascending`].
    pub fn descending(&self) -> impl Iterator<Item = Bucket> {
        let above = self.positive.descending().map(|bucket| self.above_zero(bucket));
        let below = self.negative.iter().map(|bucket| self.below_zero(bucket));
        above.chain(self.zero()).chain(below)
    }

    fn zero(&self) -> Option<Bucket> {
        (self.zero_count > 0.0).then(|| self.around_zero())
    }

    fn above_zero(&self, bucket: (i32, f64)) -> Bucket {
        let bucket = self.above(bucket);
        let overlaps = !self.is_custom() && bucket.lower < self.zero_threshold;
        Bucket { lower: if overlaps { self.zero_threshold } else { bucket.lower }, ..bucket }
    }

    fn below_zero(&self, bucket: (i32, f64)) -> Bucket {
        let bucket = self.below(bucket);
        Bucket { upper: bucket.upper.min(-self.zero_threshold), ..bucket }
    }
}

impl Buckets {
    /// Keeps the buckets that end above `threshold`; gives what the others held.
    pub(super) fn split_at(&mut self, threshold: f64, schema: i8) -> f64 {
        let mut taken = 0.0;
        let begins = |number: i32| bound(number.saturating_sub(1), schema);
        if !self.iter().any(|(number, _)| begins(number) < threshold) {
            return taken;
        }
        let kept = self.iter().filter(|&(number, count)| {
            let stays = begins(number) >= threshold;
            taken += if stays { 0.0 } else { count };
            stays
        });
        *self = kept.collect();
        taken
    }
}
