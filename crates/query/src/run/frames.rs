//! What lies between the nodes of a plan.

use crate::{Frame, QueryError};
use lang::plan::NodeId;

/// What nodes gave, kept only until the last one that wants it has it.
pub(super) struct Frames {
    slots: Vec<Option<Result<Frame, QueryError>>>,
    uses: Vec<u32>,
    /// Values of frames handed out for good since last asked.
    released: usize,
}

impl Frames {
    /// For the nodes of a plan, of which each is wanted so often.
    pub(super) fn new(uses: Vec<u32>) -> Self {
        Self { slots: uses.iter().map(|_| None).collect(), uses, released: 0 }
    }

    /// Keeps what a node gave.
    pub(super) fn put(&mut self, at: usize, frame: Result<Frame, QueryError>) {
        self.slots[at] = Some(frame);
    }

    /// What a node gave; for good when nobody else wants it.
    pub(super) fn take(&mut self, node: NodeId) -> Result<Frame, QueryError> {
        let at = node.0 as usize;
        self.uses[at] -= 1;
        let is_last = self.uses[at] == 0;
        let slot = if is_last { self.slots[at].take() } else { self.slots[at].clone() };
        if let (true, Some(Ok(frame))) = (is_last, &slot) {
            self.released += frame.value_count();
        }
        slot.expect("nodes point backwards, and every use is counted")
    }

    /// Values handed out for good since this was last asked.
    pub(super) fn released(&mut self) -> usize {
        std::mem::take(&mut self.released)
    }
}
