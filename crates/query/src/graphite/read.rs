//! Stored series → series on their grids.

use super::column::{Column, aspects_of};
use super::detail::Wanted;
use super::evaluate::{Evaluator, Range};
use super::series::{Consolidation, Series};
use super::{find, grid, tagged};
use crate::QueryError;
use lang::Span;
use model::{Aspects, Detail, NAME, Rolled, Row, Series as Stored, SeriesId, TimeRange};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

/// Ranges longer than this are answered from tiers, if the request says how many values it can show.
const FINE_RANGE_MAX_S: i64 = 100_000;
/// Edges no tier's rows end at: samples as they came are wanted.
const NO_TIER_MS: [i64; 1] = [1];

/// Series whose path matches a pattern.
pub(super) fn by_path(
    evaluator: &Evaluator<'_>,
    pattern: &str,
    range: Range,
) -> Result<Vec<Series>, QueryError> {
    let limit = evaluator.context.limits.series;
    let started = Instant::now();
    let found = find::matching(pattern, &evaluator.context.naming, range.times(), limit, evaluator.source)?;
    evaluator.took_us(started, |stats| &mut stats.find_us);
    named(evaluator, found, pattern, range)
}

/// Series by their tags.
pub(super) fn by_tags(
    evaluator: &Evaluator<'_>,
    conditions: &[String],
    text: &str,
    span: Span,
    range: Range,
) -> Result<Vec<Series>, QueryError> {
    let conditions = tagged::Tagged::parse(conditions, span)?;
    let limit = evaluator.context.limits.series;
    let started = Instant::now();
    let found = find::select(&conditions.matchers, range.times(), limit.saturating_add(1), evaluator.source)?;
    evaluator.took_us(started, |stats| &mut stats.find_us);
    find::within(&found, limit)?;
    let mut found: Vec<(String, Stored)> =
        found.into_iter().map(|series| (tagged::name(&series.labels), series)).collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    named(evaluator, found, text, range)
}

fn named(
    evaluator: &Evaluator<'_>,
    found: Vec<(String, Stored)>,
    expression: &str,
    range: Range,
) -> Result<Vec<Series>, QueryError> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_unstable_by_key(|at| found[*at].1.id);
    let ids: Vec<SeriesId> = order.iter().map(|at| found[*at].1.id).collect();
    let mut slots: Vec<Option<Series>> = vec![None; found.len()];
    let mut take = |place: usize, column: &Column| {
        let (name, stored) = &found[order[place]];
        slots[order[place]] = Some(series(evaluator, name, stored, expression, range, column));
    };
    let started = Instant::now();
    columns(evaluator, &ids, range, &mut take)?;
    evaluator.took_us(started, |stats| &mut stats.read_us);
    let empty = Column::default();
    let all = slots.into_iter().zip(&found).map(|(slot, (name, stored))| {
        slot.unwrap_or_else(|| series(evaluator, name, stored, expression, range, &empty))
    });
    let mut out: Vec<Series> = Vec::with_capacity(found.len());
    for series in all {
        match out.last_mut().filter(|last| last.name == series.name) {
            Some(last) => merge(last, series),
            None => out.push(series),
        }
    }
    Ok(out)
}

// Two series of one name are one, as with several stores: where the first has no value, the other's counts.
fn merge(known: &mut Series, other: Series) {
    let nulls = |series: &Series| series.values.iter().filter(|value| value.is_nan()).count();
    if known.values.len() == other.values.len() && known.step_s == other.step_s {
        for (value, other) in known.values.iter_mut().zip(other.values).filter(|(value, _)| value.is_nan()) {
            *value = other;
        }
    } else if nulls(known) > nulls(&other) {
        *known = other;
    }
}

