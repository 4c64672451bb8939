//! What the blocks of one moment have of each tier, policy by policy: where rows have seen all there is, and where not.

use super::spans::{Spans, outward};
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
    /// The windows it has.
    pub(crate) windows: Spans,
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
    }
    for policy in policies.values_mut() {
        let mut finer: Vec<Part> = Vec::new();
        for (&tier_ms, level) in &mut policy.levels {
            level.windows = Spans::new(level.parts.iter().map(|part| part.window));
            let unseen = finer.iter().filter(|part| !has_seen(&level.parts, part));
            level.stale = Spans::new(unseen.map(|part| outward(part.window, i64::from(tier_ms.max(1)))));
            finer.extend(&level.parts);
        }
    }
    policies
}

/// Whether rows of these parts were computed from all of `part`.
pub(crate) fn has_seen(rows: &[Part], part: &Part) -> bool {
    rows.iter().any(|row| row.covers(part))
}

/// The windows, at least `window_ms` long and over at `closed_ms`, in which rows are to be computed.
pub(crate) fn due(source: &[Part], rows: &[Part], window_ms: i64, closed_ms: i64) -> Vec<TimeRange> {
    let unseen = source.iter().filter(|part| !has_seen(rows, part));
    let mut windows: Vec<TimeRange> = unseen
        .map(|part| outward(part.window, window_ms))
        .filter(|window| window.end_ms <= closed_ms)
        .collect();
    windows.sort_unstable_by_key(|window| (window.start_ms, std::cmp::Reverse(window.end_ms)));
    windows.dedup();
    windows
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
