//! Where the samples of an export come from: a store in this process, or whatever else can give series after series.

use crate::Error;
use model::{Chunk, Description, Matcher, Series, SeriesId, Source, TimeRange};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Most series of one export.
pub const SERIES_MAX: usize = 1_000_000;

/// Takes samples of the series with this place in [`Origin::series`]; times ascend within a series. An error ends the
/// walk and is handed back.
pub type Visit<'v> = dyn FnMut(usize, &[i64], &[f64]) -> Result<(), Error> + 'v;

/// See the module's text.
pub trait Origin {
    /// All series, sorted by metric name and then by labels.
    fn series(&self) -> &[Series];

    /// What is known about a metric.
    fn about(&mut self, metric: &str) -> Option<Description>;

    /// Visits the samples in `range` of the series from the place `first` on, in their order.
    fn read(&mut self, first: usize, range: TimeRange, visit: &mut Visit<'_>) -> Result<(), Error>;
}

/// The order of series in exports.
pub fn sort(series: &mut [Series]) {
    series.sort_by(|a, b| (a.labels.name(), &a.labels).cmp(&(b.labels.name(), &b.labels)));
}

/// A store.
pub struct StoreOrigin<'s> {
    source: &'s dyn Source,
    series: Vec<Series>,
}

impl<'s> StoreOrigin<'s> {
    /// The series that satisfy one of the `selectors` and may have samples in `range`.
    ///
    /// # Errors
    /// Reading failed, or there are more than [`SERIES_MAX`].
    pub fn open(source: &'s dyn Source, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Self, Error> {
        let (mut series, mut known) = (Vec::new(), HashSet::new());
        for selector in selectors {
            let found = source.select(selector, range, SERIES_MAX).map_err(|e| Error::Read(e.to_string()))?;
            if found.truncated || known.len() > SERIES_MAX {
                return Err(Error::Read(format!(
                    "more than {SERIES_MAX} series match; export them in parts"
                )));
            }
            series.extend(found.series.into_iter().filter(|s| known.insert(s.id)));
        }
        sort(&mut series);
        Ok(Self { source, series })
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
        for (at, series) in self.series.iter().enumerate().skip(first) {
            let mut result = Ok(());
            let mut take = |_: SeriesId, chunk: Chunk<'_>| {
                let Chunk::Samples { times_ms, values } = chunk;
                result = visit(at, times_ms, values);
                if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            self.source.read(&[series.id], range, &mut take).map_err(|e| Error::Read(e.to_string()))?;
            result?;
        }
        Ok(())
    }
}
