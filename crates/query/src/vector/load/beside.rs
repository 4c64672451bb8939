//! What a source has beside numbers.

use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::load::gone::Gone;
use crate::vector::value::Samples;
use hashbrown::HashMap;
use model::{CounterReset, Histogram, Series, SeriesId, TimeRange};
use std::sync::Arc;

/// Histograms, start times, and rows for samples that are gone: nearly always nothing.
#[derive(Default)]
pub(super) struct Beside {
    /// The series whose numbers are being read.
    pub(super) id: Option<SeriesId>,
    histograms: HashMap<SeriesId, (Vec<i64>, Vec<Arc<Histogram>>)>,
    starts: HashMap<SeriesId, Vec<(i64, i64)>>,
    gone: Gone,
    /// Series that were handed over, in order.
    done: Vec<SeriesId>,
}

impl Beside {
    pub(super) fn read(
        evaluator: &mut Evaluator<'_>,
        ids: &[SeriesId],
        range: TimeRange,
    ) -> Result<Self, QueryError> {
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
        beside.gone = Gone::find(evaluator, ids, range)?;
        Ok(beside)
    }

    pub(super) fn hand_over(
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
        self.gone.put_before(evaluator, id, samples)?;
        self.done.push(id);
        if let Some(starts) = self.starts.remove(&id) {
            samples.starts_ms = starts_of(&samples.times_ms, &starts);
            samples.histogram_starts_ms = starts_of(&samples.histogram_times_ms, &starts);
        }
        let taken = if samples.is_empty() { Ok(()) } else { take(evaluator, samples) };
        samples.clear();
        taken
    }

    // Series of which no number was read.
    pub(super) fn rest(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        found: &[Series],
        samples: &mut Samples,
        take: &mut impl FnMut(&mut Evaluator<'_>, &mut Samples) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        if self.histograms.is_empty() && self.gone.is_empty() {
            return Ok(());
        }
        let done = std::mem::take(&mut self.done);
        for series in found {
            let has_more = self.histograms.contains_key(&series.id) || !self.gone.is_empty();
            if !has_more || done.binary_search(&series.id).is_ok() {
                continue;
            }
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
