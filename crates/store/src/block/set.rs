//! The blocks there are at one moment.

use super::reader::Block;
use crate::delete::Tomb;
use model::{Series, TimeRange};
use std::sync::Arc;

/// Blocks in the order of their sequence numbers; never changed, only replaced.
#[derive(Default, Clone)]
pub(crate) struct BlockSet {
    blocks: Vec<Arc<Block>>,
}

impl BlockSet {
    pub(crate) fn new(mut blocks: Vec<Arc<Block>>) -> Self {
        blocks.sort_by_key(|block| block.meta.sequence);
        Self { blocks }
    }

    /// Hides what a deletion takes away.
    pub(crate) fn hide(&self, tomb: &Tomb) {
        self.blocks.iter().for_each(|block| block.hide(tomb));
    }

    /// All blocks, by sequence number.
    pub(crate) fn all(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// Those that may have samples in `range`.
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
