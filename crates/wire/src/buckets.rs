//! Histograms as the series with a label `le` that everything can ask.
//!
//! A native histogram of Prometheus and an exponential one of OpenTelemetry have buckets at `2^(n · 2^-schema)`, or bounds
//! that are listed. They become `NAME_bucket{le="…"}` (how many were at most that), `NAME_count` and `NAME_sum`, which
//! every language can ask for quantiles, and `NAME{__native__="…"}`, by which what was sent is put together again
//! (`model::histogram::classic` says how). A sender that changes its resolution goes on in the same series: coarser bounds
//! are among the finer ones. Bounds finer than [`SCHEMA_MAX`] are merged to it, as Prometheus does.

use crate::Context;
use crate::protocols::prometheus_text::write_number;
use model::histogram::classic::{COUNTS, ENDED, NATIVE};
use model::histogram::{Buckets, SCHEMA_MAX, SCHEMA_MIN};
use model::{Batch, Histogram, Kind, LabelsBuilder, NAME, STALE, labels::LabelsError};

/// Most buckets of a histogram.
pub(crate) const BUCKETS_MAX: usize = model::histogram::BUCKETS_MAX;
/// The coarsest schema that is taken; below the coarsest of Prometheus a histogram is kept as its classic series alone.
pub(crate) const SCHEMA_COARSEST: i32 = -10;

/// The schema that is kept of one that was sent, and how often the number of buckets is halved for it.
pub(crate) fn kept_schema(schema: i32) -> (i8, u32) {
    let kept = schema.clamp(SCHEMA_COARSEST, i32::from(SCHEMA_MAX));
    (kept as i8, (schema - kept).clamp(0, 63) as u32)
}

/// One side of a histogram, by number in ascending order, halved so often. What is beyond all numbers is in the last.
pub(crate) fn side(buckets: impl IntoIterator<Item = (i64, f64)>, halved: u32) -> Buckets {
    let halve = |number: i64| (number.saturating_sub(1) >> halved) + 1;
    let fit = |number: i64| number.clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX) - 1) as i32;
    buckets.into_iter().map(|(number, count)| (fit(halve(number)), count)).collect()
}

/// Adds the series of one histogram after another, all of one name and one set of labels; counts samples.
pub(crate) struct Put<'a, 'b> {
    pub(crate) context: &'a Context<'a>,
    /// Labels and name of the histogram.
    pub(crate) labels: &'a LabelsBuilder,
    pub(crate) time_ms: i64,
    pub(crate) out: &'b mut Batch,
    pub(crate) added: &'b mut u64,
}

impl Put<'_, '_> {
    /// The series that every language can ask: bounds with how many are at most that, how many there are in all, their sum.
    pub(crate) fn classic(
        &mut self,
        cumulative: impl IntoIterator<Item = (f64, f64)>,
        (count, sum): (f64, Option<f64>),
        kind: Kind,
    ) -> Result<(), LabelsError> {
        for (bound, value) in cumulative {
            self.sample("_bucket", &[("le", &number(bound))], kind, value)?;
        }
        self.sample("_bucket", &[("le", "+Inf")], kind, count)?;
        self.sample("_count", &[], kind, count)?;
        sum.map_or(Ok(()), |sum| self.sample("_sum", &[], kind, sum))
    }

    /// All series of a native histogram.
    pub(crate) fn native(&mut self, mut histogram: Histogram, kind: Kind) -> Result<(), LabelsError> {
        if histogram.is_stale() {
            return self.end(kind);
        }
        histogram.settle_zero();
        let cumulative = histogram.cumulative();
        let finite = cumulative.iter().filter(|bound| bound.le.is_finite());
        self.classic(
            finite.map(|bound| (bound.le, bound.total)),
            (histogram.count, Some(histogram.sum)),
            kind,
        )?;
        if !histogram.is_custom() && histogram.schema < SCHEMA_MIN {
            return Ok(());
        }
        self.sample("", &[(NATIVE, &histogram.marker())], Kind::Gauge, histogram.zero_count)?;
        for bound in &cumulative {
            if let Some(count) = bound.count {
                self.sample("", &[(NATIVE, COUNTS), ("le", &number(bound.le))], kind, count)?;
            }
        }
        Ok(())
    }

    /// The end of a native histogram. Which buckets it had is not known here.
    pub(crate) fn end(&mut self, kind: Kind) -> Result<(), LabelsError> {
        self.classic([], (STALE, Some(STALE)), kind)?;
        self.sample("", &[(NATIVE, ENDED)], Kind::Gauge, STALE)
    }

    fn sample(
        &mut self,
        suffix: &str,
        labels: &[(&str, &str)],
        kind: Kind,
        value: f64,
    ) -> Result<(), LabelsError> {
        let mut own = self.labels.clone();
        if !suffix.is_empty() {
            own.set(NAME, &format!("{}{suffix}", self.labels.get(NAME).unwrap_or_default()));
        }
        for (name, value) in labels {
            own.set(name, value);
        }
        let slot = self.context.add_series(self.out, &mut own, kind)?;
        self.out.sample(slot, self.time_ms, value);
        *self.added += 1;
        Ok(())
    }
}

fn number(value: f64) -> String {
    let mut text = String::new();
    write_number(&mut text, value);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finer_schemas_fall_into_the_buckets_of_the_finest_kept() {
        assert_eq!(kept_schema(8), (8, 0));
        assert_eq!(kept_schema(-10), (-10, 0));
        let (schema, halved) = kept_schema(10);
        // At schema 10, buckets 1 to 4 are (1, 2^(1/256)].
        let merged: Vec<_> =
            side([(-4, 8.0), (0, 1.0), (1, 2.0), (4, 3.0), (5, 4.0)], halved).iter().collect();
        assert_eq!((schema, merged), (8, vec![(-1, 8.0), (0, 1.0), (1, 5.0), (2, 4.0)]));
        let (_, halved) = kept_schema(62);
        assert_eq!(side([(i64::MIN, 1.0), (i64::MAX, 1.0)], halved).iter().count(), 2);
        assert_eq!(side([(i64::MAX - 1, 1.0), (i64::MAX, 1.0)], 0).iter().count(), 1);
    }
}
