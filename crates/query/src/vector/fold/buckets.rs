//! Where the buckets lie that windows are put together from.

use crate::vector::load;
use crate::vector::select::passed;
use crate::vector::value::Steps;
use lang::plan::vector::{Edge, Window};
use model::TimeRange;

/// Most buckets of a window that are put together one by one.
const DIRECT_MAX: usize = 8;

/// Where buckets lie, and which windows they make.
pub(in crate::vector) struct Buckets {
    /// Ascending; what lies between two neighbours is a bucket.
    pub(in crate::vector) edges_ms: Vec<i64>,
    /// From the first bucket of a window to that of the next.
    pub(in crate::vector) stride: usize,
    /// How many buckets make a window.
    width: usize,
}

impl Buckets {
    /// For windows that are apart, or that overlap by whole steps; others are not made of buckets.
    pub(in crate::vector) fn of(window: &Window, steps: Steps) -> Option<Self> {
        if window.edge != Edge::Open || window.select.at_ms.is_some() || window.range_ms <= 0 {
            return None;
        }
        let end_ms = |step: usize| load::looked_at(&window.select, steps.at(step));
        // Windows are open on the left and closed on the right.
        let (range_ms, step_ms) = (window.range_ms, steps.step_ms);
        if steps.count == 1 || range_ms < step_ms {
            let edges = (0..steps.count).flat_map(|step| [end_ms(step) - range_ms + 1, end_ms(step) + 1]);
            return Some(Self { edges_ms: edges.collect(), stride: 2, width: 1 });
        }
        if range_ms % step_ms != 0 {
            return None;
        }
        let width = usize::try_from(range_ms / step_ms).ok()?;
        let first_ms = end_ms(0) - range_ms + 1;
        let edges = (0..steps.count + width).map(|at| first_ms + step_ms * at as i64);
        Some(Self { edges_ms: edges.collect(), stride: 1, width })
    }

    pub(in crate::vector) fn range(&self) -> TimeRange {
        TimeRange::new(self.edges_ms[0], self.edges_ms[self.edges_ms.len() - 1])
    }

    /// How many there are.
    pub(in crate::vector) fn count(&self) -> usize {
        self.edges_ms.len() - 1
    }

    /// The last instant of a window.
    pub(in crate::vector) fn end_ms(&self, window: usize) -> i64 {
        self.edges_ms[window * self.stride + self.width] - 1
    }

    /// The bucket that a time lies in, from one that is not after it on; beyond the last where it is later than all.
    #[inline]
    pub(in crate::vector) fn seek(&self, from: usize, time_ms: i64) -> usize {
        from + passed(&self.edges_ms[from..], 0, time_ms).saturating_sub(1)
    }

    /// Hands the samples that lie in a window to `add`, bucket by bucket; gives the bucket it came to.
    #[inline]
    pub(in crate::vector) fn each_run(
        &self,
        mut bucket: usize,
        times_ms: &[i64],
        mut add: impl FnMut(usize, std::ops::Range<usize>),
    ) -> usize {
        let mut from = passed(times_ms, 0, self.edges_ms[0] - 1);
        while from < times_ms.len() {
            bucket = self.seek(bucket, times_ms[from]);
            let Some(end_ms) = self.edges_ms.get(bucket + 1) else { break };
            let to = passed(times_ms, from, end_ms - 1);
            // What lies between windows is in no part.
            if bucket.is_multiple_of(self.stride) {
                add(bucket, from..to);
            }
            from = to;
        }
        bucket
    }

    /// Puts windows together from the parts of their buckets, and hands each to `take` with its place.
    pub(in crate::vector) fn each_window<P: Copy + Default>(
        &self,
        parts: &[P],
        merge: impl Fn(&mut P, &P),
        mut take: impl FnMut(usize, &P),
    ) {
        let Self { stride, width, .. } = *self;
        if width == 1 {
            parts.iter().step_by(stride).enumerate().for_each(|(at, part)| take(at, part));
        } else if width <= DIRECT_MAX {
            for (at, parts) in parts.windows(width).enumerate() {
                let mut whole = parts[0];
                parts[1..].iter().for_each(|part| merge(&mut whole, part));
                take(at, &whole);
            }
        } else {
            slide(width, parts, merge, take);
        }
    }
}

/// Wide windows: of blocks as wide as a window, what each bucket comes to with all after it, and from the start of the next
/// on. A window is the end of one block and the start of the next, whatever the function.
fn slide<P: Copy + Default>(
    width: usize,
    parts: &[P],
    merge: impl Fn(&mut P, &P),
    mut take: impl FnMut(usize, &P),
) {
    let (mut ends, mut start) = (vec![P::default(); width], P::default());
    for at in 0..(parts.len() + 1).saturating_sub(width) {
        let place = at % width;
        if place == 0 {
            let mut end = P::default();
            for (kept, part) in ends.iter_mut().zip(&parts[at..at + width]).rev() {
                let mut longer = *part;
                merge(&mut longer, &end);
                end = longer;
                *kept = end;
            }
            start = P::default();
        } else {
            merge(&mut start, &parts[at + width - 1]);
        }
        let mut whole = ends[place];
        merge(&mut whole, &start);
        take(at, &whole);
    }
}
