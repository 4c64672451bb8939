//! A wider bucket around zero.

use super::{Buckets, Histogram, bound};

impl Histogram {
    /// The smallest threshold from `threshold` on that no bucket with observations lies across.
    pub(super) fn threshold_from(&self, threshold: f64) -> f64 {
        let across = |buckets: &Buckets, threshold: f64| {
            let spans =
                buckets.iter().filter(|(_, count)| *count != 0.0).map(|(n, _)| (n, bound(n, self.schema)));
            let mut ends = spans.skip_while(|(_, end)| *end <= threshold);
            let (number, end) = ends.next()?;
            (bound(number.saturating_sub(1), self.schema) < threshold).then_some(end)
        };
        let mut out = threshold;
        while let Some(end) = across(&self.positive, out).or_else(|| across(&self.negative, out)) {
            out = end;
        }
        out
    }

    /// Counts what is nearer to zero than `threshold` as zero. No bucket may lie across it.
    pub(super) fn widen_zero(&mut self, threshold: f64) {
        if threshold > self.zero_threshold {
            self.zero_threshold = threshold;
            self.zero_count += self.positive.split_at(threshold, self.schema);
            self.zero_count += self.negative.split_at(threshold, self.schema);
        }
    }
}

/// The threshold that both can have.
pub(super) fn common_threshold(a: &Histogram, b: &Histogram) -> f64 {
    if a.zero_threshold == b.zero_threshold {
        return a.zero_threshold;
    }
    let mut out = a.zero_threshold.max(b.zero_threshold);
    loop {
        let wider = |h: &Histogram, from: f64| {
            if from > h.zero_threshold { h.threshold_from(from) } else { from }
        };
        let next = wider(b, wider(a, out));
        if next == out {
            return out;
        }
        out = next;
    }
}
