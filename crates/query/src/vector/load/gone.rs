//! Where samples are gone: what coarser tiers kept of them stands in.

use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::value::Samples;
use model::{Aspects, Detail, Reading, Rolled, Row, SeriesId, TierChoice, TimeRange};
use std::ops::ControlFlow;

/// Where samples of some series are gone, and which tier stands for them there.
#[derive(Default)]
pub(super) struct Gone(Vec<(TimeRange, u32)>);

/// What a row tells: the last of its samples, and the first where that is known.
struct Ends {
    first: Option<(i64, f64)>,
    last: (i64, f64),
}

impl Ends {
    fn of(row: &Row) -> Option<Self> {
        let first = Some((row.first_ms, row.first)).filter(|(_, first)| !first.is_nan());
        (row.count > 0).then_some(Self { first, last: (row.last_ms, row.last) })
    }

    fn start_ms(&self) -> i64 {
        self.first.map_or(self.last.0, |(time_ms, _)| time_ms)
    }
}

impl Gone {
    /// Looks that up for a range.
    pub(super) fn find(
        evaluator: &Evaluator<'_>,
        ids: &[SeriesId],
        range: TimeRange,
    ) -> Result<Self, QueryError> {
        let mut parts = parts(evaluator, ids, range)?;
        parts.iter_mut().for_each(|(part, _)| *part = part.intersect(range));
        Ok(Self(parts))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts what rows tell of a series before the samples of it that are still there.
    pub(super) fn put_before(
        &self,
        evaluator: &mut Evaluator<'_>,
        id: SeriesId,
        samples: &mut Samples,
    ) -> Result<(), QueryError> {
        let mut found: Vec<Ends> = Vec::new();
        for (part, tier_ms) in &self.0 {
            // Rows of gauges do not know their first sample.
            for aspects in [Aspects::FIRST | Aspects::LAST, Aspects::LAST] {
                if read(evaluator, id, (*part, *tier_ms), aspects, &mut found)? {
                    break;
                }
            }
        }
        let end_ms = samples.times_ms.first().copied().unwrap_or(i64::MAX);
        found.retain(|ends| ends.last.0 < end_ms);
        if found.is_empty() {
            return Ok(());
        }
        found.sort_by_key(Ends::start_ms);
        let first = |ends: &Ends| ends.first.filter(|(time_ms, _)| *time_ms < ends.last.0);
        let ends = found.iter().flat_map(|ends| first(ends).into_iter().chain([ends.last]));
        let (mut times_ms, mut values): (Vec<i64>, Vec<f64>) = ends.unzip();
        times_ms.append(&mut samples.times_ms);
        values.append(&mut samples.values);
        (samples.times_ms, samples.values) = (times_ms, values);
        Ok(())
    }
}

// Adds what rows of a tier tell of a series in a part of the range; says whether there were any.
fn read(
    evaluator: &mut Evaluator<'_>,
    id: SeriesId,
    (part, tier_ms): (TimeRange, u32),
    aspects: Aspects,
    found: &mut Vec<Ends>,
) -> Result<bool, QueryError> {
    let detail = Detail { edges_ms: &[], aspects, tier: TierChoice::Only(tier_ms) };
    let mut touched = 0;
    let mut visit = |_, piece: Rolled<'_>| {
        match piece {
            Rolled::Samples { .. } => return ControlFlow::Continue(()),
            Rolled::Rows(rows) => found.extend(rows.iter().filter_map(Ends::of)),
            Rolled::Table(table) => found.extend(table.rows().filter_map(|row| Ends::of(&row))),
        }
        touched += piece.len();
        ControlFlow::Continue(())
    };
    let reading = evaluator.source.read_rolled(&[id], part, &detail, &mut visit);
    let mut reading = reading.map_err(QueryError::Source)?;
    reading.note_gone(part, tier_ms);
    evaluator.budget.reading.merge(reading);
    evaluator.budget.spend(touched)?;
    Ok(touched > 0)
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

// Where samples of a series are gone, and which tier has something: those of other series went at about the same time.
fn looked_up(
    evaluator: &Evaluator<'_>,
    id: SeriesId,
    range: TimeRange,
) -> Result<Vec<(TimeRange, u32)>, QueryError> {
    // No tier has rows that end at an odd millisecond, so what is gone is always told.
    let edges_ms = [range.start_ms | 1];
    let detail = Detail { edges_ms: &edges_ms, aspects: Aspects::LAST, tier: TierChoice::Auto };
    let mut visit = |_, _: Rolled<'_>| ControlFlow::Continue(());
    let Reading { gone, .. } =
        evaluator.source.read_rolled(&[id], range, &detail, &mut visit).map_err(QueryError::Source)?;
    Ok(gone)
}