fn columns(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: Range,
    take: &mut dyn FnMut(usize, &Column),
) -> Result<(), QueryError> {
    if ids.is_empty() {
        return Ok(());
    }
    let way = match evaluator.wanted() {
        Wanted::Rows(rows) => rows.way,
        Wanted::Samples => Consolidation::Average,
    };
    let edges_ms = edges(evaluator, range);
    let mut columns: Vec<Column> = ids.iter().map(|_| Column::new(way)).collect();
    if edges_ms != NO_TIER_MS {
        walk(evaluator, ids, range, &edges_ms, aspects_of(way), &mut |place, piece| {
            columns[place].add(piece)
        })?;
    } else {
        // Nothing less than samples: what a run of them comes to would do for one value, but not for a grid.
        walk(evaluator, ids, range, &edges_ms, Aspects::SAMPLES, &mut |place, piece| {
            columns[place].add(piece)
        })?;
        instead_of_gone(evaluator, ids, range, &mut columns)?;
        steps_of_few(evaluator, ids, range, &columns)?;
    }
    for (place, column) in columns.iter().enumerate().filter(|(_, column)| !column.times_ms.is_empty()) {
        take(place, column);
    }
    Ok(())
}

/// Samples go oldest first. A column that starts later than this after its range may have rows before it.
const LATE_START_MS: i64 = 3_600_000;

/// Puts rows of tiers before the first sample of each column whose start is missing.
fn instead_of_gone(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: Range,
    columns: &mut [Column],
) -> Result<(), QueryError> {
    let tiers_ms: Vec<i64> =
        evaluator.source.tiers_ms().unwrap_or_default().into_iter().map(i64::from).collect();
    let start_ms = range.times().start_ms;
    let first_ms = |column: &Column| column.times_ms.first().copied().unwrap_or(i64::MAX);
    let late = |column: &Column| first_ms(column).saturating_sub(start_ms) > LATE_START_MS;
    let places: Vec<usize> = (0..ids.len()).filter(|place| late(&columns[*place])).collect();
    if places.is_empty() || !tiers_ms.iter().any(|tier_ms| *tier_ms > 0) {
        return Ok(());
    }
    let wanted: Vec<SeriesId> = places.iter().map(|place| ids[*place]).collect();
    let way = columns[places[0]].way;
    let mut rows: Vec<Column> = places.iter().map(|_| Column::new(way)).collect();
    walk(evaluator, &wanted, range, &NO_TIER_MS, aspects_of(way), &mut |place, piece| {
        // What a run of samples comes to has the length of that run, and those samples are there already.
        let of_tier =
            |row: &Row| tiers_ms.contains(&row.span.len_ms()) && row.span.start_ms % row.span.len_ms() == 0;
        let before = first_ms(&columns[places[place]]);
        let mut add = |row: &Row| {
            if of_tier(row) && row.span.end_ms <= before {
                rows[place].add(Rolled::Rows(std::slice::from_ref(row)));
            }
        };
        match piece {
            Rolled::Samples { .. } => {}
            Rolled::Rows(found) => found.iter().for_each(add),
            Rolled::Table(table) => table.rows().for_each(|row| add(&row)),
        }
    })?;
    for (place, mut rows) in places.into_iter().zip(rows) {
        rows.times_ms.append(&mut columns[place].times_ms);
        rows.values.append(&mut columns[place].values);
        columns[place] = rows;
    }
    Ok(())
}

/// With fewer samples than this within a short range, those before it tell the step.
const FEW_SAMPLES: usize = 8;
/// The same where their distances differ.
const SOME_SAMPLES: usize = 32;
/// How far back from the end of a range that is shorter they may be.
const STEP_LOOKBACK_S: i64 = 6 * 3600;

/// Takes note of the steps of series that have only a few samples: a chart of ten minutes has the same grid as one of a day.
fn steps_of_few(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: Range,
    columns: &[Column],
) -> Result<(), QueryError> {
    let before = Range { from_s: range.until_s.saturating_sub(STEP_LOOKBACK_S), ..range };
    let is_few = |place: &usize| {
        let times_ms = &columns[*place].times_ms;
        times_ms.len() < FEW_SAMPLES || times_ms.len() < SOME_SAMPLES && !grid::is_regular(times_ms)
    };
    let few = (0..ids.len()).filter(|place| is_few(place) && !evaluator.knows_step(ids[*place]));
    let few: Vec<SeriesId> = few.map(|place| ids[place]).collect();
    if few.is_empty() || before.from_s >= range.from_s {
        return Ok(());
    }
    let mut longer: Vec<Column> = few.iter().map(|_| Column::new(Consolidation::Average)).collect();
    walk(evaluator, &few, before, &NO_TIER_MS, Aspects::SAMPLES, &mut |place, piece| {
        longer[place].add(piece);
    })?;
    for (id, column) in few.into_iter().zip(longer) {
        evaluator.step_s(id, grid::step_s(&column.times_ms));
    }
    Ok(())
}

