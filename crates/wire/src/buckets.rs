//! Histograms whose buckets are powers of a base, kept as the buckets `le` that everything else has.
//!
//! A native histogram of Prometheus and an exponential one of OpenTelemetry have buckets at `2^(n · 2^-schema)`. They become
//! `NAME_bucket{le="…"}` (how many were at most that), `NAME_count` and `NAME_sum`, which every language can ask for
//! quantiles. Bounds finer than [`SCHEMA_MAX`] are merged to it: then a sender that changes its resolution by itself, as
//! they do, goes on in the same series. Rejected: the message as a text in a label, which nothing could read.

use crate::Context;
use crate::protocols::prometheus_text::write_number;
use model::{Batch, Kind, LabelsBuilder, NAME, labels::LabelsError};

/// The finest schema that is kept: eight buckets to a doubling, so a quantile is within 4.5 % of the truth.
pub(crate) const SCHEMA_MAX: i32 = 3;
/// Most buckets of a histogram.
pub(crate) const BUCKETS_MAX: usize = 10_000;
/// Bounds are rounded to so many digits, so that every machine names a series the same.
const DIGITS: usize = 11;

/// A histogram with exponential buckets. Bucket `n` holds what is at most `2^(n · 2^-schema)` and more than that of
/// `n - 1`; among the negative ones it is the same of the absolute values.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Exponential {
    pub(crate) schema: i32,
    /// What lies so near to zero is counted as such.
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: f64,
    /// Number and count of each bucket, in ascending order of numbers.
    pub(crate) positive: Vec<(i64, f64)>,
    pub(crate) negative: Vec<(i64, f64)>,
}

impl Exponential {
    /// Bounds in ascending order with how many are at most that, each bound once; without the last, which is infinite.
    pub(crate) fn cumulative(&self) -> Vec<(f64, f64)> {
        let coarser = (self.schema - SCHEMA_MAX).clamp(0, 62);
        let schema = self.schema.min(SCHEMA_MAX);
        let bound = |n: i64| rounded((n as f64 * f64::from(-schema).exp2()).exp2());
        let merged = |n: i64| (n.saturating_sub(1) >> coarser) + 1;
        let negative = self.negative.iter().rev().map(|&(n, count)| (-bound(merged(n) - 1), count));
        let zero = (self.zero_count > 0.0).then_some((rounded(self.zero_threshold), self.zero_count));
        let positive = self.positive.iter().map(|&(n, count)| (bound(merged(n)), count));
        let (mut out, mut total): (Vec<(f64, f64)>, f64) = (Vec::new(), 0.0);
        for (le, count) in negative.chain(zero).chain(positive) {
            total += count;
            match out.last_mut() {
                Some(last) if last.0 >= le => last.1 = total,
                _ if le.is_finite() => out.push((le, total)),
                _ => {}
            }
        }
        out
    }
}

fn rounded(bound: f64) -> f64 {
    format!("{bound:.DIGITS$e}").parse().unwrap_or(bound)
}

/// What a histogram comes to: bounds with how many are at most that, how many there are in all, and their sum.
pub(crate) struct Classic<'a> {
    pub(crate) cumulative: &'a [(f64, f64)],
    pub(crate) count: f64,
    pub(crate) sum: Option<f64>,
    pub(crate) kind: Kind,
    pub(crate) time_ms: i64,
}

/// Adds the series of a histogram, whose own labels and name are in `labels`; counts the samples in `added`.
pub(crate) fn add(
    classic: &Classic<'_>,
    context: &Context<'_>,
    labels: &LabelsBuilder,
    out: &mut Batch,
    added: &mut u64,
) -> Result<(), LabelsError> {
    let name = labels.get(NAME).unwrap_or_default().to_owned();
    let (mut own, mut le) = (LabelsBuilder::default(), String::new());
    let mut put = |suffix: &str, bound: Option<f64>, value: f64| {
        own.clone_from(labels);
        own.set(NAME, &format!("{name}{suffix}"));
        if let Some(bound) = bound {
            le.clear();
            write_number(&mut le, bound);
            own.set("le", &le);
        }
        let slot = context.add_series(out, &mut own, classic.kind)?;
        out.sample(slot, classic.time_ms, value);
        *added += 1;
        Ok(())
    };
    for (bound, value) in classic.cumulative {
        put("_bucket", Some(*bound), *value)?;
    }
    put("_bucket", Some(f64::INFINITY), classic.count)?;
    put("_count", None, classic.count)?;
    classic.sum.map_or(Ok(()), |sum| put("_sum", None, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_powers_and_counts_add_up() {
        let histogram = Exponential {
            schema: 0,
            zero_threshold: 0.001,
            zero_count: 2.0,
            positive: vec![(0, 1.0), (1, 3.0), (3, 1.0)],
            negative: vec![(1, 4.0), (2, 1.0)],
        };
        // Negative bucket 2 is [-4, -2), bucket 1 [-2, -1).
        assert_eq!(
            histogram.cumulative(),
            [(-2.0, 1.0), (-1.0, 5.0), (0.001, 7.0), (1.0, 8.0), (2.0, 11.0), (8.0, 12.0)]
        );
    }

    #[test]
    fn finer_schemas_fall_into_the_buckets_of_the_finest_kept() {
        let bounds = |schema: i32, positive: Vec<(i64, f64)>| {
            Exponential { schema, positive, ..Default::default() }.cumulative()
        };
        // At schema 5, buckets 1 to 4 are (1, 2^(1/8)].
        assert_eq!(bounds(5, vec![(1, 1.0), (4, 1.0), (5, 1.0)]), {
            let one = bounds(3, vec![(1, 2.0), (2, 1.0)]);
            assert_eq!(one[0], (1.090_507_732_67, 2.0));
            one
        });
        assert_eq!(bounds(-4, vec![(1, 1.0)]), [(65536.0, 1.0)]);
        assert_eq!(bounds(3, vec![(i64::MAX, 1.0)]), [], "beyond all numbers is in the infinite one alone");
        assert_eq!(bounds(62, vec![(i64::MIN, 1.0)])[0].1, 1.0);
    }
}
