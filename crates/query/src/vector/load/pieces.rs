//! Samples without a copy, and not even those where a source knows what many come to.

use super::{find, gone};
use crate::QueryError;
use crate::vector::evaluate::{Evaluator, at};
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{Detail, Histogram, Labels, Rolled, Sample, SeriesId, TimeRange};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

/// Takes series piece by piece.
pub(in crate::vector) trait Pieces {
    /// A piece of the series under way, later than those before.
    fn piece(&mut self, piece: Rolled<'_>);

    /// The series is done.
    fn finish(&mut self, evaluator: &Evaluator<'_>, labels: &Labels) -> Result<(), QueryError>;
}

/// Hands all series that match to `take`, as closely as `detail` wants. False when there are histograms among them, which
/// only [`super::each`] reads; nothing is handed over then.
pub(in crate::vector) fn pieces(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
    detail: &Detail<'_>,
    take: &mut impl Pieces,
) -> Result<bool, QueryError> {
    let found = find(evaluator, node, select, range)?;
    let started = Instant::now();
    let source = evaluator.source;
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    if has_histograms(evaluator, &ids, range)? {
        // They are found once more.
        evaluator.budget.stats.series -= found.len() as u64;
        return Ok(false);
    }
    let (mut current, mut next, mut failed) = (None, 0, None);
    let mut visit = |id: SeriesId, piece: Rolled<'_>| {
        let mut step = || {
            if current != Some(id) {
                if current.is_some() {
                    take.finish(evaluator, &found[next].labels)?;
                }
                current = Some(id);
                while found[next].id < id {
                    next += 1;
                }
            }
            let touched = match &piece {
                Rolled::Samples { times_ms, .. } => times_ms.len(),
                Rolled::Rows(rows) => rows.len(),
            };
            evaluator.budget.spend(touched)?;
            take.piece(piece);
            Ok(())
        };
        match step() {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    let read = source.read_rolled(&ids, range, detail, &mut visit).map_err(QueryError::Source);
    let reading = read.and_then(|reading| failed.map_or(Ok(reading), Err));
    let reading = reading.map_err(|error| at(error, evaluator.span(node)))?;
    evaluator.budget.reading.merge(reading);
    if current.is_some() {
        take.finish(evaluator, &found[next].labels)?;
    }
    evaluator.budget.stats.read_us += started.elapsed().as_micros() as u64;
    Ok(true)
}

fn has_histograms(evaluator: &Evaluator<'_>, ids: &[SeriesId], range: TimeRange) -> Result<bool, QueryError> {
    let mut any = false;
    let mut visit = |_, times_ms: &[i64], _: &[Arc<Histogram>]| any |= !times_ms.is_empty();
    evaluator.source.read_histograms(ids, range, &mut visit).map_err(QueryError::Source)?;
    Ok(any)
}

/// The newest sample of each series that matches, markers among them. Nothing when there are histograms or samples are gone,
/// which others read.
pub(in crate::vector) fn last(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
) -> Result<Option<Vec<(Labels, Sample)>>, QueryError> {
    let found = find(evaluator, node, select, range)?;
    let started = Instant::now();
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    if has_histograms(evaluator, &ids, range)? || gone::is_any(evaluator, &ids, range)? {
        evaluator.budget.stats.series -= found.len() as u64;
        return Ok(None);
    }
    let newest = evaluator.source.last(&ids, range).map_err(QueryError::Source)?;
    evaluator.budget.spend(newest.len()).map_err(|error| at(error, evaluator.span(node)))?;
    evaluator.budget.stats.read_us += started.elapsed().as_micros() as u64;
    let there = found.into_iter().zip(newest).filter_map(|(series, sample)| Some((series.labels, sample?)));
    Ok(Some(there.collect()))
}
