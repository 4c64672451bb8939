//! The blocks there are at one moment.

use super::reader::Block;
use crate::delete::Tomb;
use crate::rollup::levels::{self, PolicyLevels};
use model::{Series, TimeRange};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Blocks in the order of their sequence numbers; never changed, only replaced.
#[derive(Default)]
pub(crate) struct BlockSet {
    blocks: Vec<Arc<Block>>,
    levels: OnceLock<BTreeMap<String, PolicyLevels>>,
}

impl BlockSet {
    pub(crate) fn new(mut blocks: Vec<Arc<Block>>) -> Self {
        blocks.sort_by_key(|block| block.meta.sequence);
        Self { blocks, levels: OnceLock::new() }
    }

    /// Hides what a deletion takes away.
    pub(crate) fn hide(&self, tomb: &Tomb) {
        self.blocks.iter().for_each(|block| block.hide(tomb));
    }

    /// All blocks, by sequence number.
    pub(crate) fn all(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// What they have of each tier, by name of the policy; worked out when it is first asked for.
    pub(crate) fn levels(&self) -> &BTreeMap<String, PolicyLevels> {
        self.levels.get_or_init(|| levels::of_blocks(&self.blocks))
    }

    /// Whether any has rows.
    pub(crate) fn has_rows(&self) -> bool {
        self.blocks.iter().any(|block| block.meta.origin.tier_ms > 0)
    }

    /// Those of a tier (0 has the samples as they came) that may have something in `range`.
    pub(crate) fn of_tier(&self, tier_ms: u32, range: TimeRange) -> impl Iterator<Item = &Arc<Block>> {
        self.overlapping(range).filter(move |block| block.meta.origin.tier_ms == tier_ms)
    }

    /// Those that may have samples or rows in `range`.
    pub(crate) fn overlapping(&self, range: TimeRange) -> impl Iterator<Item = &Arc<Block>> {
        self.blocks.iter().filter(move |block| block.meta.range().overlaps(range))
    }

    /// The series with these encoded labels, as the newest block has it.
    pub(crate) fn find(&self, key: &[u8]) -> Option<Series> {
        self.blocks.iter().rev().find_map(|block| block.find(key))
    }

    /// The same without some blocks and with others.
    pub(crate) fn replaced(&self, without: &[u64], with: Vec<Arc<Block>>) -> Self {
        let kept = self.blocks.iter().filter(|block| !without.contains(&block.meta.sequence)).cloned();
        Self::new(kept.chain(with).collect())
    }
}
