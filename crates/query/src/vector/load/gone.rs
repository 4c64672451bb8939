//! Where samples are gone: what coarser tiers kept of them stands in.

use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::value::Samples;
use hashbrown::HashMap;
use model::{Aspects, Detail, Reading, Rolled, Row, SeriesId, TierChoice, TimeRange};
use std::ops::ControlFlow;

/// The rows that stand for samples of some series in `range`.
pub(super) fn rows(
    evaluator: &mut Evaluator<'_>,
    ids: &[SeriesId],
    range: TimeRange,
) -> Result<HashMap<SeriesId, Vec<Row>>, QueryError> {
    let mut found: HashMap<SeriesId, Vec<Row>> = HashMap::new();
    for (part, tier_ms) in parts(evaluator, ids, range)? {
        let detail = Detail { edges_ms: &[], aspects: aspects(), tier: TierChoice::Only(tier_ms) };
        let mut read = 0;
        let mut visit = |id, piece: Rolled<'_>| {
            match piece {
                Rolled::Samples { .. } => return ControlFlow::Continue(()),
                Rolled::Rows(rows) => {
                    found.entry(id).or_default().extend(rows.iter().filter(|row| row.count > 0));
                }
                Rolled::Table(table) => {
                    found.entry(id).or_default().extend(table.rows().filter(|row| row.count > 0));
                }
            }
            read += piece.len();
            ControlFlow::Continue(())
        };
        let reading = evaluator.source.read_rolled(ids, part.intersect(range), &detail, &mut visit);
        let mut reading = reading.map_err(QueryError::Source)?;
        reading.note_gone(part, tier_ms);
        evaluator.budget.reading.merge(reading);
        evaluator.budget.spend(read)?;
    }
    found.values_mut().for_each(|rows| rows.sort_by_key(|row| row.first_ms));
    Ok(found)
}

/// Whether rows stand for samples of some series in `range`.
pub(super) fn is_any(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: TimeRange,
) -> Result<bool, QueryError> {
    parts(evaluator, ids, range).map(|parts| !parts.is_empty())
}

// Which tier is to be read for which part.
fn parts(
    evaluator: &Evaluator<'_>,
    ids: &[SeriesId],
    range: TimeRange,
) -> Result<Vec<(TimeRange, u32)>, QueryError> {
    let has_rows =
        || evaluator.source.tiers_ms().is_some_and(|tiers| tiers.iter().any(|tier_ms| *tier_ms > 0));
    match (ids.first(), evaluator.budget.tier()) {
        (Some(_), TierChoice::Only(tier_ms)) if tier_ms > 0 => Ok(vec![(range, tier_ms)]),
        (Some(first), TierChoice::Auto) if has_rows() => looked_up(evaluator, *first, range),
        _ => Ok(Vec::new()),
    }
}

// What a row is to tell: also rows of gauges do. Those of other series tell of the first sample, too.
fn aspects() -> Aspects {
    Aspects::LAST
}

// Where samples of a series are gone, and which tier has something: those of other series went at about the same time.
fn looked_up(
    evaluator: &Evaluator<'_>,
    id: SeriesId,
    range: TimeRange,
) -> Result<Vec<(TimeRange, u32)>, QueryError> {
    // No tier has rows that end at an odd millisecond, so what is gone is always told.
    let edges_ms = [range.start_ms | 1];
    let detail = Detail { edges_ms: &edges_ms, aspects: aspects(), tier: TierChoice::Auto };
    let mut visit = |_, _: Rolled<'_>| ControlFlow::Continue(());
    let Reading { gone, .. } =
        evaluator.source.read_rolled(&[id], range, &detail, &mut visit).map_err(QueryError::Source)?;
    Ok(gone)
}

/// Puts what rows tell before the samples that are still there.
pub(super) fn put_before(rows: &[Row], samples: &mut Samples) {
    let end_ms = samples.times_ms.first().copied().unwrap_or(i64::MAX);
    let (mut times_ms, mut values) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.last_ms < end_ms) {
        let has_first = !row.first.is_nan();
        if has_first {
            times_ms.push(row.first_ms);
            values.push(row.first);
        }
        if !has_first || row.last_ms > row.first_ms {
            times_ms.push(row.last_ms);
            values.push(row.last);
        }
    }
    times_ms.append(&mut samples.times_ms);
    values.append(&mut samples.values);
    samples.times_ms = times_ms;
    samples.values = values;
}
