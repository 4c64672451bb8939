//! Which tier answers which part of a range: the coarsest that answers exactly, and where samples are gone the finest
//! that is there.

use super::levels::{Level, PolicyLevels, lost};
use super::proof;
use super::rows;
use super::spans::Spans;
use model::{Aspects, Detail, Kind, TierChoice, TimeRange};
use std::collections::BTreeSet;

/// A part of a range and where it is answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) range: TimeRange,
    /// 0 for samples.
    pub(crate) tier_ms: u32,
    /// Samples are gone; some that came later may be there.
    pub(crate) lost: bool,
    /// Something finer was wanted and is gone.
    pub(crate) gone: bool,
    /// Rows are as good as samples only if the times of the samples say so: see [`Aspects::NUMBERS`].
    pub(crate) doubted: bool,
}

/// How many milliseconds after the rows of tiers the buckets begin: 1 where windows are open on the left and closed on the
/// right, and one who asks says that the times of samples are to be looked at; else 0.
pub(crate) fn shift_ms(detail: &Detail<'_>, finest_ms: u32) -> i64 {
    let is_shifted = |edge: &i64| (edge - 1).rem_euclid(i64::from(finest_ms.max(1))) == 0;
    let shifts = detail.aspects.contains(Aspects::NUMBERS) && detail.edges_ms.first().is_some_and(is_shifted);
    i64::from(shifts && finest_ms > 1)
}

/// The parts of `range` in order of time, for a series of `kind` whose blocks have `policies`, and which has samples in
/// `memory`, and from which some were `deleted` of late. Parts that are answered from samples are given as they are asked
/// for; those from rows as the rows lie, [`shift_ms`] earlier.
pub(crate) fn segments(
    range: TimeRange,
    detail: &Detail<'_>,
    kind: Kind,
    policies: &[&PolicyLevels],
    memory: &Spans,
    deleted: &Spans,
) -> Vec<Segment> {
    let tiers: BTreeSet<u32> = policies.iter().flat_map(|policy| policy.levels.keys().copied()).collect();
    let mut found = Vec::new();
    if let TierChoice::Only(tier_ms) = detail.tier {
        add(&mut found, &Spans::new([range]), Segment { tier_ms, ..Segment::of_samples(range) });
        return found;
    }
    let finest_ms = tiers.iter().copied().find(|tier_ms| *tier_ms > 0).unwrap_or(0);
    let (shift_ms, doubted) = (shift_ms(detail, finest_ms), detail.aspects.contains(Aspects::NUMBERS));
    let mut left = Spans::new([moved(range, -shift_ms)]);
    let can = |tier_ms: u32| tells(tier_ms, kind, detail.aspects) && tier_ms > 0;
    let all = |pick: fn(&Level) -> &Spans, tier_ms: u32| {
        let levels = policies.iter().filter_map(|policy| policy.levels.get(&tier_ms));
        levels.fold(Spans::default(), |spans, level| spans.union(pick(level)))
    };
    let raw: Vec<&Level> = policies.iter().filter_map(|policy| policy.levels.get(&0)).collect();
    let lost = lost(policies);
    let lost_of = |tier_ms: u32| lost.get(&tier_ms).cloned().unwrap_or_default();
    let is_exact = |tier_ms: u32| is_exact(detail.edges_ms, shift_ms, tier_ms);
    for &tier_ms in tiers.iter().rev().filter(|tier_ms| can(**tier_ms) && is_exact(**tier_ms)) {
        let step_ms = i64::from(tier_ms);
        let unseen = missing(policies, tier_ms).union(&all(|level| &level.stale, tier_ms));
        let known = all(|level| &level.windows, tier_ms).subtract(&unseen);
        let usable = left.intersect(&known.subtract(&memory.union(deleted).outward(step_ms))).inward(step_ms);
        // Where there are about as few samples as rows, they are sooner read.
        let usable = if is_worth(&raw, tier_ms) { usable } else { usable.intersect(&lost_of(tier_ms)) };
        left = left.subtract(&usable);
        let of_rows = Segment { tier_ms, ..Segment::of_samples(range) };
        if doubted {
            // Where samples are gone nobody can look at their times any more: coarser rows are as good as the finest.
            let lost = lost_of(tier_ms);
            let gone = Segment { lost: true, gone: true, ..of_rows };
            add(&mut found, &usable.intersect(&lost), gone);
            add(&mut found, &usable.subtract(&lost), Segment { doubted, ..of_rows });
        } else {
            add(&mut found, &usable, of_rows);
        }
    }
    for &tier_ms in tiers.iter().filter(|tier_ms| can(**tier_ms)) {
        let gone = left.intersect(&lost_of(tier_ms));
        let is_gone = doubted || !is_exact(tier_ms);
        add(&mut found, &gone, Segment { tier_ms, lost: true, gone: is_gone, ..Segment::of_samples(range) });
        left = left.subtract(&gone);
    }
    let left = Spans::new(left.ranges().iter().map(|range| moved(*range, shift_ms)));
    add(&mut found, &left, Segment::of_samples(range));
    found.sort_by_key(|segment| segment.range.start_ms);
    found
}

fn add(found: &mut Vec<Segment>, spans: &Spans, segment: Segment) {
    found.extend(spans.ranges().iter().map(|&range| Segment { range, ..segment }));
}

/// The range so much later.
pub(crate) fn moved(range: TimeRange, by_ms: i64) -> TimeRange {
    TimeRange::new(range.start_ms.saturating_add(by_ms), range.end_ms.saturating_add(by_ms))
}

impl Segment {
    /// Answered from samples.
    pub(crate) fn of_samples(range: TimeRange) -> Self {
        Self { range, tier_ms: 0, lost: false, gone: false, doubted: false }
    }
}

/// Where a policy has something finer, and this tier not at all.
fn missing(policies: &[&PolicyLevels], tier_ms: u32) -> Spans {
    let without = policies.iter().filter(|policy| !policy.levels.contains_key(&tier_ms));
    let finer = without.flat_map(|policy| policy.levels.range(..tier_ms));
    Spans::new(finer.flat_map(|(_, level)| level.windows.ranges().iter().copied()))
}

/// Whether rows stand for so many samples that reading them costs less.
fn is_worth(raw: &[&Level], tier_ms: u32) -> bool {
    let (samples, series_ms) =
        raw.iter().fold((0, 0.0), |(samples, ms), level| (samples + level.samples, ms + level.series_ms));
    samples as f64 * f64::from(tier_ms) >= series_ms * proof::SAMPLES_PER_ROW_MIN as f64
}

/// Whether every bucket is made of whole rows.
fn is_exact(edges_ms: &[i64], shift_ms: i64, tier_ms: u32) -> bool {
    edges_ms.iter().all(|edge| (edge - shift_ms).rem_euclid(i64::from(tier_ms)) == 0)
}

/// Whether a tier tells what is wanted of a series of this kind.
pub(crate) fn tells(tier_ms: u32, kind: Kind, aspects: Aspects) -> bool {
    tier_ms == 0 || rows::aspects(kind).contains(aspects.without(Aspects::NUMBERS))
}
