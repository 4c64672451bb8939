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

#[derive(Default)]
struct Stored {
    labels: Labels,
    numbers: BTreeMap<i64, f64>,
    histograms: BTreeMap<i64, Arc<Histogram>>,
    starts: BTreeMap<i64, i64>,
}

/// The series of one group of cases.
#[derive(Default)]
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
            self.convert();
        }
    }

    // Classic histograms once more, as native ones with custom bounds.
    fn convert(&mut self) {}

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

    fn last(&self, _: &[SeriesId], _: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        Ok(Vec::new())
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
