//! `histogram_fraction` of a native histogram.

use super::bucket::Spread;
use model::Histogram;

/// Which part of all observations is between two values, and whether some were NaN, which is between no values.
pub fn fraction(lower: f64, upper: f64, histogram: &Histogram) -> (f64, bool) {
    let all = histogram.count;
    if all == 0.0 || lower.is_nan() || upper.is_nan() {
        return (f64::NAN, false);
    }
    let has_nan = histogram.sum.is_nan();
    if lower >= upper {
        return (0.0, has_nan);
    }
    let end = if has_nan { histogram.ascending().map(|bucket| bucket.count).sum() } else { all };
    ((below(upper, histogram, end) - below(lower, histogram, end)) / all, has_nan)
}

/// How many observations are below a value, of `end` that are in buckets.
fn below(value: f64, histogram: &Histogram, end: f64) -> f64 {
    let mut rank = 0.0;
    for bucket in histogram.ascending() {
        let spread = Spread::of(histogram, bucket);
        // With listed bounds nothing is known below the first, so what is there is below any value in it.
        if value <= spread.lower {
            return f64::min(rank, end);
        }
        if value < spread.upper {
            return f64::min(rank + spread.count * spread.share_below(value), end);
        }
        rank += spread.count;
    }
    end
}
