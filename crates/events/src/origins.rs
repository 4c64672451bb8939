//! How far each agent's stream is written, so that a frame sent again changes nothing.

use model::Origin;
use std::collections::{HashMap, VecDeque};

/// Most streams remembered; an agent starts one every ten minutes, and repeats what it sent last.
const STREAMS_MAX: usize = 1 << 16;

/// The last frame of each stream that is written.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    frames: HashMap<u64, u64>,
    /// The streams in the order they came.
    order: VecDeque<u64>,
}

impl Origins {
    /// Whether this place or a later one of its stream is written.
    pub(crate) fn knows(&self, origin: Origin) -> bool {
        self.frames.get(&origin.stream).is_some_and(|&frame| origin.frame <= frame)
    }

    /// Remembers a place that is written.
    pub(crate) fn add(&mut self, origin: Origin) {
        let known = self.frames.get_mut(&origin.stream);
        if let Some(frame) = known {
            *frame = origin.frame.max(*frame);
            return;
        }
        if self.order.len() == STREAMS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.frames.remove(&oldest);
        }
        self.order.push_back(origin.stream);
        self.frames.insert(origin.stream, origin.frame);
    }
}
