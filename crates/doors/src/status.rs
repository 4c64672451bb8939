//! How a door stands, written by its thread and read by whoever asks.

use crate::reactor::Addresses;
use crate::service::Told;
use model::Standing;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The standing of one door.
#[derive(Debug)]
pub(crate) struct Status {
    name: &'static str,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    told: Told,
    /// Why it does not listen; empty when it does.
    unbound: String,
    addresses: Addresses,
    lost: u64,
}

impl Status {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, inner: Mutex::default() }
    }

    /// It could not take its addresses.
    pub(crate) fn fail(&self, why: String) {
        self.lock().unbound = why;
    }

    /// It listens.
    pub(crate) fn listens(&self, addresses: Addresses) {
        let mut inner = self.lock();
        inner.unbound.clear();
        inner.addresses = addresses;
    }

    /// What its service tells, and datagrams the kernel threw away since the last time.
    pub(crate) fn set(&self, told: Told, lost: u64) {
        let mut inner = self.lock();
        inner.told = told;
        inner.lost = lost;
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> Addresses {
        self.lock().addresses.clone()
    }

    pub(crate) fn standing(&self) -> Standing {
        let inner = self.lock();
        let Told { last_ms, took_us, samples, problem } = inner.told.clone();
        let problem = match (inner.unbound.as_str(), inner.lost) {
            ("", 0) => problem,
            ("", lost) => {
                format!("{lost} datagrams were lost, as they came faster than they could be taken; {problem}")
            }
            (unbound, _) => unbound.to_owned(),
        };
        let problem = problem.trim_end_matches("; ").to_owned();
        Standing { part: "door", name: self.name.to_owned(), last_ms, took_us, samples, problem }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
