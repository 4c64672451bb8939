//! What the blocks of one moment have of each tier, policy by policy: where rows have seen all there is, and where not.

use super::spans::Spans;
use crate::block::meta::Part;
use crate::block::reader::Block;
use model::SeriesId;
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

/// Where rows were computed from samples that are gone, though others may have come since.
pub(crate) fn lost(rows: &[Part], raw: &[&Level]) -> Spans {
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
