//! Leases within one process, for tests.

use crate::leases::{Entry, Error, Lease, Leases, Value};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
struct State {
    /// By group and name.
    entries: BTreeMap<(String, String), Entry>,
    revision: u64,
    is_away: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
    changed: Condvar,
}

impl Memory {
    /// Nobody answers from here on, or somebody does again.
    pub fn set_away(&self, is_away: bool) {
        self.lock().is_away = is_away;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(
        &self,
        (group, name): (&str, &str),
        value: Option<&Value>,
        may: impl Fn(&Entry) -> bool,
    ) -> Result<u64, Error> {
        let mut state = self.lock();
        if state.is_away {
            return Err(Error::Away("it is away".to_owned()));
        }
        let key = (group.to_owned(), name.to_owned());
        if let Some(entry) = state.entries.get(&key).filter(|entry| entry.value.is_some() && !may(entry)) {
            return Err(Error::Held(Box::new(entry.clone())));
        }
        state.revision += 1;
        let revision = state.revision;
        state.entries.insert(key, Entry { name: name.to_owned(), revision, value: value.cloned() });
        drop(state);
        self.changed.notify_all();
        Ok(revision)
    }
}

/// Whether an entry is of this instance.
pub(crate) fn is_of(entry: &Entry, value: &Value) -> bool {
    entry.value.as_ref().is_some_and(|its| its.instance == value.instance)
}

impl Leases for Memory {
    fn register(&self, group: &str, name: &str, value: &Value, over: Option<u64>) -> Result<Lease, Error> {
        let may = |entry: &Entry| is_of(entry, value) || over == Some(entry.revision);
        let revision = self.write((group, name), Some(value), may)?;
        Ok(Lease { group: group.to_owned(), name: name.to_owned(), value: value.clone(), revision })
    }

    fn renew(&self, lease: &mut Lease) -> Result<(), Error> {
        let may = |entry: &Entry| is_of(entry, &lease.value);
        lease.revision = self.write((&lease.group, &lease.name), Some(&lease.value), may)?;
        Ok(())
    }

    fn release(&self, lease: &Lease) -> Result<(), Error> {
        self.write((&lease.group, &lease.name), None, |entry| is_of(entry, &lease.value)).map(|_| ())
    }

    fn list(&self, group: &str) -> Result<Vec<Entry>, Error> {
        let state = self.lock();
        if state.is_away {
            return Err(Error::Away("it is away".to_owned()));
        }
        let entries = state.entries.iter().filter(|((its, _), _)| its == group);
        Ok(entries.map(|(_, entry)| entry.clone()).collect())
    }

    fn wait(&self, _: &str, wait: Duration) {
        drop(self.changed.wait_timeout(self.lock(), wait));
    }

    fn wake(&self) {
        self.changed.notify_all();
    }
}
