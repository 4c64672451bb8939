//! Whether it is worth reading the idle processes: when the host used CPU time that nobody else explains. Pure.

/// CPU time of the host that needs no explanation: so much (the kernel's two ways of counting differ) and such a part
/// of what is explained.
const UNEXPLAINED_TICKS: u64 = 2;
const UNEXPLAINED_SHARE: u64 = 8;
/// Most passes that unexplained use is let be when it is not of processes that stay: programs too short-lived to be
/// seen. Less than the turns of the idle take, so that a process that wakes up is never noticed later than by its turn.
const UNFOUNDED_MAX: u32 = 3;

/// Whether an idle process may have woken up.
#[derive(Debug, Default)]
pub(super) struct Suspicion {
    /// Times in a row that it was unfounded.
    unfounded: u32,
    /// Passes still to let go by for that.
    rest: u32,
}

impl Suspicion {
    /// Whether the CPU time the host used (if known) is more than the processes that were read explain.
    pub(super) fn arises(&mut self, used: Option<u64>, explained: u64) -> bool {
        let Some(used) = used else { return true };
        let tolerated = explained / UNEXPLAINED_SHARE + UNEXPLAINED_TICKS;
        if used.saturating_sub(explained) <= tolerated {
            *self = Self::default();
            return false;
        }
        let is_resting = self.rest > 0;
        self.rest = self.rest.saturating_sub(1);
        !is_resting
    }

    /// Notes how much the idle processes turned out to have used.
    pub(super) fn settle(&mut self, found: u64) {
        self.unfounded = if found > UNEXPLAINED_TICKS { 0 } else { UNFOUNDED_MAX.min(self.unfounded + 1) };
        self.rest = self.unfounded;
    }
}
