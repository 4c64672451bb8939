//! What lies between the reads and nodes of a plan.

use crate::{Frame, QueryError};
use lang::plan::NodeId;

/// What reads or nodes gave, kept only until the last node that wants it has it.
pub(super) struct Frames {
    slots: Vec<Option<Result<Frame, QueryError>>>,
    uses: Vec<u32>,
    /// Values of frames handed out for good since last asked.
    released: usize,
}

impl Frames {
    /// What reads gave, each wanted so often.
    pub(super) fn of(given: Vec<Result<Frame, QueryError>>, uses: Vec<u32>) -> Self {
        Self { slots: given.into_iter().map(Some).collect(), uses, released: 0 }
    }

    /// For the nodes of a plan, of which each is wanted so often.
    pub(super) fn new(uses: Vec<u32>) -> Self {
        Self { slots: uses.iter().map(|_| None).collect(), uses, released: 0 }
    }

    /// Keeps what a node gave.
    pub(super) fn put(&mut self, at: usize, frame: Result<Frame, QueryError>) {
        self.slots[at] = Some(frame);
    }

    /// What a node gave; for good when nobody else wants it.
    pub(super) fn of_node(&mut self, node: NodeId) -> Result<Frame, QueryError> {
        self.take(node.0 as usize)
    }

    /// What is at a place; for good when nobody else wants it.
    pub(super) fn take(&mut self, at: usize) -> Result<Frame, QueryError> {
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
