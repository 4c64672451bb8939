//! What is forgotten: blocks that are older than their policy keeps them, the oldest ones when all together take too
//! much, and the oldest ones when the disk runs full.

use crate::block::reader::Block;
use crate::rollup::chain::Chain;
use crate::store::Shared;
use crate::work::Work;
use crate::{Event, policy};
use std::io;
use std::sync::atomic::Ordering;

/// What is asked about a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    sequence: u64,
    /// The first instant after what it has.
    end_ms: i64,
    len_bytes: u64,
    tier_ms: u32,
    /// What ends before this is too old.
    oldest_ms: i64,
    /// The rows of the next tier have seen it.
    is_rolled: bool,
}

/// Blocks to forget: all that are too old and no longer needed for rows, and while all together take more than
/// `bytes_max` the oldest samples, then the oldest of the finest rows, and so on.
pub(crate) fn expired(blocks: &[Candidate], bytes_max: u64) -> Vec<u64> {
    let mut by_worth = blocks.to_vec();
    by_worth.sort_by_key(|block| (block.tier_ms, block.end_ms, block.sequence));
    let is_old = |block: &Candidate| block.end_ms <= block.oldest_ms && block.is_rolled;
    let (old, young): (Vec<Candidate>, Vec<Candidate>) = by_worth.into_iter().partition(is_old);
    let mut left: u64 = young.iter().map(|block| block.len_bytes).sum();
    let mut forget: Vec<u64> = old.iter().map(|block| block.sequence).collect();
    for block in young {
        if left > bytes_max {
            left -= block.len_bytes;
            forget.push(block.sequence);
        }
    }
    forget
}

impl Shared {
    /// Forgets what is too old or too much.
    pub(crate) fn forget(&self, work: &mut Work, now_ms: i64) -> io::Result<()> {
        let candidates = self.candidates(now_ms);
        let held: u64 = candidates.iter().map(|block| block.len_bytes).sum();
        let short = self.short_bytes()?;
        let floor_max = if short > 0 { held.saturating_sub(short) } else { u64::MAX };
        let bytes_max = self.options.retention_bytes.unwrap_or(u64::MAX).min(floor_max);
        let expired = expired(&candidates, bytes_max);
        self.note_space(short, expired.len() as u64, held == 0);
        if expired.is_empty() {
            return Ok(());
        }
        self.commit(work, &expired, &[], None)?;
        self.counters.blocks_forgotten.add(expired.len() as u64);
        if short > 0 {
            self.counters.blocks_forgotten_for_space.add(expired.len() as u64);
            self.remove_leftovers(work)?;
        }
        Ok(())
    }

    fn candidates(&self, now_ms: i64) -> Vec<Candidate> {
        let (set, policies) = (self.blocks(), self.policies());
        let candidate = |block: &std::sync::Arc<Block>| {
            let (meta, origin) = (&block.meta, &block.meta.origin);
            let own = policies.named(&origin.policy);
            let levels = set.levels().get(&origin.policy);
            let chain = levels.map(|levels| Chain::new(own, levels, self.options.block_span, now_ms));
            Candidate {
                sequence: meta.sequence,
                end_ms: meta.range().end_ms,
                len_bytes: meta.len_bytes(),
                tier_ms: origin.tier_ms,
                oldest_ms: policy::oldest_ms(now_ms, own.keep_ms(origin.tier_ms)),
                is_rolled: chain.is_none_or(|chain| chain.has_rolled(origin.tier_ms, &meta.parts())),
            }
        };
        set.all().iter().map(candidate).collect()
    }

    /// How many bytes the disk has less than are to stay free.
    fn short_bytes(&self) -> io::Result<u64> {
        if self.options.free_bytes_min == 0 {
            return Ok(0);
        }
        let free = self.options.disk.free_bytes(&self.options.dir)?;
        Ok(self.options.free_bytes_min.saturating_sub(free))
    }

    /// With nothing left to forget nothing is taken any more, until there is space again. Both are told once.
    fn note_space(&self, short_bytes: u64, forgotten: u64, nothing_left: bool) {
        let is_full = short_bytes > 0 && nothing_left;
        let was_short = self.is_short.swap(short_bytes > 0, Ordering::SeqCst);
        let was_full = self.is_full.swap(is_full, Ordering::SeqCst);
        if short_bytes > 0 && !was_short || is_full && !was_full {
            let free_bytes_min = self.options.free_bytes_min;
            self.tell(Event::SpaceLow { free_bytes_min, short_bytes, forgotten, refusing: is_full });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_and_the_oldest_go() {
        let block = |sequence, end_ms, tier_ms, oldest_ms, is_rolled| Candidate {
            sequence,
            end_ms,
            len_bytes: 10,
            tier_ms,
            oldest_ms,
            is_rolled,
        };
        let blocks = |oldest_ms| {
            [
                block(3, 300, 0, oldest_ms, true),
                block(1, 100, 0, oldest_ms, true),
                block(2, 200, 0, oldest_ms, false),
                block(4, 100, 60, i64::MIN, true),
            ]
        };
        let cases = [
            (i64::MIN, u64::MAX, vec![]),
            (100, u64::MAX, vec![1]),
            (99, u64::MAX, vec![]),
            (300, u64::MAX, vec![1, 3]),
            (i64::MIN, 35, vec![1]),
            (i64::MIN, 20, vec![1, 2]),
            (i64::MIN, 10, vec![1, 2, 3]),
            (i64::MIN, 0, vec![1, 2, 3, 4]),
            (100, 25, vec![1, 2]),
        ];
        for (oldest_ms, bytes_max, forgotten) in cases {
            assert_eq!(expired(&blocks(oldest_ms), bytes_max), forgotten, "{oldest_ms} {bytes_max}");
        }
    }
}
