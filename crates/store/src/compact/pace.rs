//! How fast the work behind the scenes goes: in small steps, with rests in between, so that it takes no more than its
//! share of a processor core.

use super::join::JoinError;
use crate::store::Shared;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Work goes on for so long before it rests.
const SLICE: Duration = Duration::from_millis(5);
/// With more windows than this to do, work does not rest: it would never catch up.
const BEHIND_MAX: usize = 48;

/// How many wait for the work to be over, so that it hurries.
#[derive(Debug, Default)]
pub(crate) struct Waiting(AtomicUsize);

impl Waiting {
    /// Somebody waits as long as the result lives.
    pub(crate) fn wait(&self) -> Wait<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Wait(self)
    }

    fn is_any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// See [`Waiting::wait`].
pub(crate) struct Wait<'a>(&'a Waiting);

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The pace of one piece of work.
pub(crate) struct Pace<'a> {
    shared: &'a Shared,
    /// Rest for so many times as long as it worked.
    rest_ratio: f64,
    /// When a seal will be due.
    seal_due_ms: i64,
    since: Instant,
}

impl Shared {
    /// The pace for work begun at `now_ms`, when so many windows are to be done.
    pub(crate) fn pace(&self, now_ms: i64, behind: usize) -> Pace<'_> {
        let rests = self.options.background && behind <= BEHIND_MAX;
        let percent = f64::from(self.options.background_cpu_percent.clamp(1, 100));
        let span_ms = crate::options::millis(self.options.block_span);
        let late_ms = crate::options::millis(self.options.late_window);
        let next_ms =
            now_ms.saturating_sub(late_ms).div_euclid(span_ms).saturating_add(1).saturating_mul(span_ms);
        Pace {
            shared: self,
            rest_ratio: if rests { 100.0 / percent - 1.0 } else { 0.0 },
            seal_due_ms: next_ms.saturating_add(late_ms),
            since: Instant::now(),
        }
    }
}

impl Pace<'_> {
    /// Between two steps: rests when it is time to. An error when the store is being closed.
    pub(crate) fn step(&mut self) -> Result<(), JoinError> {
        if self.shared.stopped.get().is_some() {
            return Err(JoinError::Interrupted);
        }
        let worked = self.since.elapsed();
        if worked < SLICE {
            return Ok(());
        }
        // What waits for this work must not wait for its rests as well.
        let hurry = self.shared.waiting.is_any() || self.shared.options.clock.now_ms() >= self.seal_due_ms;
        if self.rest_ratio > 0.0 && !hurry && !self.shared.bell.rest(worked.mul_f64(self.rest_ratio)) {
            return Err(JoinError::Interrupted);
        }
        self.since = Instant::now();
        Ok(())
    }
}
