//! How the collectors stand, for whoever asks.

use model::{Standing, Standings};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One line for each collector, in the order they run.
#[derive(Debug)]
pub struct Board(Mutex<Vec<Standing>>);

impl Board {
    pub(super) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        let standing =
            |name: &str| Standing { part: "collector", name: name.to_owned(), ..Standing::default() };
        Self(Mutex::new(names.map(standing).collect()))
    }

    /// Notes a pass of the collector at `at`. Allocates nothing.
    pub(super) fn note(&self, at: usize, now_ms: i64, took: Duration, samples: u64, problem: Option<String>) {
        if let Some(standing) = self.lock().get_mut(at) {
            standing.last_ms = Some(now_ms);
            standing.took_us = took.as_micros() as u64;
            standing.samples = samples;
            standing.problem = problem.unwrap_or_default();
        }
    }

    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Vec<Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings for Board {
    fn standings(&self) -> Vec<Standing> {
        self.lock().clone()
    }
}
