//! The blocks that come out of a join: one for each policy that its series have now.

use crate::block::meta::Origin;
use crate::block::writer::BlockWriter;
use crate::policy::Policies;
use crate::store::Shared;
use crate::work::Work;
use model::{Labels, TimeRange};
use std::io;
use std::sync::Arc;

/// See the module.
pub(crate) struct Outputs<'a> {
    shared: &'a Shared,
    work: &'a mut Work,
    policies: Arc<Policies>,
    window: TimeRange,
    /// The policy of the blocks that are joined.
    own: String,
    writers: Vec<(String, u64, BlockWriter)>,
}

impl<'a> Outputs<'a> {
    /// For blocks of the policy `own`.
    pub(crate) fn new(shared: &'a Shared, work: &'a mut Work, own: &str, window: TimeRange) -> Self {
        Self { policies: shared.policies(), shared, work, window, own: own.to_owned(), writers: Vec::new() }
    }

    /// Where a series belongs.
    pub(crate) fn writer(&mut self, labels: &Labels) -> io::Result<&mut BlockWriter> {
        let name = if self.policies.is_single() { &self.own } else { &self.policies.of(labels).name };
        let at = match self.writers.iter().position(|(known, _, _)| known == name) {
            Some(at) => at,
            None => {
                let sequence = self.work.next_sequence();
                let writer =
                    BlockWriter::create(Arc::clone(&self.shared.block_store), sequence, self.window)?;
                self.writers.push((name.clone(), sequence, writer));
                self.writers.len() - 1
            }
        };
        Ok(&mut self.writers[at].2)
    }

    /// Numbers of the blocks.
    pub(crate) fn sequences(&self) -> Vec<u64> {
        self.writers.iter().map(|(_, sequence, _)| *sequence).collect()
    }

    /// Makes the blocks real. Series that moved are new to the policy they moved to, whose coarser tiers have not seen
    /// them: their block is its own only part.
    ///
    /// Gives the numbers of those that have anything: all of it may have been deleted.
    pub(crate) fn finish(self, replaces: &[u64], joined: &Origin) -> io::Result<Vec<u64>> {
        let mut written = Vec::new();
        for (policy, sequence, writer) in self.writers {
            if writer.is_empty() {
                self.shared.remove_blocks(&[sequence]);
                continue;
            }
            let parts = if policy == self.own { joined.parts.clone() } else { Vec::new() };
            writer.finish(replaces.to_vec(), Origin { policy, parts, ..joined.clone() })?;
            written.push(sequence);
        }
        Ok(written)
    }
}
