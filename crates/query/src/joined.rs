//! A source whose native histograms are stored as series of numbers, as a source of histograms.
//!
//! `model::histogram::classic` says how they are stored. Here the series beside the classic ones (those with a label
//! `__native__`) are hidden, and in their place stands one series of histograms with the labels that were sent.

mod parts;

use hashbrown::HashMap;
use model::histogram::classic::NATIVE;
use model::{
    Chunk, Description, Detail, Labels, Matcher, NAME, Node, ReadError, Reading, Rolled, Sample, Selection,
    Series, SeriesId, Source, TimeRange, VisitHistograms, VisitStarts,
};
use parts::{Group, Parts};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far before a range is looked for the histogram before its first, in milliseconds: then it is known whether that one
/// counts anew.
const BEFORE_MS: i64 = 300_000;
/// How many series a histogram may have on average, when those of many are looked for.
const SERIES_PER_HISTOGRAM_MAX: usize = 1000;

/// A source for the time of one request: it remembers which series belong together.
pub struct Joined<'a> {
    inner: &'a dyn Source,
    parts: Mutex<BTreeMap<SeriesId, Parts>>,
}

impl<'a> Joined<'a> {
    /// The same source, with histograms.
    pub fn new(inner: &'a dyn Source) -> Self {
        Self { inner, parts: Mutex::default() }
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<SeriesId, Parts>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids that stand for numbers.
    fn of_numbers(&self, ids: &[SeriesId]) -> Vec<SeriesId> {
        let parts = self.parts();
        ids.iter().copied().filter(|id| parts.get(id).is_none_or(|parts| parts.has_numbers)).collect()
    }

    /// The series of histograms that `beside`, series with a label `__native__`, speak of.
    fn join(
        &self,
        beside: Vec<Series>,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Group>, ReadError> {
        let mut groups = parts::groups(beside);
        let names: BTreeSet<String> = groups.keys().map(|labels| labels.name().to_owned()).collect();
        let range = TimeRange::new(range.start_ms.saturating_sub(BEFORE_MS), range.end_ms);
        let series_max = limit.saturating_mul(SERIES_PER_HISTOGRAM_MAX);
        for name in &names {
            for suffix in ["_bucket", "_count", "_sum"] {
                let own = |matcher: &&Matcher| !matches!(matcher.name.as_str(), NAME | NATIVE | "le");
                let mut wanted = vec![Matcher::equal(NAME, format!("{name}{suffix}"))];
                wanted.extend(matchers.iter().filter(own).cloned());
                let found = self.inner.select(&wanted, range, series_max)?;
                if found.truncated {
                    let what = format!("more than {series_max} series of the histograms of {name}");
                    return Err(ReadError::Limit(what));
                }
                for series in found.series {
                    parts::put(&mut groups, name, suffix, &series);
                }
            }
        }
        Ok(groups.into_values().filter(Group::is_whole).collect())
    }
}

/// Whether a series stands beside the classic ones of a histogram.
pub(crate) fn is_beside(series: &Series) -> bool {
    series.labels.iter().take_while(|(name, _)| *name <= NATIVE).any(|(name, _)| name == NATIVE)
}

impl Source for Joined<'_> {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        let mut found = self.inner.select(matchers, range, limit)?;
        if !found.series.iter().any(is_beside) {
            return Ok(found);
        }
        let (beside, mut series): (Vec<_>, Vec<_>) = found.series.into_iter().partition(is_beside);
        let numbers: HashMap<Labels, SeriesId> =
            series.iter().map(|series| (series.labels.clone(), series.id)).collect();
        for group in self.join(beside, matchers, range, limit)? {
            let numbers = numbers.get(&group.labels).copied();
            let (id, parts) = group.finish(numbers);
            if numbers.is_none() {
                series.push(Series { id, labels: parts.labels.clone(), kind: parts.kind });
            }
            self.parts().insert(id, parts);
        }
        series.sort_by_key(|series| series.id);
        found.series = series;
        Ok(found)
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.inner.read(&self.of_numbers(ids), range, visit)
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        self.inner.read_rolled(&self.of_numbers(ids), range, detail, visit)
    }

    fn read_histograms(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut VisitHistograms<'_>,
    ) -> Result<(), ReadError> {
        let (joined, others): (Vec<SeriesId>, Vec<SeriesId>) = {
            let parts = self.parts();
            ids.iter().partition(|id| parts.contains_key(id))
        };
        if !others.is_empty() {
            self.inner.read_histograms(&others, range, visit)?;
        }
        let before = TimeRange::new(range.start_ms.saturating_sub(BEFORE_MS), range.end_ms);
        for id in joined {
            let Some(parts) = self.parts().get(&id).cloned() else { continue };
            let (mut times_ms, mut histograms) = parts.read(self.inner, before)?;
            let first = times_ms.partition_point(|time_ms| *time_ms < range.start_ms);
            times_ms.drain(..first);
            histograms.drain(..first);
            if !times_ms.is_empty() {
                visit(id, &times_ms, &histograms);
            }
        }
        Ok(())
    }

    fn read_starts(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut VisitStarts<'_>,
    ) -> Result<(), ReadError> {
        self.inner.read_starts(&self.of_numbers(ids), range, visit)
    }

    fn tiers_ms(&self) -> Option<Vec<u32>> {
        self.inner.tiers_ms()
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        let mut last = self.inner.last(ids, range)?;
        let parts = self.parts();
        for (id, last) in ids.iter().zip(&mut last) {
            if parts.get(id).is_some_and(|parts| !parts.has_numbers) {
                *last = None;
            }
        }
        Ok(last)
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut names = self.inner.label_names(matchers, range, limit)?;
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
        if name == NATIVE { Ok(Vec::new()) } else { self.inner.label_values(name, matchers, range, limit) }
    }

    fn nodes(
        &self,
        label: &str,
        prefix: &str,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Node>, ReadError> {
        self.inner.nodes(label, prefix, range, limit)
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.inner.describe(metric)
    }
}

#[cfg(test)]
pub(crate) mod tests;
