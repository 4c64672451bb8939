//! A source without what only histograms are put together from: for languages and pages that know numbers alone.

use crate::joined::is_beside;
use model::histogram::classic::NATIVE;
use model::{
    Chunk, Description, Detail, Matcher, Node, ReadError, Reading, Rolled, Sample, Selection, SeriesId,
    Source, TimeRange, VisitHistograms, VisitStarts,
};
use std::ops::ControlFlow;

/// The same source, but for series with a label `__native__` and that label itself: `model::histogram::classic` says what
/// they are. Who names the label gets them.
pub struct Numbers<'a>(&'a dyn Source);

impl<'a> Numbers<'a> {
    /// A source, hiding them.
    pub fn of(source: &'a dyn Source) -> Self {
        Self(source)
    }
}

fn shown(mut found: Selection, matchers: &[Matcher]) -> Selection {
    if matchers.iter().all(|matcher| matcher.name != NATIVE) {
        found.series.retain(|series| !is_beside(series));
    }
    found
}

impl Source for Numbers<'_> {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        Ok(shown(self.0.select(matchers, range, limit)?, matchers))
    }

    fn select_beside(
        &self,
        label: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        Ok(shown(self.0.select_beside(label, matchers, range, limit)?, matchers))
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.0.read(ids, range, visit)
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        self.0.read_rolled(ids, range, detail, visit)
    }

    fn read_histograms(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut VisitHistograms<'_>,
    ) -> Result<(), ReadError> {
        self.0.read_histograms(ids, range, visit)
    }

    fn read_starts(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut VisitStarts<'_>,
    ) -> Result<(), ReadError> {
        self.0.read_starts(ids, range, visit)
    }

    fn tiers_ms(&self) -> Option<Vec<u32>> {
        self.0.tiers_ms()
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        self.0.last(ids, range)
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut names = self.0.label_names(matchers, range, limit)?;
        names.retain(|name| name != NATIVE);
        Ok(names)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        if name == NATIVE { Ok(Vec::new()) } else { self.0.label_values(name, matchers, range, limit) }
    }

    fn nodes(
        &self,
        label: &str,
        prefix: &str,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Node>, ReadError> {
        self.0.nodes(label, prefix, range, limit)
    }

    fn select_only(
        &self,
        label: &str,
        values: &[String],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        self.0.select_only(label, values, range, limit)
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.0.describe(metric)
    }
}
