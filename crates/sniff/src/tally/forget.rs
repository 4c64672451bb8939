//! What is silent for long makes room.

use super::{Tally, hash_of};
use stdx::sketch::Sketch;

impl Tally {
    /// Forgets pairs, operations and clients that were silent for so many flushes.
    pub(crate) fn forget(&mut self, idle_flushes_max: u32) {
        for (at, pair) in self.pairs.iter_mut().enumerate().filter(|(_, pair)| !pair.is_free) {
            pair.idle_flushes = if pair.has_news { 0 } else { pair.idle_flushes + 1 };
            pair.has_news = false;
            if pair.idle_flushes > idle_flushes_max {
                pair.is_free = true;
                self.pair_table.remove(&(pair.peer.0, pair.operation.0));
                self.pairs_free.push(at as u32);
                self.has_changed = true;
            } else {
                self.peers[usize::from(pair.peer.0)].idle_flushes = 0;
            }
        }
        self.forget_operations(idle_flushes_max);
        self.forget_peers(idle_flushes_max);
    }

    fn forget_operations(&mut self, idle_flushes_max: u32) {
        for at in 0..self.operations.len() {
            let operation = &mut self.operations[at];
            operation.idle_flushes = if operation.has_news { 0 } else { operation.idle_flushes + 1 };
            operation.has_news = false;
            operation.times.clear();
            operation.slowest_ns = 0;
            // Later than its pairs, which name it.
            if operation.is_free || operation.idle_flushes <= idle_flushes_max + 1 {
                continue;
            }
            operation.is_free = true;
            operation.times = Sketch::default();
            let hash = hash_of(&self.hasher, &self.operations[at]);
            if let Ok(entry) = self.operation_table.find_entry(hash, |found| *found == at as u32) {
                entry.remove();
            }
            self.operations_free.push(at as u32);
            self.has_changed = true;
        }
    }

    fn forget_peers(&mut self, idle_flushes_max: u32) {
        for at in 1..self.peers.len() {
            let peer = &mut self.peers[at];
            peer.idle_flushes += 1;
            if !peer.is_free && peer.idle_flushes > idle_flushes_max + 2 {
                peer.is_free = true;
                self.peer_table.remove(&peer.address);
                self.peers_free.push(at as u16);
            }
        }
    }
}
