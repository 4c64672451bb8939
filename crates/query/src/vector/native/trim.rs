//! `</` and `>/`: a histogram without the observations beyond a value.

use model::Histogram;
use model::histogram::{Bucket, Buckets};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is below the value (`</`).
    Below,
    /// What is above it (`>/`).
    Above,
}

/// What is left of a bucket, and where in the middle its observations are taken to be.
struct Rest {
    count: f64,
    middle: f64,
}

const NOTHING: Rest = Rest { count: 0.0, middle: 0.0 };

/// What is left beside `limit`. If that is everything, nothing changes; else count and sum are what the buckets left come
/// to.
pub fn trim(histogram: &Histogram, limit: f64, side: Side) -> Histogram {
    let mut out = histogram.clone();
    let (mut count, mut sum) = (0.0, 0.0);
    let mut keep = |number: i32, bucket: Bucket, is_below_zero: bool| {
        let rest = rest(histogram, &bucket, limit, side, is_below_zero);
        count += rest.count;
        sum += rest.middle * rest.count;
        (number, rest.count)
    };
    let numbered = |buckets: &Buckets| buckets.iter().map(|(number, _)| number).collect::<Vec<_>>();
    let all = |(number, bucket): (i32, Bucket)| (bucket.count != 0.0).then_some((number, bucket));
    let above = numbered(&histogram.positive).into_iter().zip(histogram.positive_buckets()).filter_map(all);
    out.positive = above.map(|(number, bucket)| keep(number, bucket, false)).collect();
    let below = numbered(&histogram.negative).into_iter().zip(histogram.negative_buckets()).filter_map(all);
    out.negative = below.map(|(number, bucket)| keep(number, bucket, true)).collect();
    if histogram.zero_count > 0.0 {
        let rest = around_zero(histogram, limit, side);
        out.zero_count = rest.count;
        count += rest.count;
        sum += rest.middle * rest.count;
    }
    let is_same = |ours: &Buckets, theirs: &Buckets| ours.paired(theirs).all(|(_, a, b)| a == b);
    let is_whole = out.zero_count == histogram.zero_count
        && is_same(&out.positive, &histogram.positive)
        && is_same(&out.negative, &histogram.negative);
    if is_whole {
        return histogram.clone();
    }
    (out.count, out.sum) = (count, sum);
    out.compact();
    out
}

fn rest(histogram: &Histogram, bucket: &Bucket, limit: f64, side: Side, is_below_zero: bool) -> Rest {
    let &Bucket { lower, upper, count, .. } = bucket;
    let middle = |lower: f64, upper: f64| middle(lower, upper, histogram.is_custom(), is_below_zero);
    let (is_kept, is_cut) = match side {
        Side::Below => (upper <= limit, lower < limit),
        Side::Above => (lower >= limit, upper > limit),
    };
    if is_kept {
        return Rest { count, middle: middle(lower, upper) };
    }
    if !is_cut {
        return NOTHING;
    }
    if lower.is_infinite() || upper.is_infinite() {
        return endless(bucket, limit, side);
    }
    let below = count * share_below(bucket, limit, histogram.is_custom(), is_below_zero);
    match side {
        Side::Below => Rest { count: below, middle: middle(lower, limit) },
        Side::Above => Rest { count: count - below, middle: middle(limit, upper) },
    }
}

fn share_below(bucket: &Bucket, limit: f64, is_even: bool, is_below_zero: bool) -> f64 {
    if is_even {
        return (limit - bucket.lower) / (bucket.upper - bucket.lower);
    }
    let [lower, upper, at] = [bucket.lower, bucket.upper, limit].map(|bound| bound.abs().log2());
    if is_below_zero { 1.0 - (at - upper) / (lower - upper) } else { (at - lower) / (upper - lower) }
}

/// In a bucket without an end nothing is known of where the observations are. One below that ends above zero is taken to
/// begin there; of others that are cut what is towards the end is kept, as if it were at the limit.
fn endless(bucket: &Bucket, limit: f64, side: Side) -> Rest {
    let &Bucket { lower, upper, count, .. } = bucket;
    match side {
        Side::Below if upper <= 0.0 => Rest { count, middle: limit },
        Side::Below if limit > 0.0 && upper.is_finite() => {
            Rest { count: count * limit / upper, middle: limit / 2.0 }
        }
        Side::Above if lower.is_finite() => Rest { count, middle: limit },
        Side::Above if limit >= 0.0 && upper.is_finite() => {
            Rest { count: count * (1.0 - limit / upper), middle: f64::midpoint(limit, upper) }
        }
        Side::Below | Side::Above => NOTHING,
    }
}

fn middle(lower: f64, upper: f64, is_even: bool, is_below_zero: bool) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) => {
            if upper > 0.0 {
                upper / 2.0
            } else {
                upper
            }
        }
        (false, true) => lower,
        (false, false) if is_even => f64::midpoint(lower, upper),
        (false, false) => (lower * upper).abs().sqrt() * if is_below_zero { -1.0 } else { 1.0 },
    }
}

/// A histogram with observations on one side only has none on the other side of zero.
fn around_zero(histogram: &Histogram, limit: f64, side: Side) -> Rest {
    let has = |buckets: &Buckets| buckets.iter().any(|(_, count)| count != 0.0);
    let (above, below) = (has(&histogram.positive), has(&histogram.negative));
    let Bucket { mut lower, mut upper, count, .. } = histogram.around_zero();
    upper = if below && !above { 0.0 } else { upper };
    lower = if above && !below { 0.0 } else { lower };
    let (from, to) = match side {
        Side::Below if limit <= lower => return NOTHING,
        Side::Below => (lower, limit.min(upper)),
        Side::Above if limit > lower && limit >= upper => return NOTHING,
        Side::Above => (limit.max(lower), upper),
    };
    let share = if (from, to) == (lower, upper) { 1.0 } else { (to - from) / (upper - lower) };
    Rest { count: count * share, middle: f64::midpoint(from, to) }
}
