//! What a walk over sockets adds up to, and what is known without one. Pure.

use super::{CLOSE_WAIT, ESTABLISHED, LISTEN, NEW_SYN_RECEIVED, STATES, SYN_RECEIVED, Socket, TIME_WAIT};

/// What the kernel has counted already. The states that are many need no walk then.
#[derive(Default)]
pub(super) struct Counted {
    /// Sockets in use, those in TIME_WAIT not among them.
    pub(super) tcp: u64,
    pub(super) time_wait: Option<u64>,
    /// In ESTABLISHED and CLOSE_WAIT.
    pub(super) established: Option<u64>,
}

/// What a walk over the sockets adds up to.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) states: [u64; STATES.len()],
    /// Port, connections waiting, and how many may; in order of port.
    pub(super) queues: Vec<(u16, u64, u64)>,
}

/// A walk over all sockets.
pub(super) struct Walked {
    pub(super) states: [u64; STATES.len()],
    /// Sockets in use, and those established, at that time.
    pub(super) tcp: u64,
    pub(super) established: Option<u64>,
    /// Passes since.
    pub(super) age: u32,
}

impl Counted {
    /// The states that are known, as bits.
    pub(super) fn states(&self) -> u32 {
        u32::from(self.time_wait.is_some()) << TIME_WAIT
            | u32::from(self.established.is_some()) << ESTABLISHED
    }
}

impl Tally {
    pub(super) fn clear(&mut self) {
        self.states = Default::default();
        self.queues.clear();
    }

    /// Adds what was not walked over because it is known.
    pub(super) fn add(&mut self, counted: &Counted, walked: u32) {
        let close_wait = self.states[usize::from(CLOSE_WAIT) - 1];
        let established = counted.established.map(|both| both.saturating_sub(close_wait));
        for (state, count) in [(TIME_WAIT, counted.time_wait), (ESTABLISHED, established)] {
            if let Some(count) = count.filter(|_| walked >> state & 1 == 0) {
                self.states[usize::from(state) - 1] = count;
            }
        }
    }

    pub(super) fn count(&mut self, socket: Socket) {
        let state = if socket.state == NEW_SYN_RECEIVED { SYN_RECEIVED } else { socket.state };
        let Some(count) = usize::from(state).checked_sub(1).and_then(|at| self.states.get_mut(at)) else {
            return;
        };
        *count += 1;
        if state != LISTEN {
            return;
        }
        let (length, limit) = (u64::from(socket.queue), u64::from(socket.queue_limit));
        // A port may be listened at by several sockets: addresses, families, workers.
        match self.queues.binary_search_by_key(&socket.port, |queue| queue.0) {
            Ok(at) => {
                self.queues[at].1 += length;
                self.queues[at].2 += limit;
            }
            Err(at) => self.queues.insert(at, (socket.port, length, limit)),
        }
    }
}
