//! Which tier answers which part of a range: the coarsest that answers exactly, and where samples are gone the finest
//! that is there.

use super::levels::{Level, PolicyLevels, lost};
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
}

/// The parts of `range` in order of time, for a series of `kind` whose blocks have `policies`, and which has samples in
/// `memory`, and from which some were `deleted` of late.
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
    let mut add = |spans: &Spans, tier_ms, lost| {
        let gone = lost && !is_exact(detail.edges_ms, tier_ms);
        found.extend(spans.ranges().iter().map(|&range| Segment { range, tier_ms, lost, gone }));
    };
    let mut left = Spans::new([range]);
    if let TierChoice::Only(tier_ms) = detail.tier {
        add(&left, tier_ms, false);
        return found;
    }
    let can = |tier_ms: u32| tier_ms > 0 && rows::aspects(kind).contains(detail.aspects);
    let all = |pick: fn(&Level) -> &Spans, tier_ms: u32| {
        let levels = policies.iter().filter_map(|policy| policy.levels.get(&tier_ms));
        levels.fold(Spans::default(), |spans, level| spans.union(pick(level)))
    };
    for &tier_ms in
        tiers.iter().rev().filter(|tier_ms| can(**tier_ms) && is_exact(detail.edges_ms, **tier_ms))
    {
        let step_ms = i64::from(tier_ms);
        let unseen = missing(policies, tier_ms).union(&all(|level| &level.stale, tier_ms));
        let known = all(|level| &level.windows, tier_ms).subtract(&unseen);
        let usable = left.intersect(&known.subtract(&memory.union(deleted).outward(step_ms))).inward(step_ms);
        add(&usable, tier_ms, false);
        left = left.subtract(&usable);
    }
    let raw: Vec<&Level> = policies.iter().filter_map(|policy| policy.levels.get(&0)).collect();
    for &tier_ms in tiers.iter().filter(|tier_ms| can(**tier_ms)) {
        let levels = policies.iter().filter_map(|policy| policy.levels.get(&tier_ms));
        let lost = levels.map(|level| lost(&level.parts, &raw));
        let lost = lost.fold(Spans::default(), |all, spans| all.union(&spans)).outward(i64::from(tier_ms));
        let gone = left.intersect(&lost);
        add(&gone, tier_ms, true);
        left = left.subtract(&gone);
    }
    add(&left, 0, false);
    found.sort_by_key(|segment| segment.range.start_ms);
    found
}

/// Where a policy has something finer, and this tier not at all.
fn missing(policies: &[&PolicyLevels], tier_ms: u32) -> Spans {
    let without = policies.iter().filter(|policy| !policy.levels.contains_key(&tier_ms));
    let finer = without.flat_map(|policy| policy.levels.range(..tier_ms));
    Spans::new(finer.flat_map(|(_, level)| level.windows.ranges().iter().copied()))
}

/// Whether every bucket is made of whole rows.
fn is_exact(edges_ms: &[i64], tier_ms: u32) -> bool {
    edges_ms.iter().all(|edge| edge.rem_euclid(i64::from(tier_ms)) == 0)
}

/// Whether a tier tells what is wanted of a series of this kind.
pub(crate) fn tells(tier_ms: u32, kind: Kind, aspects: Aspects) -> bool {
    tier_ms == 0 || rows::aspects(kind).contains(aspects)
}
