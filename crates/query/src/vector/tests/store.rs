//! A source in memory that has histograms and start times beside numbers.

use super::points::{self, Point};
use model::memory::MemoryStore;
use model::{
    Chunk, Description, Histogram, Kind, Labels, Matcher, ReadError, Sample, Selection, Series, SeriesId,
    Source, TimeRange, VisitHistograms, VisitStarts,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

#[derive(Clone, Default)]
struct Stored {
    labels: Labels,
    numbers: BTreeMap<i64, f64>,
    histograms: BTreeMap<i64, Arc<Histogram>>,
    starts: BTreeMap<i64, i64>,
}

/// The series of one group of cases.
#[derive(Clone, Default)]
pub(super) struct TestStore(Vec<Stored>);

pub(super) fn labels(json: &Json) -> Labels {
    let pairs =
        json.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    Labels::from_pairs(pairs).unwrap()
}

impl TestStore {
    /// A step of a group that adds series.
    pub(super) fn load(&mut self, step: &Json) {
        let step_ms = step["step_ms"].as_i64().unwrap();
        for series in step["series"].as_array().unwrap() {
            let labels = labels(&series["labels"]);
            let at = self.0.iter().position(|stored| stored.labels == labels).unwrap_or_else(|| {
                self.0.push(Stored { labels, ..Stored::default() });
                self.0.len() - 1
            });
            let stored = &mut self.0[at];
            let starts = series["start_ms"].as_array();
            for (place, point) in points::of(series).into_iter().enumerate() {
                let time_ms = step_ms * place as i64;
                match point {
                    Point::Nothing => continue,
                    Point::Number(value) => _ = stored.numbers.insert(time_ms, value),
                    Point::Histogram(value) => _ = stored.histograms.insert(time_ms, value),
                }
                if let Some(start_ms) = starts.and_then(|starts| starts.get(place)?.as_i64()) {
                    stored.starts.insert(time_ms, time_ms + start_ms);
                }
            }
            stored.hint();
        }
        if step["with_nhcb"] == true {
            self.convert(step);
        }
    }

    /// The same series, but with histograms as doors store them.
    pub(super) fn as_numbers(&self) -> MemoryStore {
        let store = MemoryStore::new();
        for stored in &self.0 {
            store.insert(&stored.labels, Kind::Unknown, stored.numbers.clone());
            for (time_ms, histogram) in &stored.histograms {
                crate::joined::tests::store(&store, &stored.labels, *time_ms, histogram);
            }
        }
        store
    }

    // Classic histograms once more, as native ones with listed bounds.
    fn convert(&mut self, step: &Json) {
        let loaded: Vec<Labels> =
            step["series"].as_array().unwrap().iter().map(|series| labels(&series["labels"])).collect();
        let mut natives: BTreeMap<Labels, BTreeMap<i64, Classic>> = BTreeMap::new();
        for stored in self.0.iter().filter(|stored| loaded.contains(&stored.labels)) {
            let name = stored.labels.name();
            let Some((base, part)) = name.rsplit_once('_') else { continue };
            let le = stored.labels.get("le").and_then(|le| le.parse::<f64>().ok());
            if !matches!((part, le), ("bucket", Some(_)) | ("sum" | "count", None)) {
                continue;
            }
            let kept = stored.labels.iter().filter(|(name, _)| !matches!(*name, "le" | "__name__"));
            let of = Labels::from_pairs(kept.chain([("__name__", base)])).unwrap();
            for (time_ms, value) in &stored.numbers {
                let at = natives.entry(of.clone()).or_default().entry(*time_ms).or_default();
                match le {
                    Some(le) => _ = at.buckets.insert(OrderedBound(le), *value),
                    None if part == "sum" => at.sum = *value,
                    None => at.count = Some(*value),
                }
            }
        }
        for (labels, times) in natives {
            let is_histogram = times.values().any(|classic| !classic.buckets.is_empty());
            let times = if is_histogram { times } else { BTreeMap::new() };
            let mut stored = Stored { labels, ..Stored::default() };
            stored.histograms =
                times.iter().map(|(time, classic)| (*time, Arc::new(classic.native()))).collect();
            stored.hint();
            if is_histogram {
                self.0.push(stored);
            }
        }
    }

    fn stored(&self, id: SeriesId) -> &Stored {
        &self.0[id.0 as usize]
    }
}

impl Stored {
    // Stores know whether a histogram counts anew.
    fn hint(&mut self) {
        let mut before: Option<Arc<Histogram>> = None;
        for histogram in self.histograms.values_mut() {
            let hint = histogram.hint_after(before.as_deref());
            Arc::make_mut(histogram).hint = hint;
            before = Some(histogram.clone());
        }
    }
}

impl Source for TestStore {
    fn select(&self, matchers: &[Matcher], range: TimeRange, _: usize) -> Result<Selection, ReadError> {
        let is_wanted = |stored: &Stored| {
            let mut times = stored.numbers.keys().chain(stored.histograms.keys());
            Matcher::all_match(matchers, &stored.labels) && times.any(|time| range.contains(*time))
        };
        let found = self.0.iter().enumerate().filter(|(_, stored)| is_wanted(stored));
        let series = found.map(|(at, stored)| Series {
            id: SeriesId(at as u64),
            labels: stored.labels.clone(),
            kind: Kind::Unknown,
        });
        Ok(Selection { series: series.collect(), truncated: false })
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        for id in ids {
            let numbers = self.stored(*id).numbers.range(range.start_ms..range.end_ms);
            let (times, values): (Vec<i64>, Vec<f64>) = numbers.unzip();
            // In two pieces, as from a store.
            let half = times.len() / 2;
            for part in [0..half, half..times.len()] {
                let piece = Chunk::Samples { times_ms: &times[part.clone()], values: &values[part.clone()] };
                if !part.is_empty() && visit(*id, piece).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn read_histograms(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut VisitHistograms<'_>,
    ) -> Result<(), ReadError> {
        for id in ids {
            let found = self.stored(*id).histograms.range(range.start_ms..range.end_ms);
            let (times, values): (Vec<i64>, Vec<Arc<Histogram>>) =
                found.map(|(time, histogram)| (*time, histogram.clone())).unzip();
            if !times.is_empty() {
                visit(*id, &times, &values);
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
        for id in ids {
            let (times, starts): (Vec<i64>, Vec<i64>) =
                self.stored(*id).starts.range(range.start_ms..range.end_ms).unzip();
            if !times.is_empty() {
                visit(*id, &times, &starts);
            }
        }
        Ok(())
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        let last = |id: &SeriesId| {
            let (&time_ms, &value) =
                self.stored(*id).numbers.range(range.start_ms..range.end_ms).next_back()?;
            Some(Sample { time_ms, value })
        };
        Ok(ids.iter().map(last).collect())
    }

    fn label_names(&self, _: &[Matcher], _: TimeRange, _: usize) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }

    fn label_values(&self, _: &str, _: &[Matcher], _: TimeRange, _: usize) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        MemoryStore::new().describe(metric)
    }
}

/// A classic histogram at one time.
#[derive(Default)]
struct Classic {
    buckets: BTreeMap<OrderedBound, f64>,
    sum: f64,
    count: Option<f64>,
}

#[derive(PartialEq)]
struct OrderedBound(f64);

impl Eq for OrderedBound {}

impl PartialOrd for OrderedBound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedBound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Classic {
    fn native(&self) -> Histogram {
        let bounds: Vec<f64> =
            self.buckets.keys().map(|bound| bound.0).filter(|bound| bound.is_finite()).collect();
        let count = self.count.or(self.buckets.values().last().copied()).unwrap_or_default();
        let totals = self.buckets.iter().filter(|(bound, _)| bound.0.is_finite()).map(|(_, total)| *total);
        let mut before = 0.0;
        let counts = totals.chain([count]).map(|total| total - std::mem::replace(&mut before, total));
        let positive = counts.enumerate().map(|(at, count)| (at as i32, count)).collect();
        let schema = model::histogram::CUSTOM;
        Histogram { schema, count, sum: self.sum, positive, bounds: bounds.into(), ..Histogram::default() }
    }
}
