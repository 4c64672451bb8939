//! Samples from the source, a series at a time, into memory that is used again and again.

use super::evaluate::{Evaluator, at};
use super::value::{Samples, Steps};
use crate::QueryError;
use hashbrown::HashMap;
use lang::Error;
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{
    Chunk, CounterReset, Detail, Histogram, Labels, Rolled, Sample, Series, SeriesId, TimeRange, is_stale,
};
use std::ops::ControlFlow;
use std::sync::Arc;
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
    evaluator.budget.stats.series += found.series.len() as u64;
    evaluator.budget.stats.find_us += started.elapsed().as_micros() as u64;
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
    let started = Instant::now();
    let source = evaluator.source;
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
    let read = source.read(&ids, range, &mut visit).map_err(QueryError::Source);
    read.and_then(|()| failed.map_or(Ok(()), Err)).map_err(|error| at(error, evaluator.span(node)))?;
    if current.is_some() {
        beside.hand_over(evaluator, &mut samples, &mut take)?;
    }
    beside.rest(evaluator, &found, &mut samples, &mut take)?;
    evaluator.budget.stats.read_us += started.elapsed().as_micros() as u64;
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

/// What a source has beside numbers: nearly always nothing.
#[derive(Default)]
struct Beside {
    /// The series whose numbers are being read.
    id: Option<SeriesId>,
    histograms: HashMap<SeriesId, (Vec<i64>, Vec<Arc<Histogram>>)>,
    starts: HashMap<SeriesId, Vec<(i64, i64)>>,
}

impl Beside {
    fn read(evaluator: &mut Evaluator<'_>, ids: &[SeriesId], range: TimeRange) -> Result<Self, QueryError> {
        let (mut beside, mut read) = (Self::default(), 0);
        let source = evaluator.source;
        let mut histograms = |id, times_ms: &[i64], histograms: &[Arc<Histogram>]| {
            read += times_ms.len();
            let (times, values) = beside.histograms.entry(id).or_default();
            times.extend_from_slice(times_ms);
            values.extend_from_slice(histograms);
        };
        source.read_histograms(ids, range, &mut histograms).map_err(QueryError::Source)?;
        let mut starts = |id, times_ms: &[i64], starts_ms: &[i64]| {
            let pairs = times_ms.iter().copied().zip(starts_ms.iter().copied());
            beside.starts.entry(id).or_default().extend(pairs);
        };
        source.read_starts(ids, range, &mut starts).map_err(QueryError::Source)?;
        evaluator.budget.spend(read)?;
        Ok(beside)
    }

    fn hand_over(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        samples: &mut Samples,
        take: &mut impl FnMut(&mut Evaluator<'_>, &mut Samples) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let Some(id) = self.id else { return Ok(()) };
        if let Some((times_ms, histograms)) = self.histograms.remove(&id) {
            samples.histogram_times_ms = times_ms;
            samples.histograms = histograms;
            if evaluator.knows_resets {
                know_resets(&mut samples.histograms);
            }
        }
        if let Some(starts) = self.starts.remove(&id) {
            samples.starts_ms = starts_of(&samples.times_ms, &starts);
            samples.histogram_starts_ms = starts_of(&samples.histogram_times_ms, &starts);
        }
        let taken = if samples.is_empty() { Ok(()) } else { take(evaluator, samples) };
        samples.clear();
        taken
    }

    // Series that have histograms only.
    fn rest(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        found: &[Series],
        samples: &mut Samples,
        take: &mut impl FnMut(&mut Evaluator<'_>, &mut Samples) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        if self.histograms.is_empty() {
            return Ok(());
        }
        for series in
            found.iter().filter(|series| self.histograms.contains_key(&series.id)).collect::<Vec<_>>()
        {
            self.id = Some(series.id);
            samples.labels = series.labels.clone();
            self.hand_over(evaluator, samples, take)?;
        }
        Ok(())
    }
}

// Says of each histogram of which that is not known whether it counts anew.
fn know_resets(histograms: &mut [Arc<Histogram>]) {
    for at in 1..histograms.len() {
        if histograms[at].hint == CounterReset::Unknown {
            let is_reset = histograms[at].is_reset_after(&histograms[at - 1]);
            let hint = if is_reset { CounterReset::Reset } else { CounterReset::NotReset };
            Arc::make_mut(&mut histograms[at]).hint = hint;
        }
    }
}

// The start of each of `times_ms`, 0 where it is not known.
fn starts_of(times_ms: &[i64], starts: &[(i64, i64)]) -> Vec<i64> {
    let start =
        |time: &i64| starts.binary_search_by_key(time, |(time, _)| *time).map_or(0, |at| starts[at].1);
    times_ms.iter().map(start).collect()
}

/// Takes series piece by piece.
pub(super) trait Pieces {
    /// A piece of the series under way, later than those before.
    fn piece(&mut self, piece: Rolled<'_>);

    /// The series is done.
    fn finish(&mut self, evaluator: &Evaluator<'_>, labels: &Labels) -> Result<(), QueryError>;
}

/// Hands all series that match to `take`, as closely as `detail` wants. False when there are histograms among them, which
/// only [`each`] reads; nothing is handed over then.
pub(super) fn pieces(
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

/// The newest sample of each series that matches, markers among them. Nothing when there are histograms, which only
/// [`each`] reads.
pub(super) fn last(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
) -> Result<Option<Vec<(Labels, Sample)>>, QueryError> {
    let found = find(evaluator, node, select, range)?;
    let started = Instant::now();
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    if has_histograms(evaluator, &ids, range)? {
        evaluator.budget.stats.series -= found.len() as u64;
        return Ok(None);
    }
    let newest = evaluator.source.last(&ids, range).map_err(QueryError::Source)?;
    evaluator.budget.spend(newest.len()).map_err(|error| at(error, evaluator.span(node)))?;
    evaluator.budget.stats.read_us += started.elapsed().as_micros() as u64;
    let there = found.into_iter().zip(newest).filter_map(|(series, sample)| Some((series.labels, sample?)));
    Ok(Some(there.collect()))
}
