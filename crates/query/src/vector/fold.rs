//! Functions over ranges that need not see each sample by itself: windows are put together from buckets, buckets from runs
//! of samples, or from what a source knows of a whole run. Every sample is looked at once, however much windows overlap.

mod part;

use super::evaluate::Evaluator;
use super::load::{self, Pieces};
use super::select::passed;
use super::value::{ABSENT, Column, Matrix, Steps};
use crate::QueryError;
use lang::plan::NodeId;
use lang::plan::vector::{Edge, Window};
use model::{Aspects, Detail, Rolled, TimeRange};
pub(super) use part::Fold;
use part::Part;

/// Most buckets of a window that are put together one by one.
const DIRECT_MAX: usize = 8;

/// Where buckets lie, and which windows they make.
struct Buckets {
    /// Ascending; what lies between two neighbours is a bucket.
    edges_ms: Vec<i64>,
    /// From the first bucket of a window to that of the next.
    stride: usize,
    /// How many buckets make a window.
    width: usize,
}

impl Buckets {
    /// For windows that are apart, or that overlap by whole steps; others are not made of buckets.
    fn of(window: &Window, steps: Steps) -> Option<Self> {
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

    fn range(&self) -> TimeRange {
        TimeRange::new(self.edges_ms[0], self.edges_ms[self.edges_ms.len() - 1])
    }
}

/// A function over a range, if it can be done this way.
pub(super) fn over(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    window: &Window,
    fold: Fold,
    keeps_name: bool,
    steps: Steps,
) -> Result<Option<Matrix>, QueryError> {
    let Some(buckets) = Buckets::of(window, steps) else { return Ok(None) };
    let parts_count = buckets.edges_ms.len() - 1;
    if parts_count > evaluator.budget.points_max() {
        return Ok(None);
    }
    let folding = || Folding {
        fold,
        buckets: &buckets,
        steps,
        parts: vec![Part::default(); parts_count],
        bucket: 0,
        is_lossy: false,
    };
    // A row belongs to the bucket that its last sample is in.
    let aspects = fold.aspects() | Aspects::END | Aspects::NUMBERS;
    let detail = Detail { edges_ms: &buckets.edges_ms, aspects, tier: evaluator.budget.tier() };
    let site = load::Site { node, select: &window.select, steps, is_nameless: !keeps_name };
    let made = load::pieces(evaluator, &site, buckets.range(), &detail, folding)?;
    // A mean of what is too large for a sum is made in another way.
    Ok(made.filter(|(_, all)| !all.iter().any(|folding| folding.is_lossy)).map(|(matrix, _)| matrix))
}

/// One series after the other.
struct Folding<'a> {
    fold: Fold,
    buckets: &'a Buckets,
    steps: Steps,
    parts: Vec<Part>,
    /// The bucket that the series has come to.
    bucket: usize,
    /// A sum went beyond what numbers hold: then a mean has to be made in another way.
    is_lossy: bool,
}

impl Pieces for Folding<'_> {
    fn piece(&mut self, piece: Rolled<'_>) {
        match piece {
            Rolled::Samples { times_ms, values } => self.samples(times_ms, values),
            Rolled::Rows(rows) => {
                for row in rows.iter().filter(|row| row.count > 0) {
                    self.part(row.last_ms, &Part::of_row(self.fold, row));
                }
            }
            Rolled::Table(table) => {
                let column = self.fold.column(table);
                for (at, count) in table.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    let value = column.get(at).copied().unwrap_or_default();
                    self.part(table.last_ms(at), &Part::of_run(*count, value));
                }
            }
        }
    }

    fn finish(&mut self) -> Option<Column> {
        let column = self.column();
        self.parts.fill(Part::default());
        self.bucket = 0;
        (!column.is_blank()).then_some(column)
    }
}

impl Folding<'_> {
    fn samples(&mut self, times_ms: &[i64], values: &[f64]) {
        let edges = &self.buckets.edges_ms;
        let mut from = passed(times_ms, 0, edges[0] - 1);
        while from < times_ms.len() {
            self.seek(times_ms[from]);
            let Some(end_ms) = self.buckets.edges_ms.get(self.bucket + 1) else { return };
            let to = passed(times_ms, from, end_ms - 1);
            // What lies between windows is in no part.
            if self.bucket.is_multiple_of(self.buckets.stride) {
                self.parts[self.bucket].add(self.fold, &values[from..to]);
            }
            from = to;
        }
    }

    // Adds what the samples come to of which the last is at a time.
    #[inline]
    fn part(&mut self, last_ms: i64, later: &Part) {
        self.seek(last_ms);
        if let Some(part) = self.parts.get_mut(self.bucket) {
            part.merge(self.fold, later);
        }
    }

    // Goes on to the bucket that has a time, or beyond the last.
    fn seek(&mut self, time_ms: i64) {
        let after = &self.buckets.edges_ms[self.bucket..];
        self.bucket += passed(after, 0, time_ms).saturating_sub(1);
    }

    fn column(&mut self) -> Column {
        let Buckets { stride, width, .. } = *self.buckets;
        let mut values = vec![ABSENT; self.steps.count];
        if width == 1 {
            for (value, part) in values.iter_mut().zip(self.parts.iter().step_by(stride)) {
                *value = part.value(self.fold, &mut self.is_lossy);
            }
        } else if width <= DIRECT_MAX {
            for (value, parts) in values.iter_mut().zip(self.parts.windows(width)) {
                let mut whole = parts[0];
                parts[1..].iter().for_each(|part| whole.merge(self.fold, part));
                *value = whole.value(self.fold, &mut self.is_lossy);
            }
        } else {
            self.slide(width, &mut values);
        }
        Column::of(values)
    }

    // Wide windows: of blocks as wide as a window, what each bucket comes to with all after it, and from the start of the
    // next on. A window is the end of one block and the start of the next, whatever the function.
    fn slide(&mut self, width: usize, values: &mut [f64]) {
        let mut ends = vec![Part::default(); width];
        let mut start = Part::default();
        for (at, value) in values.iter_mut().enumerate() {
            let place = at % width;
            if place == 0 {
                let mut end = Part::default();
                for (kept, part) in ends.iter_mut().zip(&self.parts[at..at + width]).rev() {
                    let mut longer = *part;
                    longer.merge(self.fold, &end);
                    end = longer;
                    *kept = end;
                }
                start = Part::default();
            } else {
                start.merge(self.fold, &self.parts[at + width - 1]);
            }
            let mut whole = ends[place];
            whole.merge(self.fold, &start);
            *value = whole.value(self.fold, &mut self.is_lossy);
        }
    }
}
