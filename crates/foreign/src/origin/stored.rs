//! A store as the origin of an export.

use super::{Origin, SERIES_MAX, Visit, sort};
use crate::Error;
use crate::step::{Step, Steps};
use model::{
    Aspects, Chunk, Description, Detail, Matcher, Reading, Rolled, Series, SeriesId, Source, TierChoice,
    TimeRange,
};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Most steps asked for at once: their edges are held in memory.
const STEPS_MAX: i64 = 1 << 16;
/// No row lies on either side of it, and all samples are later.
const NEVER_MS: [i64; 1] = [i64::MIN + 1];

/// A store.
pub struct StoreOrigin<'s> {
    source: &'s dyn Source,
    series: Vec<Series>,
    reading: Reading,
    has_rows: bool,
}

impl<'s> StoreOrigin<'s> {
    /// The series that satisfy one of the `selectors` and may have samples in `range`.
    ///
    /// # Errors
    /// Reading failed, or there are more than [`SERIES_MAX`].
    pub fn open(source: &'s dyn Source, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Self, Error> {
        let (mut series, mut known) = (Vec::new(), HashSet::new());
        for selector in selectors {
            let found = source.select(selector, range, SERIES_MAX).map_err(failed)?;
            if found.truncated || known.len() > SERIES_MAX {
                return Err(Error::Read(format!(
                    "more than {SERIES_MAX} series match; export them in parts"
                )));
            }
            series.extend(found.series.into_iter().filter(|s| known.insert(s.id)));
        }
        sort(&mut series);
        let has_rows = source.tiers_ms().is_some_and(|tiers| tiers.len() > 1);
        Ok(Self { source, series, reading: Reading::default(), has_rows })
    }

    /// Reads one series in the detail asked for.
    fn rolled(
        &self,
        at: usize,
        range: TimeRange,
        detail: &Detail<'_>,
        mut take: impl FnMut(Rolled<'_>) -> Result<(), Error>,
    ) -> Result<Reading, Error> {
        let mut result = Ok(());
        let mut visit = |_: SeriesId, piece: Rolled<'_>| {
            result = take(piece);
            if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let reading =
            self.source.read_rolled(&[self.series[at].id], range, detail, &mut visit).map_err(failed)?;
        result.map(|()| reading)
    }

    /// From the first to the last sample that there is or was; summaries and rows tell it without reading all.
    fn extent(&self, at: usize, range: TimeRange) -> Result<Option<TimeRange>, Error> {
        let aspects = Aspects::COUNT | Aspects::FIRST | Aspects::LAST;
        let detail = Detail { edges_ms: &[], aspects, tier: TierChoice::Auto };
        let mut extent: Option<TimeRange> = None;
        let mut widen = |first_ms: i64, last_ms: i64| {
            let piece = TimeRange::new(first_ms, last_ms.saturating_add(1));
            extent = Some(extent.map_or(piece, |known| known.hull(piece)));
        };
        self.rolled(at, range, &detail, |piece| {
            match piece {
                Rolled::Samples { times_ms: [first_ms, .., last_ms], .. } => widen(*first_ms, *last_ms),
                Rolled::Samples { times_ms: [only_ms], .. } => widen(*only_ms, *only_ms),
                Rolled::Samples { .. } => {}
                Rolled::Rows(rows) => rows.iter().for_each(|row| widen(row.first_ms, row.last_ms)),
                Rolled::Table(table) => table.rows().for_each(|row| widen(row.first_ms, row.last_ms)),
            }
            Ok(())
        })?;
        Ok(extent)
    }

    /// Where samples of a series are gone and rows remain. Rows of any length are too coarse for the edges asked for, so
    /// the store says where it has nothing better.
    fn note_gone(&mut self, at: usize, range: TimeRange) -> Result<(), Error> {
        let detail = Detail { edges_ms: &NEVER_MS, aspects: Aspects::COUNT, tier: TierChoice::Auto };
        let reading = self.rolled(at, range, &detail, |_| Ok(()))?;
        reading.gone.into_iter().for_each(|(range, tier_ms)| self.reading.note_gone(range, tier_ms));
        Ok(())
    }
}

impl Origin for StoreOrigin<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn about(&mut self, metric: &str) -> Option<Description> {
        self.source.describe(metric)
    }

    fn read(&mut self, first: usize, range: TimeRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        for at in first..self.series.len() {
            let mut result = Ok(());
            let mut take = |_: SeriesId, chunk: Chunk<'_>| {
                let Chunk::Samples { times_ms, values } = chunk;
                result = visit(at, times_ms, values);
                if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            self.source.read(&[self.series[at].id], range, &mut take).map_err(failed)?;
            result?;
            self.reading.used(0);
            if self.has_rows {
                self.note_gone(at, range)?;
            }
        }
        Ok(())
    }

    fn read_steps(
        &mut self,
        first: usize,
        range: TimeRange,
        step: &Step<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut steps = Steps::new(step, &self.series);
        let mut then = |at: usize, time_ms: i64, value: f64| visit(at, &[time_ms], &[value]);
        let mut edges_ms = Vec::new();
        for at in first..self.series.len() {
            let Some(extent) = self.extent(at, range)? else { continue };
            let aspects = steps.aspects(at);
            for window in step.windows(extent, STEPS_MAX) {
                edges_ms.clear();
                edges_ms.extend(step.edges(window));
                let detail = Detail { edges_ms: &edges_ms, aspects, tier: TierChoice::Auto };
                let reading = self.rolled(at, window.intersect(range), &detail, |piece| match piece {
                    Rolled::Samples { times_ms, values } => steps.add(at, times_ms, values, &mut then),
                    Rolled::Rows(rows) => steps.add_rows(at, rows, &mut then),
                    Rolled::Table(table) => steps.add_rows(at, &table.rows().collect::<Vec<_>>(), &mut then),
                })?;
                self.reading.merge(reading);
            }
        }
        steps.finish(&mut then)
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

fn failed(error: model::ReadError) -> Error {
    Error::Read(error.to_string())
}
