//! `.es()`: which series, grouped how, folded into which buckets.

mod column;
mod emit;
mod explain;
mod find;
mod groups;
mod growth;

use crate::QueryError;
use crate::fit::fit;
use crate::frame::{Frame, Series};
use crate::grid::Grid;
use crate::run::Budget;
use crate::share::{self, Meter};
use column::Column;
use emit::Asked;
use groups::Group;
use growth::Growth;
use lang::plan::{Aggregate, Fit, Metric, Query, Read};
use lang::{Error, Span};
use model::{Aspects, Detail, Rolled, Sample, Series as Found, SeriesId, Source, TimeRange};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Reads what a plan's read asks for, as series over `grid`.
pub(crate) fn run(
    read: &Read,
    grid: &Grid,
    source: &dyn Source,
    budget: &mut Budget<'_>,
) -> Result<Frame, QueryError> {
    let own_grid = match read.interval {
        Some(interval) if interval != grid.interval => grid.with_interval(interval, budget.buckets_max())?,
        _ => grid.clone(),
    };
    let reading = Reading { read, edges_ms: shifted_edges(read, &own_grid), source };
    let mut frame = Frame::default();
    for query in &read.queries {
        let found = reading.query(query, &mut frame.notes, budget)?;
        in_order(found, &mut frame.series);
    }
    for series in &mut frame.series {
        bring_to(grid, &own_grid, read.fit, series)?;
    }
    Ok(frame)
}

// By split values, of the same values by metric: the order in which they were read.
fn in_order(found: Vec<(Vec<String>, Series)>, out: &mut Vec<Series>) {
    let mut order: Vec<(usize, usize)> = {
        let ranks = groups::ranks(found.iter().map(|(key, _)| key.as_slice()));
        found.iter().enumerate().map(|(at, (key, _))| (ranks[key.as_slice()], at)).collect()
    };
    order.sort_unstable();
    let mut found: Vec<Option<Series>> = found.into_iter().map(|(_, series)| Some(series)).collect();
    out.extend(order.into_iter().filter_map(|(_, at)| found[at].take()));
}

// Where the buckets are looked up: the request's own, or as much earlier as `offset` says.
fn shifted_edges(read: &Read, grid: &Grid) -> Vec<i64> {
    let mut edges_ms = grid.edges_ms();
    if let Some(offset) = read.offset {
        for edge in &mut edges_ms {
            *edge = offset.apply(*edge, grid.range.len_ms(), &grid.zone);
        }
    }
    edges_ms
}

// Empty buckets are filled only by a fit that was asked for.
fn bring_to(grid: &Grid, own: &Grid, mode: Option<Fit>, series: &mut Series) -> Result<(), QueryError> {
    series.fit = mode;
    let same = grid == own;
    if same && (mode.is_none() || series.values.iter().all(|value| !value.is_nan())) {
        return Ok(());
    }
    let keep = |value: &f64| mode.is_none() || !value.is_nan();
    let times_ms = own.times_ms();
    let points = times_ms.iter().zip(&series.values).filter(|(_, value)| keep(value));
    let (times_ms, values): (Vec<i64>, Vec<f64>) = points.map(|(&time, &value)| (time, value)).unzip();
    series.values = fit(mode.unwrap_or(Fit::Nearest), &times_ms, &values, &grid.times_ms())
        .map_err(|why| QueryError::Expression(Error::new(Span::default(), why)))?;
    Ok(())
}

struct Reading<'a> {
    read: &'a Read,
    edges_ms: Vec<i64>,
    source: &'a dyn Source,
}

