//! Samples without a copy, and not even those where a source knows what many come to.

use super::{find, gone};
use crate::QueryError;
use crate::share::{self, Meter};
use crate::vector::evaluate::{Evaluator, at};
use crate::vector::value::{Column, Matrix, Series, Steps};
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{
    Detail, Labels, ReadError, Reading, Rolled, Sample, Series as Found, SeriesId, Source, TimeRange,
};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Takes series piece by piece.
pub(in crate::vector) trait Pieces: Send {
    /// A piece of the series under way, later than those before.
    fn piece(&mut self, piece: Rolled<'_>);

    /// The series is done: its values, if it has any.
    fn finish(&mut self) -> Option<Column>;
}

/// What is made of series, and what made it.
pub(in crate::vector) type Made<P> = (Matrix, Vec<P>);

/// Hands all series that match to what `make` makes, as closely as `detail` wants: to several where several threads read.
/// Nothing when there are histograms among them, or others that do not fit, which only [`super::each`] reads.
pub(in crate::vector) fn pieces<P: Pieces>(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    range: TimeRange,
    detail: &Detail<'_>,
    make: impl Fn() -> P + Sync,
) -> Result<Option<Made<P>>, QueryError> {
    let found = find(evaluator, site.node, site.select, range)?;
    let started = Instant::now();
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    let fits = (site.fits)(evaluator.source, &found, range).map_err(QueryError::Source)?;
    if !fits || has_histograms(evaluator, &ids, range)? {
        // They are found once more.
        evaluator.budget.stats.series -= found.len() as u64;
        return Ok(None);
    }
    let meter = Meter::new(&evaluator.budget);
    let held = AtomicUsize::new(0);
    let read = Read { evaluator, site, range, detail, meter: &meter, held: &held };
    let done = share::each(&found, &meter, |found| read.share(found, make()));
    let samples = meter.samples();
    let done = done.map_err(|error| at(error, evaluator.span(site.node)));
    evaluator.budget.stats.samples += samples;
    let (mut matrix, mut makers) = (Matrix::new(), Vec::new());
    for (mut part, reading, maker) in done? {
        if matrix.is_empty() {
            matrix = part;
        } else {
            matrix.append(&mut part);
        }
        evaluator.budget.reading.merge(reading);
        makers.push(maker);
    }
    evaluator.read_done(site.node, started, samples);
    Ok(Some((matrix, makers)))
}

/// Where series are selected, and what becomes of them.
pub(in crate::vector) struct Site<'a> {
    pub node: NodeId,
    pub select: &'a Select,
    /// At how many instants there are values.
    pub steps: Steps,
    /// Their names go.
    pub is_nameless: bool,
    /// Whether series can be read this way.
    pub fits: Fits,
}

/// Tells whether series can be read piece by piece in a range.
pub(in crate::vector) type Fits = fn(&dyn Source, &[Found], TimeRange) -> Result<bool, ReadError>;

/// They always can.
pub(in crate::vector) const ALL_FIT: Fits = |_, _, _| Ok(true);

/// What the threads of a read have in common.
struct Read<'a, 'e> {
    evaluator: &'a Evaluator<'e>,
    site: &'a Site<'a>,
    range: TimeRange,
    detail: &'a Detail<'a>,
    meter: &'a Meter<'a>,
    /// Series with values so far.
    held: &'a AtomicUsize,
}

impl Read<'_, '_> {
    fn share<P: Pieces>(&self, found: &[Found], mut maker: P) -> Result<(Matrix, Reading, P), QueryError> {
        let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
        let (mut matrix, mut current, mut next, mut failed) = (Matrix::new(), None, 0, None);
        let mut visit = |id: SeriesId, piece: Rolled<'_>| {
            let mut step = || {
                if current != Some(id) {
                    if current.is_some() {
                        self.finish(&mut maker, &found[next].labels, &mut matrix)?;
                    }
                    current = Some(id);
                    while found[next].id < id {
                        next += 1;
                    }
                }
                self.meter.spend(piece.len())?;
                maker.piece(piece);
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
        let read = self.evaluator.source.read_rolled(&ids, self.range, self.detail, &mut visit);
        let reading = read.map_err(QueryError::Source)?;
        failed.map_or(Ok(()), Err)?;
        if current.is_some() {
            self.finish(&mut maker, &found[next].labels, &mut matrix)?;
        }
        Ok((matrix, reading, maker))
    }

    fn finish(
        &self,
        maker: &mut impl Pieces,
        labels: &Labels,
        matrix: &mut Matrix,
    ) -> Result<(), QueryError> {
        let Some(column) = maker.finish() else { return Ok(()) };
        let held = self.held.fetch_add(1, Ordering::Relaxed) + 1;
        self.evaluator.check_points(self.site.node, held, self.site.steps)?;
        matrix.push(Series { labels: labels.clone(), is_nameless: self.site.is_nameless, column });
        Ok(())
    }
}

fn has_histograms(evaluator: &Evaluator<'_>, ids: &[SeriesId], range: TimeRange) -> Result<bool, QueryError> {
    evaluator.source.may_have_histograms(ids, range).map_err(QueryError::Source)
}

/// What a source tells of the newest samples.
pub(in crate::vector) enum Last {
    /// That of each series that has one, markers among them.
    Samples(Vec<(Labels, Sample)>),
    /// There may be histograms, which only [`super::each`] reads.
    Histograms,
    /// Samples are gone, for which rows stand.
    Gone,
}

/// The newest sample of each series that matches.
pub(in crate::vector) fn last(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    range: TimeRange,
) -> Result<Last, QueryError> {
    let found = find(evaluator, node, select, range)?;
    let started = Instant::now();
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    let others = if has_histograms(evaluator, &ids, range)? {
        Some(Last::Histograms)
    } else {
        gone::is_any(evaluator, &ids, range)?.then_some(Last::Gone)
    };
    if let Some(others) = others {
        // They are found once more.
        evaluator.budget.stats.series -= found.len() as u64;
        return Ok(others);
    }
    let newest = evaluator.source.last(&ids, range).map_err(QueryError::Source)?;
    evaluator.budget.spend(newest.len()).map_err(|error| at(error, evaluator.span(node)))?;
    evaluator.read_done(node, started, newest.len() as u64);
    let there = found.into_iter().zip(newest).filter_map(|(series, sample)| Some((series.labels, sample?)));
    Ok(Last::Samples(there.collect()))
}