/// Visits what there is of each series, by its place among `ids`.
fn walk(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: Range,
    edges_ms: &[i64],
    aspects: Aspects,
    visit: &mut dyn FnMut(usize, Rolled<'_>),
) -> Result<(), QueryError> {
    let detail = Detail { edges_ms, aspects, tier: evaluator.context.tier };
    let (mut current, mut failed) = (0, None);
    let mut each = |id: SeriesId, piece: Rolled<'_>| {
        current += ids[current..].iter().position(|known| *known == id).unwrap_or(0);
        let count = piece.len();
        visit(current, piece);
        match evaluator.spend(count) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    let reading = evaluator.source.read_rolled(ids, range.times(), &detail, &mut each);
    evaluator.used(reading.map_err(QueryError::Source)?);
    failed.map_or(Ok(()), Err)
}

// Where a chart could not show what samples tell, rows are enough, if the target leaves them what they are (see
// `detail.rs`): those of the coarsest tier that still gives half as many values as it can show.
fn edges(evaluator: &Evaluator<'_>, range: Range) -> Vec<i64> {
    let length_s = range.until_s - range.from_s;
    let (Wanted::Rows(rows), Some(points), true) =
        (evaluator.wanted(), evaluator.context.points_max, length_s > FINE_RANGE_MAX_S)
    else {
        return NO_TIER_MS.to_vec();
    };
    let fits = |tier_ms: i64| rows.long_s.is_none_or(|long_s| long_s * 1000 % tier_ms == 0);
    let enough = |tier_ms: &i64| {
        *tier_ms > 0 && length_s * 1000 / tier_ms >= (points as i64 / 2).max(1) && fits(*tier_ms)
    };
    let tiers = evaluator.source.tiers_ms().unwrap_or_default();
    let Some(tier_ms) = tiers.into_iter().map(i64::from).filter(enough).max() else {
        return NO_TIER_MS.to_vec();
    };
    let times = range.times();
    let first = times.start_ms.div_euclid(tier_ms);
    (first..=times.end_ms.div_euclid(tier_ms) + 1).map(|at| at * tier_ms).collect()
}

fn series(
    evaluator: &Evaluator<'_>,
    name: &str,
    stored: &Stored,
    expression: &str,
    range: Range,
    column: &Column,
) -> Series {
    let row_s = column.row_ms / 1000;
    let step_s = evaluator.step_s(stored.id, grid::step_s(&column.times_ms)).max(row_s).max(1);
    let (start_s, end_s) = grid::bounds(range.from_s, range.until_s, step_s);
    let values = grid::fill(
        &column.times_ms,
        &column.values,
        (start_s, end_s, step_s),
        (row_s > 0).then_some(column.way),
    );
    let tags = stored
        .labels
        .iter()
        .map(|(tag, value)| (if tag == NAME { "name" } else { tag }.to_owned(), value.to_owned()));
    Series {
        path_expression: expression.to_owned(),
        tags: tags.collect::<BTreeMap<_, _>>(),
        x_files_factor: evaluator.x_files_factor(),
        is_rolled: row_s > 0,
        ..Series::new(name, start_s, end_s, step_s, values)
    }
}

impl Range {
    /// The samples that may fill its instants: of the one after `from` all, of the one at `until` all.
    pub(super) fn times(self) -> TimeRange {
        TimeRange::new(self.from_s.saturating_mul(1000), self.until_s.saturating_add(1).saturating_mul(1000))
    }
}
