//! The store's own threads: one forces the log onto the medium within the interval, one does the work behind the
//! scenes (`work.rs`).

use crate::store::Shared;
use crate::{Error, Sync};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Tells a thread that there is something to do, or that it is over.
#[derive(Default)]
pub(crate) struct Bell {
    state: Mutex<Ring>,
    changed: Condvar,
}

#[derive(Default)]
struct Ring {
    rung: bool,
    over: bool,
}

impl Bell {
    /// There is something to do.
    pub(crate) fn ring(&self) {
        let mut ring = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !ring.rung {
            ring.rung = true;
            self.changed.notify_all();
        }
    }

    fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.changed.notify_all();
    }

    /// Waits until it is rung; false when it is over.
    fn wait(&self) -> bool {
        let mut ring = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !ring.rung && !ring.over {
            ring = self.changed.wait(ring).unwrap_or_else(PoisonError::into_inner);
        }
        ring.rung = false;
        !ring.over
    }

    /// Waits until the time is up; false when it is over before.
    pub(crate) fn rest(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut ring = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if ring.over || left.is_zero() {
                return !ring.over;
            }
            ring = self.changed.wait_timeout(ring, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The running threads.
pub(crate) struct Workers(Vec<JoinHandle<()>>);

impl Workers {
    pub(crate) fn start(shared: &Arc<Shared>) -> Result<Self, Error> {
        let mut threads = Vec::new();
        if let Sync::Interval(interval) = shared.options.sync {
            let shared = Arc::clone(shared);
            let run = move || sync_within(&shared, interval);
            threads.push(thread::Builder::new().name("store-sync".to_owned()).spawn(run)?);
        }
        let work = {
            let shared = Arc::clone(shared);
            move || work_every_second(&shared)
        };
        threads.push(thread::Builder::new().name("store-work".to_owned()).spawn(work)?);
        Ok(Self(threads))
    }

    /// Ends the threads and waits for them.
    pub(crate) fn stop(self, shared: &Shared) {
        shared.bell.end();
        for thread in self.0 {
            if thread.join().is_err() {
                shared.stop_writing("a thread of the store ended in a panic");
            }
        }
    }
}

/// What is written is synced at most `interval` later; without writes the thread sleeps.
fn sync_within(shared: &Shared, interval: Duration) {
    while shared.bell.wait() && shared.bell.rest(interval) {
        if shared.flush().is_err() {
            return; // told; nothing is taken any more
        }
    }
}

/// Work that panics stops the store: what it left undone is not known.
fn work_every_second(shared: &Shared) {
    while shared.bell.rest(Duration::from_secs(1)) {
        let now_ms = shared.options.clock.now_ms();
        // A failure was told and counted.
        if std::panic::catch_unwind(AssertUnwindSafe(|| shared.tick(now_ms))).is_err() {
            shared.stop_writing("work behind the scenes ended in a panic");
            return;
        }
    }
}
