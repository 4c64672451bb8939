//! Where a rank lies among classic buckets, and the reverse: straight lines within each.

use crate::vector::note::{Notes, of_metric};
use lang::Span;

/// One bucket at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    pub(super) upper: f64,
    pub(super) count: f64,
}

/// How much less than the bucket before a bucket may count before it is said: rounding does that much.
const SLACK: f64 = 1e-12;

// Joins equal bounds and makes counts grow with the bounds.
fn put_right(buckets: &mut Vec<Bucket>) -> Option<Fixed> {
    buckets.dedup_by(|next, kept| {
        let is_same = next.upper == kept.upper;
        if is_same {
            kept.count += next.count;
        }
        is_same
    });
    let mut fixed: Option<Fixed> = None;
    let mut before = buckets[0].count;
    for bucket in buckets.iter_mut().skip(1) {
        if bucket.count < before {
            let (low, high) = (bucket.count, before);
            if (high - low) / (high.abs() + low.abs()).max(f64::MIN_POSITIVE) > SLACK {
                let fixed = fixed.get_or_insert(Fixed { from: bucket.upper, to: bucket.upper, most: 0.0 });
                fixed.to = bucket.upper;
                fixed.most = fixed.most.max(high - low);
            }
            bucket.count = before;
        }
        before = bucket.count;
    }
    fixed
}

/// Which buckets had to be raised, and by how much.
struct Fixed {
    from: f64,
    to: f64,
    most: f64,
}

pub(super) fn quantile_of(
    rank: f64,
    buckets: &mut Vec<Bucket>,
    name: &str,
    span: Span,
    notes: &mut Notes,
) -> f64 {
    if rank.is_nan() {
        return f64::NAN;
    }
    if !(0.0..=1.0).contains(&rank) {
        return if rank < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return f64::NAN;
    }
    if let Some(Fixed { from, to, most }) = put_right(buckets) {
        let of = of_metric(name);
        notes.inform(
            span,
            format!("input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){of}, from buckets {from} to {to}, with a max diff of {most}"),
        );
    }
    let last = buckets.len() - 1;
    if last < 1 {
        return f64::NAN;
    }
    let observations = buckets[last].count;
    if observations == 0.0 {
        return f64::NAN;
    }
    let wanted = rank * observations;
    let at = buckets[..last].partition_point(|bucket| bucket.count < wanted);
    if at == last {
        return buckets[last - 1].upper;
    }
    if at == 0 && buckets[0].upper <= 0.0 {
        return buckets[0].upper;
    }
    let (start, before) = if at == 0 { (0.0, 0.0) } else { (buckets[at - 1].upper, buckets[at - 1].count) };
    let (end, count) = (buckets[at].upper, buckets[at].count - before);
    start + (end - start) * ((wanted - before) / count)
}

pub(super) fn fraction_of(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return f64::NAN;
    }
    put_right(buckets);
    let last = buckets.len() - 1;
    let observations = buckets[last].count;
    if last < 1 || observations == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    (rank_of(upper, buckets) - rank_of(lower, buckets)) / observations
}

// How many observations are at most `value`, by straight lines within buckets.
fn rank_of(value: f64, buckets: &[Bucket]) -> f64 {
    let at = buckets.partition_point(|bucket| bucket.upper < value);
    if at >= buckets.len() {
        return buckets.last().map_or(0.0, |last| last.count);
    }
    let bucket = buckets[at];
    let (start, before) = match at.checked_sub(1) {
        Some(before) => (buckets[before].upper, buckets[before].count),
        None if bucket.upper > 0.0 => (0.0, 0.0),
        None => (f64::NEG_INFINITY, 0.0),
    };
    if value == bucket.upper {
        return bucket.count;
    }
    // Nothing is known within a bucket without an end: all of it lies at the far side of what is asked.
    if bucket.upper.is_infinite() || start.is_infinite() || value <= start {
        return before;
    }
    before + (bucket.count - before) * (value - start) / (bucket.upper - start)
}
