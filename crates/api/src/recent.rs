//! What the newest samples say: last values and rates over a short window.

use model::{Chunk, Labels, Matcher, NAME, SeriesId, Source, TimeRange};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Most series one question looks at.
const SERIES_MAX: usize = 10_000;

/// Unix milliseconds and value.
pub type Point = (i64, f64);

/// A short window that ends now.
pub struct Recent<'a> {
    source: &'a dyn Source,
    range: TimeRange,
}

/// Many series added up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// Sum of the newest values.
    pub last: f64,
    /// Sum of the growths per second; `None` while no series has two samples.
    pub per_second: Option<f64>,
}

impl Sum {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        let per_second = match (self.per_second, other.per_second) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        Self { last: self.last + other.last, per_second }
    }
}

/// The two ends of one series in the window.
#[derive(Debug, Clone)]
pub struct Ends {
    /// Identity.
    pub labels: Labels,
    /// Oldest time and value.
    pub first: Point,
    /// Newest time and value.
    pub last: Point,
}

impl Ends {
    /// Growth per second of a counter; a fall is a reset, after which it grew from zero.
    pub fn per_second(&self) -> Option<f64> {
        let seconds = (self.last.0 - self.first.0) as f64 / 1000.0;
        let growth = if self.last.1 >= self.first.1 { self.last.1 - self.first.1 } else { self.last.1 };
        (seconds > 0.0).then(|| growth / seconds)
    }
}

impl<'a> Recent<'a> {
    /// The `window_ms` before `now_ms`.
    pub fn new(source: &'a dyn Source, now_ms: i64, window_ms: i64) -> Self {
        Self { source, range: TimeRange::new(now_ms - window_ms, now_ms + 1) }
    }

    /// The ends of every series that matches. Storage errors read as "nothing there": these pages must still show
    /// the rest, and the store tells of them itself.
    pub fn ends(&self, matchers: &[Matcher]) -> Vec<Ends> {
        let Ok(selection) = self.source.select(matchers, self.range, SERIES_MAX) else { return Vec::new() };
        let ids: Vec<SeriesId> = selection.series.iter().map(|s| s.id).collect();
        let mut found: HashMap<SeriesId, (Point, Point)> = HashMap::new();
        let _ = self.source.read(&ids, self.range, &mut |id, Chunk::Samples { times_ms, values }| {
            for (&time_ms, &value) in times_ms.iter().zip(values).filter(|(_, v)| !v.is_nan()) {
                found.entry(id).or_insert(((time_ms, value), (time_ms, value))).1 = (time_ms, value);
            }
            ControlFlow::Continue(())
        });
        let series = selection.series.into_iter();
        series
            .filter_map(|s| found.get(&s.id).map(|&(first, last)| Ends { labels: s.labels, first, last }))
            .collect()
    }

    /// Newest value of every series of a metric.
    pub fn each(&self, metric: &str) -> Vec<(Labels, f64)> {
        self.ends(&[Matcher::equal(NAME, metric)]).into_iter().map(|e| (e.labels, e.last.1)).collect()
    }

    /// All series of a metric added up; `None` when there are none.
    pub fn sum(&self, metric: &str) -> Option<Sum> {
        let ends = self.ends(&[Matcher::equal(NAME, metric)]);
        if ends.is_empty() {
            return None;
        }
        let rates: Vec<f64> = ends.iter().filter_map(Ends::per_second).collect();
        let per_second = (!rates.is_empty()).then(|| rates.iter().sum());
        Some(Sum { last: ends.iter().map(|e| e.last.1).sum(), per_second })
    }

    /// Largest newest value of a metric.
    pub fn max(&self, metric: &str) -> Option<f64> {
        self.each(metric).into_iter().map(|(_, v)| v).reduce(f64::max)
    }
}
