//! Eight clients at once who ask without a pause: how long each waits, and what an answer costs then.

use super::classes::Instance;
use super::theirs;
use crate::peer::Peer;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Clients.
const CLIENTS: usize = 8;
/// A session ends after so many answers, or this time: what is slow has fewer.
const ANSWERS_MAX: usize = 160;

/// How long clients waited, and what the answers cost.
#[derive(Default, Clone)]
pub struct Waits {
    waits: Vec<Duration>,
    cpu_seconds: f64,
}

impl Waits {
    /// What so many percent of the clients waited at most, in milliseconds.
    pub fn percentile_ms(&mut self, percent: usize) -> Option<f64> {
        self.waits.sort_unstable();
        let last = self.waits.len().checked_sub(1)?;
        Some(self.waits[last * percent / 100].as_secs_f64() * 1000.0)
    }

    /// Processor time an answer, in milliseconds.
    pub fn cpu_ms(&self) -> f64 {
        self.cpu_seconds * 1000.0 / self.waits.len().max(1) as f64
    }

    /// Adds a session: of every one the first answer of a client, which opens its connection, counts as well.
    pub fn session(
        &mut self,
        peer: &Peer,
        get: &(dyn Fn(&str) -> Result<String, String> + Sync),
        instances: &[Instance],
        time_max: Duration,
    ) -> Result<(), String> {
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Ok(Vec::new())));
        let (started, cpu_before) = (Instant::now(), peer.cost().cpu_seconds);
        let client = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= ANSWERS_MAX || at >= CLIENTS && started.elapsed() > time_max {
                    return;
                }
                let asked = Instant::now();
                let answer = theirs::answer(get, &instances[at % instances.len()]);
                let wait = asked.elapsed();
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                match (&mut *found, answer) {
                    (Ok(waits), Ok(_)) => waits.push(wait),
                    (_, Err(why)) => *found = Err(why),
                    (Err(_), Ok(_)) => {}
                }
            }
        };
        std::thread::scope(|scope| (0..CLIENTS).for_each(|_| drop(scope.spawn(client))));
        self.cpu_seconds += peer.cost().cpu_seconds - cpu_before;
        let found: Result<Vec<Duration>, String> = found.into_inner().map_err(|e| e.to_string())?;
        self.waits.extend(found?);
        Ok(())
    }
}
