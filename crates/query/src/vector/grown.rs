//! How much series grew, from what parts of windows tell: from runs of samples, or from what a source knows of whole runs, as
//! [`super::fold`] does it for other functions.

mod part;

use super::evaluate::Evaluator;
use super::fold::Buckets;
use super::functions::rate::{Extent, Growth, check_name};
use super::load::{self, Pieces};
use super::value::{ABSENT, Column, Matrix, Steps};
use crate::QueryError;
use lang::plan::NodeId;
use lang::plan::vector::Window;
use model::{Aspects, Detail, Kind, ReadError, Rolled, Series as Found, Source, TimeRange};
use part::Part;

/// The growth over a window at all instants, if it can be told this way.
pub(super) fn over(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    window: &Window,
    growth: Growth,
    steps: Steps,
) -> Result<Option<Matrix>, QueryError> {
    let Some(buckets) = Buckets::of(window, steps) else { return Ok(None) };
    if buckets.count() > evaluator.budget.points_max() {
        return Ok(None);
    }
    let growing = || Growing {
        growth,
        buckets: &buckets,
        steps,
        range_ms: window.range_ms,
        parts: vec![Part::default(); buckets.count()],
        bucket: 0,
    };
    let of_ends = Aspects::COUNT | Aspects::FIRST | Aspects::LAST | Aspects::NUMBERS;
    let of_all = if growth.is_counter { Aspects::GROWTH | Aspects::RESETS } else { Aspects::default() };
    let detail =
        Detail { edges_ms: &buckets.edges_ms, aspects: of_ends | of_all, tier: evaluator.budget.tier() };
    let site = load::Site { node, select: &window.select, steps, is_nameless: true, fits };
    let Some((matrix, _)) = load::pieces(evaluator, &site, buckets.range(), &detail, growing)? else {
        return Ok(None);
    };
    let span = evaluator.span(node);
    for series in matrix.iter().filter(|_| growth.is_counter) {
        check_name(&series.labels, span, &mut evaluator.notes);
    }
    Ok(Some(matrix))
}

// Rows of other kinds tell neither of resets nor of first samples; and where start times are known, they tell of resets.
fn fits(source: &dyn Source, found: &[Found], range: TimeRange) -> Result<bool, ReadError> {
    if found.iter().any(|series| !matches!(series.kind, Kind::Counter | Kind::Unknown)) {
        return Ok(false);
    }
    let ids: Vec<_> = found.iter().map(|series| series.id).collect();
    let mut has_starts = false;
    source.read_starts(&ids, range, &mut |_, times_ms, _| has_starts |= !times_ms.is_empty())?;
    Ok(!has_starts)
}

/// One series after the other.
struct Growing<'a> {
    growth: Growth,
    buckets: &'a Buckets,
    steps: Steps,
    range_ms: i64,
    parts: Vec<Part>,
    /// The bucket that the series has come to.
    bucket: usize,
}

impl Pieces for Growing<'_> {
    fn piece(&mut self, piece: Rolled<'_>) {
        match piece {
            Rolled::Samples { times_ms, values } => {
                let parts = &mut self.parts;
                self.bucket = self.buckets.each_run(self.bucket, times_ms, |bucket, run| {
                    parts[bucket].add(&times_ms[run.clone()], &values[run]);
                });
            }
            Rolled::Rows(rows) => rows.iter().for_each(|row| self.part(&Part::of_row(row))),
            Rolled::Table(table) => table.rows().for_each(|row| self.part(&Part::of_row(&row))),
        }
    }

    fn finish(&mut self) -> Option<Column> {
        let mut values = vec![ABSENT; self.steps.count];
        self.buckets.each_window(&self.parts, Part::merge, |at, part| {
            if let Some(value) = values.get_mut(at) {
                *value = self.value(at, part);
            }
        });
        self.parts.fill(Part::default());
        self.bucket = 0;
        let column = Column::of(values);
        (!column.is_blank()).then_some(column)
    }
}

impl Growing<'_> {
    // Adds what a run of samples comes to.
    fn part(&mut self, later: &Part) {
        if later.count > 0 {
            self.bucket = self.buckets.seek(self.bucket, later.last_ms);
            if let Some(part) = self.parts.get_mut(self.bucket) {
                part.merge(later);
            }
        }
    }

    // Of a window; as `rate.rs` has it where all samples are there.
    #[inline]
    fn value(&self, window: usize, part: &Part) -> f64 {
        if part.count < 2 {
            return ABSENT;
        }
        let Growth { is_counter, is_rate } = self.growth;
        let increase = part.last - part.first + if is_counter { part.lost } else { 0.0 };
        let end_ms = self.buckets.end_ms(window);
        let start_ms = end_ms - self.range_ms;
        let range_s = self.range_ms as f64 / 1000.0;
        let factor = if part.first_ms <= start_ms {
            // A row that stands for samples that are gone reaches beyond the window, which had its share of the growth.
            range_s / ((part.last_ms - part.first_ms) as f64 / 1000.0)
        } else {
            let counted_from = (is_counter && part.first >= 0.0 && increase > 0.0).then_some(part.first);
            let extent = Extent {
                start_ms,
                end_ms,
                first_ms: part.first_ms,
                last_ms: part.last_ms,
                count: part.count as usize,
                began_ms: None,
            };
            extent.factor(counted_from.map(|first| first / increase))
        };
        let increase = increase * factor;
        if is_rate { increase / range_s } else { increase }
    }
}
