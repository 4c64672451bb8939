//! What the blocks of one moment have of each tier, policy by policy: where rows have seen all there is, and where not.

use super::spans::Spans;
use crate::block::meta::Part;
use crate::block::reader::Block;
use model::{SeriesId, TimeRange};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The blocks of one policy.
#[derive(Debug, Default, Clone)]
pub(crate) struct PolicyLevels {
    /// By length of their rows, finest first; 0 has the samples as they came.
    pub(crate) levels: BTreeMap<u32, Level>,
}

/// The blocks of one tier of one policy.
#[derive(Debug, Default, Clone)]
pub(crate) struct Level {
    /// Their sequence numbers.
    pub(crate) sequences: Vec<u64>,
    pub(crate) parts: Vec<Part>,
    /// How many samples or rows, and for how many milliseconds of how many series.
    pub(crate) samples: u64,
    pub(crate) series_ms: f64,
    /// The windows it has.
    pub(crate) windows: Spans,
    /// From the first to the end of the last row of each block.
    pub(crate) reach: Spans,
    /// Where its blocks are of several that were joined, or of which something was deleted.
    pub(crate) joined: Spans,
    /// Where something finer has more than its rows have seen.
    pub(crate) stale: Spans,
}

/// By name of the policy, as blocks have it.
pub(crate) fn of_blocks(blocks: &[Arc<Block>]) -> BTreeMap<String, PolicyLevels> {
    let mut policies: BTreeMap<String, PolicyLevels> = BTreeMap::new();
    for block in blocks {
        let origin = &block.meta.origin;
        let policy = policies.entry(origin.policy.clone()).or_default();
        let level = policy.levels.entry(origin.tier_ms).or_default();
        level.sequences.push(block.meta.sequence);
        level.parts.extend(block.meta.parts());
        level.samples += block.meta.samples;
        level.series_ms += block.meta.series as f64 * block.meta.range().len_ms() as f64;
        let end_ms = block.meta.last_ms.saturating_add(i64::from(origin.tier_ms.max(1)));
        level.reach = level.reach.union(&Spans::new([TimeRange::new(block.meta.first_ms, end_ms)]));
        if !block.meta.replaces.is_empty() {
            level.joined = level.joined.union(&Spans::new(block.meta.parts().iter().map(|part| part.window)));
        }
    }
    for policy in policies.values_mut() {
        let mut finer: Vec<Part> = Vec::new();
        for (&tier_ms, level) in &mut policy.levels {
            level.windows = Spans::new(level.parts.iter().map(|part| part.window));
            let unseen = finer.iter().map(|part| unseen(&level.parts, part));
            let unseen = unseen.fold(Spans::default(), |all, spans| all.union(&spans));
            level.stale = unseen.outward(i64::from(tier_ms.max(1)));
            finer.extend(&level.parts);
        }
    }
    policies
}

/// Where `part` has what rows of these parts were not computed from.
pub(crate) fn unseen(rows: &[Part], part: &Part) -> Spans {
    let newer = rows.iter().filter(|row| row.sequence >= part.sequence && row.window.overlaps(part.window));
    Spans::new([part.window]).subtract(&Spans::new(newer.map(|row| row.window)))
}

/// Where rows of each tier were computed from samples that are gone, though others may have come since. A window of rows
/// that no samples were in when they were computed has lost nothing: coarse windows are wide, and what a finer tier knows
/// of the same samples is nearer to the truth.
pub(crate) fn lost(policies: &[&PolicyLevels]) -> BTreeMap<u32, Spans> {
    let raw: Vec<&Level> = policies.iter().filter_map(|policy| policy.levels.get(&0)).collect();
    let mut lost: BTreeMap<u32, Spans> = BTreeMap::new();
    for policy in policies {
        let (mut known, mut known_lost) = (Spans::default(), Spans::default());
        for (&tier_ms, level) in policy.levels.range(1..) {
            let unheld = unheld(&level.parts, &raw).intersect(&level.reach);
            let own = unheld.subtract(&known).union(&unheld.intersect(&known_lost));
            known = known.union(&level.windows);
            known_lost = known_lost.union(&own);
            let all = lost.entry(tier_ms).or_default();
            *all = all.union(&own.outward(i64::from(tier_ms)));
        }
    }
    lost
}

/// Where rows were computed of which there are no samples any more that were there then.
fn unheld(rows: &[Part], raw: &[&Level]) -> Spans {
    let lost = rows.iter().map(|row| {
        let parts = raw.iter().flat_map(|level| &level.parts);
        let seen = parts.filter(|part| part.sequence <= row.sequence && part.window.overlaps(row.window));
        Spans::new([row.window]).subtract(&Spans::new(seen.map(|part| part.window)))
    });
    let lost = lost.fold(Spans::default(), |all, spans| all.union(&spans));
    raw.iter().fold(lost, |spans, level| spans.subtract(&level.joined))
}

impl PolicyLevels {
    /// Whether any block of this policy has a series.
    pub(crate) fn has(&self, blocks: &[Arc<Block>], id: SeriesId) -> bool {
        let sequences = || self.levels.values().flat_map(|level| &level.sequences);
        sequences().any(|sequence| {
            let at = blocks.binary_search_by_key(sequence, |block| block.meta.sequence);
            at.is_ok_and(|at| blocks[at].index.ordinal(id).is_some())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    /// A window and what of it has rows or samples, in hours.
    fn level(sequence: u64, window: std::ops::Range<i64>, reach: std::ops::Range<i64>) -> Level {
        let range = |hours: std::ops::Range<i64>| TimeRange::new(hours.start * HOUR_MS, hours.end * HOUR_MS);
        let windows = Spans::new([range(window.clone())]);
        let parts = vec![Part { window: range(window), sequence }];
        Level { parts, windows, reach: Spans::new([range(reach)]), ..Level::default() }
    }

    fn policy(levels: impl IntoIterator<Item = (u32, Level)>) -> PolicyLevels {
        PolicyLevels { levels: levels.into_iter().collect() }
    }

    #[test]
    fn rows_of_wide_windows_have_lost_only_what_was_there() {
        // Eight hours made rows of all tiers; then came samples of days, which no rows have seen yet.
        let rows = || {
            [
                (60_000, level(2, 0..8, 0..8)),
                (3_600_000, level(2, 0..24, 0..8)),
                (86_400_000, level(2, 0..240, 0..24)),
            ]
        };
        let first = policy([(0, level(2, 0..8, 0..8))].into_iter().chain(rows()));
        let later = policy([(0, level(3, 0..240, 8..100))]);
        assert!(lost(&[&first, &later]).values().all(Spans::is_empty));

        let without = policy(rows());
        let hours = |lost: &Spans| {
            lost.ranges().iter().map(|r| (r.start_ms / HOUR_MS, r.end_ms / HOUR_MS)).collect::<Vec<_>>()
        };
        let lost: Vec<_> = lost(&[&without, &later]).values().map(hours).collect();
        assert_eq!(lost, [vec![(0, 8)], vec![(0, 8)], vec![(0, 24)]]);
    }
}
