//! Functions over ranges that need not see each sample by itself: windows are put together from buckets, buckets from runs
//! of samples, or from what a source knows of a whole run. Every sample is looked at once, however much windows overlap.

mod buckets;
mod part;

use super::evaluate::Evaluator;
use super::load::{self, Pieces};
use super::value::{ABSENT, Column, Matrix, Steps};
use crate::QueryError;
pub(super) use buckets::Buckets;
use lang::plan::NodeId;
use lang::plan::vector::Window;
use model::{Aspects, Detail, Rolled};
pub(super) use part::Fold;
use part::Part;

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
    let parts_count = buckets.count();
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
    let site =
        load::Site { node, select: &window.select, steps, is_nameless: !keeps_name, fits: load::ALL_FIT };
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
        let (fold, parts) = (self.fold, &mut self.parts);
        self.bucket = self.buckets.each_run(self.bucket, times_ms, |bucket, run| {
            parts[bucket].add(fold, &values[run]);
        });
    }

    // Adds what the samples come to of which the last is at a time.
    #[inline]
    fn part(&mut self, last_ms: i64, later: &Part) {
        self.bucket = self.buckets.seek(self.bucket, last_ms);
        if let Some(part) = self.parts.get_mut(self.bucket) {
            part.merge(self.fold, later);
        }
    }

    fn column(&mut self) -> Column {
        let mut values = vec![ABSENT; self.steps.count];
        let (fold, is_lossy) = (self.fold, &mut self.is_lossy);
        let merge = |part: &mut Part, later: &Part| part.merge(fold, later);
        self.buckets.each_window(&self.parts, merge, |at, part| {
            if let Some(value) = values.get_mut(at) {
                *value = part.value(fold, is_lossy);
            }
        });
        Column::of(values)
    }
}