impl Reading<'_> {
    fn range(&self) -> TimeRange {
        let last = self.edges_ms.len() - 1;
        TimeRange::new(self.edges_ms[0], self.edges_ms[last])
    }

    fn buckets(&self) -> usize {
        self.edges_ms.len() - 1
    }

    // The series of one query, with their split values, metric by metric.
    fn query(
        &self,
        query: &Query,
        notes: &mut Vec<String>,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<(Vec<String>, Series)>, QueryError> {
        let started = Instant::now();
        let names: Vec<_> = self.read.metrics.iter().map(|metric| metric.name.as_ref()).collect();
        let found = find::each_series(self.source, &query.filter, &names, self.range(), budget.series_max())?;
        budget.stats.find_us += started.elapsed().as_micros() as u64;
        let mut out = Vec::new();
        for (metric, found) in self.read.metrics.iter().zip(found) {
            self.metric(query, metric, found, &mut out, notes, budget)?;
        }
        Ok(out)
    }

    fn metric(
        &self,
        query: &Query,
        metric: &Metric,
        found: Vec<Found>,
        out: &mut Vec<(Vec<String>, Series)>,
        notes: &mut Vec<String>,
        budget: &mut Budget<'_>,
    ) -> Result<(), QueryError> {
        let started = Instant::now();
        if found.is_empty() {
            notes.push(explain::nothing(self.source, query, metric, self.range())?);
        }
        let found_count = found.len();
        let groups = groups::make(found, &self.read.splits);
        if groups.is_empty() && found_count > 0 {
            notes.push(explain::nothing_to_split(&self.read.splits, found_count));
        }
        budget.stats.find_us += started.elapsed().as_micros() as u64;
        let started = Instant::now();
        let groups = self.ranked(groups, &metric.aggregate, budget)?;
        budget.stats.series += groups.iter().map(|g| g.series.len() as u64).sum::<u64>();
        let columns = self.columns(&groups, &metric.aggregate, budget)?;
        let asked = Asked { query, metric, is_named: self.is_named(query, budget) };
        self.emit(&asked, groups, columns, out);
        budget.stats.read_us += started.elapsed().as_micros() as u64;
        Ok(())
    }

    // Leaves the heaviest groups where there are more than the splits allow.
    fn ranked(
        &self,
        mut groups: Vec<Group>,
        aggregate: &Aggregate,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<Group>, QueryError> {
        if groups::within_limits(&groups, &self.read.splits) {
            return Ok(groups);
        }
        let places = Places::of(&groups);
        let mut ranks = vec![(0u64, 0.0); groups.len()];
        let meter = Meter::new(budget);
        let aspects = groups::weight_aspects(aggregate);
        let reading = self.visit(&places, self.range(), aspects, &meter, |group, _, piece| {
            let (samples, weight) = &mut ranks[group];
            *samples += match piece {
                Rolled::Samples { times_ms, .. } => times_ms.len() as u64,
                Rolled::Rows(rows) => rows.iter().map(|row| row.count).sum(),
                Rolled::Table(table) => table.counts.iter().sum(),
            };
            *weight += groups::piece_weight(piece, aggregate);
            Ok(())
        });
        let samples = meter.samples();
        budget.take(samples, reading?);
        for (group, (samples, weight)) in groups.iter_mut().zip(ranks) {
            group.samples = samples;
            group.weight = weight;
        }
        Ok(groups::top(groups, &self.read.splits))
    }

    fn columns(
        &self,
        groups: &[Group],
        aggregate: &Aggregate,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<Column>, QueryError> {
        let buckets = self.buckets();
        if groups.len().saturating_mul(buckets) > budget.points_max() {
            let message = format!(
                "{} series of {buckets} buckets are more than the limit of {} values",
                groups.len(),
                budget.points_max()
            );
            let error = Error::new(Span::default(), message).hint("take fewer splits or longer buckets");
            return Err(QueryError::Limit(error));
        }
        if *aggregate == Aggregate::Last && buckets == 1 {
            return self.newest_columns(groups, budget);
        }
        let (meter, held) = (Meter::new(budget), AtomicUsize::new(0));
        let parts = share::each(groups, &meter, |groups| {
            let mut columns = self.blank(groups, aggregate);
            let places = Places::of(groups);
            let reading = self.fold(&places, &mut columns, aggregate, &meter, &held)?;
            Ok((columns, reading))
        });
        let samples = meter.samples();
        let mut columns = Vec::with_capacity(groups.len());
        budget.take(samples, model::Reading::default());
        for (mut part, reading) in parts? {
            budget.take(0, reading);
            columns.append(&mut part);
        }
        Ok(columns)
    }

    fn blank(&self, groups: &[Group], aggregate: &Aggregate) -> Vec<Column> {
        groups.iter().map(|_| Column::new(aggregate, self.buckets())).collect()
    }

    fn fold(
        &self,
        places: &Places<'_>,
        columns: &mut [Column],
        aggregate: &Aggregate,
        meter: &Meter<'_>,
        held: &AtomicUsize,
    ) -> Result<model::Reading, QueryError> {
        if matches!(aggregate, Aggregate::Rate | Aggregate::Increase) {
            return self.grow(places, columns, *aggregate == Aggregate::Rate, meter);
        }
        self.visit(places, self.range(), column::aspects(aggregate), meter, |group, _, piece| {
            let kept = match piece {
                Rolled::Samples { times_ms, values } => columns[group].add(&self.edges_ms, times_ms, values),
                Rolled::Rows(rows) => {
                    columns[group].add_rows(&self.edges_ms, rows);
                    0
                }
                Rolled::Table(table) => {
                    columns[group].add_table(&self.edges_ms, table);
                    0
                }
            };
            if kept == 0 {
                Ok(())
            } else {
                column::check_held(held.fetch_add(kept, Ordering::Relaxed) + kept)
            }
        })
    }

    fn newest_columns(&self, groups: &[Group], budget: &mut Budget<'_>) -> Result<Vec<Column>, QueryError> {
        let (mut columns, mut places) = (self.blank(groups, &Aggregate::Last), Places::of(groups));
        self.newest(&mut places, &mut columns, budget)?;
        let (meter, held) = (Meter::new(budget), AtomicUsize::new(0));
        let reading = self.fold(&places, &mut columns, &Aggregate::Last, &meter, &held);
        let samples = meter.samples();
        budget.take(samples, reading?);
        Ok(columns)
    }

    // The latest samples of a single bucket are known to the source without reading. Leaves the series whose latest is
    // a marker: what was before it has to be read.
    fn newest(
        &self,
        places: &mut Places<'_>,
        columns: &mut [Column],
        budget: &mut Budget<'_>,
    ) -> Result<(), QueryError> {
        let newest = self.source.last(&places.ids, self.range()).map_err(QueryError::Source)?;
        budget.spend(newest.len())?;
        for ((group, _), sample) in places.groups.iter().zip(&newest) {
            if let Some(Sample { time_ms, value }) = *sample {
                columns[*group].add(&self.edges_ms, &[time_ms], &[value]);
            }
        }
        places.keep(|at| newest[at].is_some_and(|sample| sample.value.is_nan()));
        Ok(())
    }

    // Growth needs the neighbours outside the range, so that the buckets at its ends are whole.
    fn grow(
        &self,
        places: &Places,
        columns: &mut [Column],
        per_second: bool,
        meter: &Meter<'_>,
    ) -> Result<model::Reading, QueryError> {
        let range = self.range();
        let mut growth = Growth::new(&self.edges_ms);
        let around_ms = growth.gap_ms_max();
        let wide =
            TimeRange::new(range.start_ms.saturating_sub(around_ms), range.end_ms.saturating_add(around_ms));
        let mut current: Option<(SeriesId, usize)> = None;
        let aspects = Aspects::COUNT | Aspects::GROWTH;
        let reading = self.visit(places, wide, aspects, meter, |group, found, piece| {
            if current.is_none_or(|(id, _)| id != found.id) {
                if let Some((_, group)) = current.replace((found.id, group)) {
                    growth.finish(per_second, &mut columns[group]);
                }
                growth.begin(found.kind);
            }
            match piece {
                Rolled::Samples { times_ms, values } => growth.add(times_ms, values),
                Rolled::Rows(rows) => rows.iter().for_each(|row| growth.add_row(row)),
                Rolled::Table(table) => table.rows().for_each(|row| growth.add_row(&row)),
            }
            Ok(())
        })?;
        if let Some((_, group)) = current {
            growth.finish(per_second, &mut columns[group]);
        }
        Ok(reading)
    }

    fn visit(
        &self,
        places: &Places<'_>,
        range: TimeRange,
        aspects: Aspects,
        meter: &Meter<'_>,
        mut each: impl FnMut(usize, &Found, Rolled<'_>) -> Result<(), QueryError>,
    ) -> Result<model::Reading, QueryError> {
        let (mut failed, mut place) = (None, 0);
        let detail = Detail { edges_ms: &self.edges_ms, aspects, tier: meter.tier() };
        let mut visitor = |id: SeriesId, piece: Rolled<'_>| {
            let Some((group, found)) = places.find(id, &mut place) else { return ControlFlow::Continue(()) };
            let result = meter.spend(piece.len()).and_then(|()| each(group, found, piece));
            match result {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let reading = self.source.read_rolled(&places.ids, range, &detail, &mut visitor);
        let reading = reading.map_err(QueryError::Source)?;
        failed.map_or(Ok(reading), Err)
    }
}

/// Which group each series belongs to, in order of series numbers.
struct Places<'a> {
    ids: Vec<SeriesId>,
    groups: Vec<(usize, &'a Found)>,
}

impl<'a> Places<'a> {
    fn of(groups: &'a [Group]) -> Self {
        let mut all: Vec<(SeriesId, usize, &Found)> = groups
            .iter()
            .enumerate()
            .flat_map(|(at, group)| group.series.iter().map(move |found| (found.id, at, found)))
            .collect();
        all.sort_by_key(|(id, _, _)| *id);
        Self {
            ids: all.iter().map(|(id, _, _)| *id).collect(),
            groups: all.into_iter().map(|(_, at, found)| (at, found)).collect(),
        }
    }

    // The place of a series at or after the place `from`: sources go through series in order.
    fn find(&self, id: SeriesId, from: &mut usize) -> Option<(usize, &'a Found)> {
        while *self.ids.get(*from)? < id {
            *from += 1;
        }
        (self.ids[*from] == id).then(|| self.groups[*from])
    }

    fn keep(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut at = 0..self.ids.len();
        self.ids.retain(|_| at.next().is_some_and(&wanted));
        let mut at = 0..self.groups.len();
        self.groups.retain(|_| at.next().is_some_and(&wanted));
    }
}

#[cfg(test)]
mod tests;
