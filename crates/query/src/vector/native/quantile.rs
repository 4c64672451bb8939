//! `histogram_quantile` of a native histogram.

use super::bucket::Spread;
use model::Histogram;
use model::histogram::Bucket;

/// What observations that were NaN did to a quantile: they count, but are in no bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NanEffect {
    /// There were none.
    None,
    /// The quantile is among them.
    IsNan,
    /// It is higher than it would be without them.
    Skewed,
}

/// The value below which the part `q` of all observations is.
pub fn quantile(q: f64, histogram: &Histogram) -> (f64, NanEffect) {
    let all = histogram.count;
    let value = match q {
        _ if q < 0.0 => f64::NEG_INFINITY,
        _ if q > 1.0 => f64::INFINITY,
        _ if all == 0.0 || q.is_nan() => f64::NAN,
        _ => return inside(q, histogram),
    };
    (value, NanEffect::None)
}

fn inside(q: f64, histogram: &Histogram) -> (f64, NanEffect) {
    let (all, has_nan) = (histogram.count, histogram.sum.is_nan());
    // From the nearer end; NaN counts at the upper one, so with it only the lower one is known.
    let from_below = has_nan || q < 0.5;
    let rank = if from_below { q * all } else { (1.0 - q) * all };
    let (bucket, reached) =
        if from_below { reach(histogram.ascending(), rank) } else { reach(histogram.descending(), rank) };
    let Some(bucket) = bucket else {
        return (f64::NAN, if has_nan { NanEffect::IsNan } else { NanEffect::None });
    };
    let effect = if has_nan { NanEffect::Skewed } else { NanEffect::None };
    if histogram.is_custom() {
        if bucket.lower == f64::NEG_INFINITY && bucket.upper <= 0.0 {
            return (bucket.upper, effect);
        }
        if bucket.upper == f64::INFINITY {
            return (if bucket.lower == f64::NEG_INFINITY { f64::NAN } else { bucket.lower }, effect);
        }
    }
    let reached = reached.min(all);
    if reached < rank {
        return if has_nan { (f64::NAN, NanEffect::IsNan) } else { (bucket.upper, effect) };
    }
    let within = if from_below { rank - (reached - bucket.count) } else { reached - rank };
    (Spread::of(histogram, bucket).value_at(within / bucket.count), effect)
}

/// The bucket in which so many observations are reached, or the last one, and how many are reached with it.
fn reach(buckets: impl Iterator<Item = Bucket>, rank: f64) -> (Option<Bucket>, f64) {
    let (mut last, mut reached) = (None, 0.0);
    for bucket in buckets.filter(|bucket| bucket.count != 0.0) {
        reached += bucket.count;
        last = Some(bucket);
        if reached >= rank {
            break;
        }
    }
    (last, reached)
}
