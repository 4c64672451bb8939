//! The series that are one histogram, and how they are read together.

use hashbrown::HashMap;
use model::histogram::classic::{COUNTS, Cumulative, ENDED, Marker, NATIVE};
use model::{Chunk, Histogram, Kind, Labels, NAME, ReadError, Series, SeriesId, Source, TimeRange, is_stale};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The series of one histogram while they are looked for.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) labels: Labels,
    markers: Vec<(SeriesId, Marker)>,
    /// By their bounds.
    counts: Vec<(f64, SeriesId)>,
    buckets: Vec<(f64, SeriesId)>,
    count: Option<SeriesId>,
    sum: Option<SeriesId>,
    ended: Option<SeriesId>,
}

/// The series of one histogram.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) labels: Labels,
    pub(super) kind: Kind,
    /// What stands for the histogram is a series of numbers, too.
    pub(super) has_numbers: bool,
    markers: Vec<(SeriesId, Marker)>,
    /// Bounds in ascending order, each with the series of sums and that of counts.
    bounds: Vec<(f64, Option<SeriesId>, Option<SeriesId>)>,
    count: SeriesId,
    sum: Option<SeriesId>,
}

/// Series with a label `__native__`, by the labels of their histograms.
pub(super) fn groups(beside: Vec<Series>) -> BTreeMap<Labels, Group> {
    let mut groups: BTreeMap<Labels, Group> = BTreeMap::new();
    for series in beside {
        let Some(labels) = base(&series.labels, series.labels.name()) else { continue };
        let group = groups.entry(labels.clone()).or_insert_with(|| Group { labels, ..Group::default() });
        match (series.labels.get(NATIVE).unwrap_or_default(), bound(&series.labels)) {
            (COUNTS, Some(le)) => group.counts.push((le, series.id)),
            (ENDED, _) => group.ended = Some(series.id),
            (text, _) => group.markers.extend(Marker::parse(text).map(|marker| (series.id, marker))),
        }
    }
    groups
}

/// Puts a classic series to its histogram, which has this name.
pub(super) fn put(groups: &mut BTreeMap<Labels, Group>, name: &str, suffix: &str, series: &Series) {
    let Some(group) = base(&series.labels, name).and_then(|labels| groups.get_mut(&labels)) else { return };
    match (suffix, bound(&series.labels)) {
        ("_bucket", Some(le)) if le.is_finite() => group.buckets.push((le, series.id)),
        ("_count", None) => group.count = Some(series.id),
        ("_sum", None) => group.sum = Some(series.id),
        _ => {}
    }
}

/// The labels of the histogram that a series is part of.
fn base(labels: &Labels, name: &str) -> Option<Labels> {
    let kept = labels.iter().filter(|(name, _)| !matches!(*name, NAME | NATIVE | "le"));
    Labels::from_pairs(kept.chain([(NAME, name)])).ok()
}

fn bound(labels: &Labels) -> Option<f64> {
    labels.get("le")?.parse().ok()
}

impl Group {
    /// Whether there is enough to make histograms of.
    pub(super) fn is_whole(&self) -> bool {
        self.count.is_some() && !self.markers.is_empty()
    }

    /// What stands for it (the series of numbers with the same labels, if there is one) and its parts.
    pub(super) fn finish(self, numbers: Option<SeriesId>) -> (SeriesId, Parts) {
        // The one that says where it ends has nothing but staleness markers.
        let with_numbers = numbers.or(self.ended);
        let id = with_numbers.unwrap_or_else(|| self.markers[0].0);
        let mut bounds: Vec<(f64, Option<SeriesId>, Option<SeriesId>)> =
            self.buckets.iter().map(|(le, id)| (*le, Some(*id), None)).collect();
        for (le, id) in self.counts {
            match bounds.iter_mut().find(|bound| bound.0 == le) {
                Some(bound) => bound.2 = Some(id),
                None => bounds.push((le, None, Some(id))),
            }
        }
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_gauge = self.markers.iter().all(|(_, marker)| marker.hint == model::CounterReset::Gauge);
        let parts = Parts {
            labels: self.labels,
            kind: if is_gauge { Kind::Gauge } else { Kind::Counter },
            has_numbers: with_numbers.is_some(),
            markers: self.markers,
            bounds,
            count: self.count.unwrap_or(id),
            sum: self.sum,
        };
        (id, parts)
    }
}

