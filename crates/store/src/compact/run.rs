//! Joins what is to be joined, and says what becomes of failures.

use super::join::{JoinError, join};
use super::outputs::Outputs;
use super::plan;
use crate::block::BlockError;
use crate::block::meta::Origin;
use crate::block::reader::Block;
use crate::block::set::BlockSet;
use crate::merge::LoadError;
use crate::rollup::chain::Chain;
use crate::store::Shared;
use crate::work::Work;
use std::io;
use std::sync::Arc;

impl Shared {
    /// Joins blocks until nothing is left to join.
    pub(crate) fn compact(&self, work: &mut Work, now_ms: i64) -> io::Result<()> {
        let closed_ms = plan::closed_ms(now_ms, self.options.late_window, self.options.block_span);
        while self.stopped.get().is_none() {
            let Some(group) = self.next_group(now_ms, closed_ms) else { break };
            if !self.join_group(work, &group)? {
                break;
            }
        }
        Ok(())
    }

    /// The next blocks of one tier and policy that are to be joined.
    fn next_group(&self, now_ms: i64, closed_ms: i64) -> Option<plan::Group> {
        let (set, policies) = (self.blocks(), self.policies());
        for (name, levels) in set.levels() {
            let policy = policies.named(name);
            let chain = Chain::new(policy, levels, self.options.block_span, now_ms);
            for &tier_ms in levels.levels.keys() {
                let keep_ms = policy.keep_ms(tier_ms);
                let spans = plan::spans_of(self.options.block_span, keep_ms, tier_ms);
                let is_member = |block: &&Arc<Block>| {
                    let origin = &block.meta.origin;
                    origin.policy == *name && origin.tier_ms == tier_ms
                };
                let candidates: Vec<plan::Candidate> = set
                    .all()
                    .iter()
                    .filter(is_member)
                    .map(|block| plan::Candidate {
                        sequence: block.meta.sequence,
                        window: block.meta.window,
                        len_bytes: block.meta.len_bytes(),
                        is_ready: chain.has_rolled(tier_ms, &block.meta.parts()),
                    })
                    .collect();
                if let Some(group) = plan::next_group(&candidates, &spans, closed_ms) {
                    return Some(group);
                }
            }
        }
        None
    }

    /// Joins a group; false when it ended early for a reason that was dealt with.
    pub(crate) fn join_group(&self, work: &mut Work, group: &plan::Group) -> io::Result<bool> {
        let set = self.blocks();
        let is_member = |block: &&Arc<Block>| group.sequences.contains(&block.meta.sequence);
        let members: Vec<Arc<Block>> = set.all().iter().filter(is_member).cloned().collect();
        let mut pace = self.pace(self.options.clock.now_ms(), 0);
        let named = members.first().map_or("", |block| &block.meta.origin.policy);
        let policy = self.policies().named(named).name.clone();
        // The joined block has this number or a higher one.
        let sequence = work.manifest.next_sequence;
        let mut outputs = Outputs::new(self, work, &policy, group.window);
        let shadows = shadows(&set, &members, sequence);
        let joined = join(&members, &shadows, &mut outputs, &mut pace);
        let sequences = outputs.sequences();
        let mut origin = Origin::joined(members.iter().map(|block| &block.meta));
        if origin.tier_ms == 0 && members.iter().any(|block| block.is_masked()) {
            // Rows are computed anew of what is left.
            origin.parts.clear();
        }
        let finished = joined.and_then(|()| Ok(outputs.finish(&group.sequences, &origin)?));
        let written = match finished {
            Ok(written) => written,
            Err(error) => {
                self.remove_blocks(&sequences);
                return self.join_failed(work, error);
            }
        };
        self.commit(work, &group.sequences, &written, None)?;
        self.counters.compactions.add(1);
        drop((set, members));
        Ok(true)
    }

    /// Deals with what made a join end early: true when work can go on without what was in the way.
    pub(crate) fn join_failed(&self, work: &mut Work, error: JoinError) -> io::Result<bool> {
        match error {
            JoinError::Write(error) => Err(error),
            JoinError::Interrupted => Ok(false),
            JoinError::Load(LoadError { sequence, error: BlockError::Damaged(reason) }) => {
                self.report_damage(sequence, &reason);
                self.set_damaged_aside(work).map(|()| true)
            }
            JoinError::Load(LoadError { error, .. }) => Err(io::Error::other(error.to_string())),
        }
    }
}

/// Blocks that stay although what they have was accepted after some of the members and before the last of them: the
/// joined block would be preferred to them. Windows of seals overlap a little, so this happens after imports.
fn shadows(set: &BlockSet, members: &[Arc<Block>], sequence: u64) -> Vec<Arc<Block>> {
    let Some(first) = members.first() else { return Vec::new() };
    let tier_ms = first.meta.origin.tier_ms;
    let oldest = members.iter().map(|block| block.rank()).min();
    let to_offset = members.iter().map(|block| block.meta.origin.to_offset).max().unwrap_or(0);
    let is_between = |block: &Block| oldest < Some(block.rank()) && block.rank() < (to_offset, sequence);
    let overlaps = |block: &Block| members.iter().any(|m| m.meta.range().overlaps(block.meta.range()));
    let is_member = |block: &Block| members.iter().any(|m| m.meta.sequence == block.meta.sequence);
    let is_shadow = |block: &&Arc<Block>| {
        block.meta.origin.tier_ms == tier_ms && is_between(block) && overlaps(block) && !is_member(block)
    };
    set.all().iter().filter(is_shadow).cloned().collect()
}
