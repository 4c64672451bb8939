//! A flag that wakes whoever waits for it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Asks a loop to end; share it by `Arc` or reference.
#[derive(Debug, Default)]
pub struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag for good and wakes all who wait.
    pub fn stop(&self) {
        *self.lock() = true;
        self.changed.notify_all();
    }

    /// Whether the flag is set.
    pub fn is_stopped(&self) -> bool {
        *self.lock()
    }

    /// Waits up to `time` for the flag; returns whether it is set. May return early.
    pub fn wait(&self, time: Duration) -> bool {
        let stopped = self.lock();
        if *stopped {
            return true;
        }
        *self.changed.wait_timeout(stopped, time).unwrap_or_else(PoisonError::into_inner).0
    }

    // A bool cannot be left half changed.
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