/// The samples of one series, passed once in order of time.
#[derive(Debug, Default)]
struct Column {
    times_ms: Vec<i64>,
    values: Vec<f64>,
    next: usize,
}

impl Column {
    /// The value at a time that is not before the one asked for last.
    fn at(&mut self, time_ms: i64) -> Option<f64> {
        while self.times_ms.get(self.next).is_some_and(|time| *time < time_ms) {
            self.next += 1;
        }
        let is_there = self.times_ms.get(self.next) == Some(&time_ms);
        if is_there { Some(self.values[self.next]).filter(|value| !is_stale(*value)) } else { None }
    }
}

struct Columns(HashMap<SeriesId, Column>);

impl Columns {
    fn read(source: &dyn Source, ids: &[SeriesId], range: TimeRange) -> Result<Self, ReadError> {
        let mut columns: HashMap<SeriesId, Column> = HashMap::with_capacity(ids.len());
        source.read(ids, range, &mut |id, Chunk::Samples { times_ms, values }| {
            let column = columns.entry(id).or_default();
            column.times_ms.extend_from_slice(times_ms);
            column.values.extend_from_slice(values);
            ControlFlow::Continue(())
        })?;
        Ok(Self(columns))
    }

    fn at(&mut self, id: Option<SeriesId>, time_ms: i64) -> Option<f64> {
        self.0.get_mut(&id?)?.at(time_ms)
    }
}

impl Parts {
    /// Times and histograms, ascending, each with what is known of the one before.
    pub(super) fn read(
        &self,
        source: &dyn Source,
        range: TimeRange,
    ) -> Result<(Vec<i64>, Vec<Arc<Histogram>>), ReadError> {
        let bounds = self.bounds.iter().flat_map(|(_, total, count)| [*total, *count]);
        let others = bounds.chain([Some(self.count), self.sum]).flatten();
        let mut ids: Vec<SeriesId> = self.markers.iter().map(|(id, _)| *id).chain(others).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut columns = Columns::read(source, &ids, range)?;
        let mut marked: BTreeMap<i64, (Marker, f64)> = BTreeMap::new();
        for (id, marker) in &self.markers {
            let Some(column) = columns.0.get(id) else { continue };
            for (time_ms, zero_count) in column.times_ms.iter().zip(&column.values) {
                if !is_stale(*zero_count) {
                    marked.insert(*time_ms, (*marker, *zero_count));
                }
            }
        }
        let (mut times_ms, mut histograms): (Vec<i64>, Vec<Arc<Histogram>>) = Default::default();
        for (time_ms, (marker, zero_count)) in marked {
            let Some(mut histogram) = self.at(&mut columns, time_ms, marker, zero_count) else { continue };
            histogram.hint = histogram.hint_after(histograms.last().map(Arc::as_ref));
            times_ms.push(time_ms);
            histograms.push(Arc::new(histogram));
        }
        Ok((times_ms, histograms))
    }

    fn at(&self, columns: &mut Columns, time_ms: i64, marker: Marker, zero_count: f64) -> Option<Histogram> {
        let count = columns.at(Some(self.count), time_ms)?;
        let sum = columns.at(self.sum, time_ms).unwrap_or_default();
        let mut before = 0.0;
        let mut bounds = Vec::with_capacity(self.bounds.len());
        for (le, total, own) in &self.bounds {
            let (total, own) = (columns.at(*total, time_ms), columns.at(*own, time_ms));
            let Some(total) = total.or(own.map(|own| before + own)) else { continue };
            before = total;
            bounds.push(Cumulative { le: *le, total, count: own });
        }
        Some(Histogram::from_cumulative(marker, (count, sum, zero_count), bounds))
    }
}
