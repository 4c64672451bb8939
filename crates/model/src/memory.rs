//! A sink and source in a plain map: the yardstick for real stores, and what the query engine is tested on.

use crate::batch::Batch;
use crate::series::{Description, Kind, Sample, Series, SeriesId};
use crate::source::{Chunk, ReadError, Selection, Source};
use crate::{Keeper, Labels, Matcher, PushError, Receipt, Sink, TimeRange};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Inner {
    ids: HashMap<Labels, usize>,
    series: Vec<(Labels, Kind, BTreeMap<i64, f64>)>,
    descriptions: HashMap<String, Description>,
}

/// Series in memory, without limits: for tests.
#[derive(Default)]
pub struct MemoryStore(Mutex<Inner>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds samples of one series.
    pub fn insert(&self, labels: &Labels, kind: Kind, samples: impl IntoIterator<Item = (i64, f64)>) {
        let mut inner = self.lock();
        let at = inner.slot(labels, kind);
        inner.series[at].2.extend(samples);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn matching(&self, matchers: &[Matcher], range: TimeRange) -> Vec<Series> {
        let inner = self.lock();
        let found = inner.series.iter().enumerate().filter(|(_, (labels, _, samples))| {
            Matcher::all_match(matchers, labels)
                && !range.is_empty()
                && samples.range(range.start_ms..range.end_ms).next().is_some()
        });
        found
            .map(|(i, (labels, kind, _))| Series {
                id: SeriesId(i as u64),
                labels: labels.clone(),
                kind: *kind,
            })
            .collect()
    }
}

impl Inner {
    fn slot(&mut self, labels: &Labels, kind: Kind) -> usize {
        let next = self.series.len();
        let at = *self.ids.entry(labels.clone()).or_insert(next);
        if at == next {
            self.series.push((labels.clone(), kind, BTreeMap::new()));
        }
        at
    }
}

impl Keeper for MemoryStore {}

impl Sink for MemoryStore {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut inner = self.lock();
        let mut receipt = Receipt::default();
        for description in batch.dictionary.descriptions() {
            inner.descriptions.insert(description.metric.to_string(), description.clone());
        }
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let at = inner.slot(&batch.dictionary.labels(slot), batch.dictionary.kind(slot));
                let old = inner.series[at].2.insert(rows.time_ms, value);
                receipt.duplicates += u64::from(old.is_some_and(|old| old.to_bits() == value.to_bits()));
                receipt.report.accepted += 1;
            }
        }
        Ok(receipt)
    }
}

impl Source for MemoryStore {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        let mut series = self.matching(matchers, range);
        let truncated = series.len() > limit;
        series.truncate(limit);
        Ok(Selection { series, truncated })
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        if range.is_empty() {
            return Ok(());
        }
        for &id in ids {
            let (times_ms, values): (Vec<i64>, Vec<f64>) = match self.lock().series.get(id.0 as usize) {
                Some((_, _, samples)) => {
                    samples.range(range.start_ms..range.end_ms).map(|(t, v)| (*t, *v)).unzip()
                }
                None => continue,
            };
            if !times_ms.is_empty()
                && visit(id, Chunk::Samples { times_ms: &times_ms, values: &values }).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        let inner = self.lock();
        let last = |id: &SeriesId| {
            let samples = &inner.series.get(id.0 as usize)?.2;
            let (&time_ms, &value) = samples.range(range.start_ms..range.end_ms).next_back()?;
            Some(Sample { time_ms, value })
        };
        Ok(ids.iter().map(|id| if range.is_empty() { None } else { last(id) }).collect())
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let series = self.matching(matchers, range);
        let names: BTreeSet<&str> = series.iter().flat_map(|s| s.labels.iter().map(|(n, _)| n)).collect();
        Ok(names.into_iter().take(limit).map(str::to_owned).collect())
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let series = self.matching(matchers, range);
        let values: BTreeSet<&str> = series.iter().filter_map(|s| s.labels.get(name)).collect();
        Ok(values.into_iter().take(limit).map(str::to_owned).collect())
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.lock().descriptions.get(metric).cloned()
    }
}
