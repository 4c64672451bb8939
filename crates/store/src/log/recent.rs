//! The names of the records appended last.

use super::{BatchId, Offset};
use hashbrown::HashMap;
use std::collections::VecDeque;

/// Names remembered.
const NAMES_MAX: usize = 4096;

/// A bounded memory of names and their offsets.
#[derive(Debug, Default)]
pub(super) struct Recent {
    offsets: HashMap<BatchId, Offset>,
    order: VecDeque<BatchId>,
}

impl Recent {
    pub(super) fn find(&self, id: BatchId) -> Option<Offset> {
        self.offsets.get(&id).copied()
    }

    pub(super) fn add(&mut self, id: BatchId, offset: Offset) {
        if self.order.len() >= NAMES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.offsets.remove(&oldest);
        }
        if self.offsets.insert(id, offset).is_none() {
            self.order.push_back(id);
        }
    }
}
