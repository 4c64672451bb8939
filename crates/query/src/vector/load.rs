//! Samples from the source, a series at a time, into memory that is used again and again.

mod beside;
mod gone;
mod pieces;

use super::evaluate::{Evaluator, at};
use super::value::{Samples, Steps};
use crate::QueryError;
use beside::Beside;
use lang::Error;
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{Chunk, Series, SeriesId, TierChoice, TimeRange, is_stale};
pub(super) use pieces::{ALL_FIT, Last, Pieces, Site, last, pieces};
use std::ops::ControlFlow;
use std::time::Instant;

/// What happens to staleness markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markers {
    /// They stay among the numbers.
    Keep,
    /// They are no samples.
    Leave,
}

/// When samples are looked at for all of `steps`: from `back_ms` (left open) before the first to `ahead_ms` after the last.
pub(super) fn around(select: &Select, steps: Steps, back_ms: i64, ahead_ms: i64) -> TimeRange {
    let (first, last) = (looked_at(select, steps.start_ms), looked_at(select, steps.last_ms()));
    let start_ms = first.saturating_sub(back_ms).saturating_add(1);
    TimeRange::new(start_ms, last.saturating_add(ahead_ms).saturating_add(1))
}

/// The time looked at, at an instant.
pub(super) fn looked_at(select: &Select, instant_ms: i64) -> i64 {
    select.at_ms.unwrap_or(instant_ms).saturating_sub(select.offset_ms)
}

/// The series that match.
pub(super) fn find(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
) -> Result<Vec<Series>, QueryError> {
    let started = Instant::now();
    let series_max = evaluator.budget.series_max();
    let found = evaluator.source.select(&select.matchers, range, series_max);
    let found = found.map_err(QueryError::Source)?;
    if found.truncated {
        let message = format!("The selection finds more than the limit of {series_max} series");
        let error =
            Error::new(evaluator.span(node), message).hint("narrow it down by a metric name or a label");
        return Err(QueryError::Limit(error));
    }
    evaluator.found(node, started, found.series.len() as u64);
    Ok(found.series)
}

/// Hands each series that matches, with its samples in `range`, to `take`. Series without samples are left out.
pub(super) fn each(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
    markers: Markers,
    mut take: impl FnMut(&mut Evaluator<'_>, &mut Samples) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let found = find(evaluator, node, select, range)?;
    let (started, samples_before) = (Instant::now(), evaluator.budget.stats.samples);
    let (source, tier) = (evaluator.source, evaluator.budget.tier());
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    let mut beside = Beside::read(evaluator, &ids, range)?;
    let mut samples = Samples::default();
    let (mut current, mut failed) = (None, None);
    let mut next = 0;
    let mut visit = |id: SeriesId, Chunk::Samples { times_ms, values }: Chunk<'_>| {
        if current != Some(id) {
            let done = current.map_or(Ok(()), |_| beside.hand_over(evaluator, &mut samples, &mut take));
            if let Err(error) = done {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            current = Some(id);
            while found[next].id < id {
                next += 1;
            }
            samples.labels = found[next].labels.clone();
            beside.id = Some(id);
        }
        push(&mut samples, times_ms, values, markers);
        match evaluator.budget.spend(times_ms.len()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    // Of another tier there are rows only, which were read already.
    let has_samples = matches!(tier, TierChoice::Auto | TierChoice::Only(0));
    let read = if has_samples { source.read(&ids, range, &mut visit) } else { Ok(()) };
    let read = read.map_err(QueryError::Source);
    read.and_then(|()| failed.map_or(Ok(()), Err)).map_err(|error| at(error, evaluator.span(node)))?;
    if current.is_some() {
        beside.hand_over(evaluator, &mut samples, &mut take)?;
    }
    beside.rest(evaluator, &found, &mut samples, &mut take)?;
    let samples = evaluator.budget.stats.samples - samples_before;
    evaluator.read_done(node, started, samples);
    Ok(())
}

fn push(samples: &mut Samples, times_ms: &[i64], values: &[f64], markers: Markers) {
    if markers == Markers::Keep || !values.iter().any(|value| is_stale(*value)) {
        samples.times_ms.extend_from_slice(times_ms);
        samples.values.extend_from_slice(values);
        return;
    }
    for (time_ms, value) in times_ms.iter().zip(values).filter(|(_, value)| !is_stale(**value)) {
        samples.times_ms.push(*time_ms);
        samples.values.push(*value);
    }
}
