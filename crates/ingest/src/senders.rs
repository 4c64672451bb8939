//! What is remembered of remote-write senders, so that the labels of a series are read once and not with every sample.
//! A sender that was forgotten is only dearer for a while: it is read like one that comes for the first time.

use model::{Batch, Report};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use stdx::telemetry::{Counter, Gauge, Item};
use wire::Context;
use wire::protocols::remote_write::{self, Sender};

/// How much is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most senders; the one not heard of for longest is forgotten.
    pub(crate) senders_max: usize,
    /// Most memory of one sender, which is forgotten when it takes more. A series takes about twice the length of its
    /// labels.
    pub(crate) sender_bytes_max: usize,
    /// Most memory of all senders together.
    pub(crate) memory_bytes_max: usize,
}

impl Default for Limits {
    /// For a hundred thousand series of one sender.
    fn default() -> Self {
        Self { senders_max: 1024, sender_bytes_max: 64 << 20, memory_bytes_max: 128 << 20 }
    }
}

static REMEMBERED: Gauge = Gauge::new(
    "windhover_ingest_senders_remembered_bytes",
    "Memory that holds what remote-write senders said before.",
);
static FORGOTTEN: Counter = Counter::new(
    "windhover_ingest_senders_forgotten_total",
    "Remote-write senders forgotten to make room for others.",
);
static CROWDED: Counter = Counter::new(
    "windhover_ingest_senders_crowded_total",
    "Remote-write requests read without memory, as another of the same sender was being read.",
);

/// The table's own numbers.
pub(crate) static TELEMETRY: [Item; 3] =
    [Item::Gauge(&REMEMBERED), Item::Counter(&FORGOTTEN), Item::Counter(&CROWDED)];

/// Who sends: the address, and the query, which may add labels. A mix-up of two costs time and nothing else.
pub(crate) type Key = (Option<IpAddr>, u64);

/// The key of a request.
pub(crate) fn key(peer: Option<IpAddr>, query: &str) -> Key {
    let mut hasher = DefaultHasher::new();
    query.hash(&mut hasher);
    (peer, hasher.finish())
}

#[derive(Debug, Default)]
struct Entry {
    sender: Arc<Mutex<Sender>>,
    used: u64,
    memory_bytes: usize,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<Key, Entry>,
    uses: u64,
    memory_bytes: usize,
}

/// Senders shared by request threads; a sender's own lock is taken outside the table's.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    limits: Limits,
    inner: Mutex<Inner>,
}

impl Senders {
    #[cfg(test)]
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, inner: Mutex::default() }
    }

    /// Decodes a request of a sender and hands the batch on. Requests of one sender that come at the same time do not
    /// wait for each other: one is read with the sender's memory, the others without.
    pub(crate) fn decode<T>(
        &self,
        key: Key,
        input: &[u8],
        context: &Context<'_>,
        take: impl FnOnce(&Batch, Report) -> T,
    ) -> T {
        let shared = self.enter(key);
        let mut sender = match shared.try_lock() {
            Ok(sender) => sender,
            Err(TryLockError::Poisoned(poisoned)) => {
                // Whoever panicked may have left it half done.
                let mut sender = poisoned.into_inner();
                *sender = Sender::default();
                shared.clear_poison();
                sender
            }
            Err(TryLockError::WouldBlock) => {
                CROWDED.add(1);
                return plain(input, context, take);
            }
        };
        let Some(report) = sender.decode(input, context) else {
            drop(sender);
            return plain(input, context, take);
        };
        let taken = take(sender.batch(), report);
        let memory_bytes = sender.memory_bytes();
        drop(sender);
        self.leave(key, memory_bytes);
        taken
    }

    fn enter(&self, key: Key) -> Arc<Mutex<Sender>> {
        let mut inner = self.lock();
        if !inner.entries.contains_key(&key) && inner.entries.len() >= self.limits.senders_max.max(1) {
            inner.forget_oldest();
        }
        inner.uses += 1;
        let used = inner.uses;
        let entry = inner.entries.entry(key).or_default();
        entry.used = used;
        Arc::clone(&entry.sender)
    }

    /// Notes how much memory a sender holds after a request, and makes room when all hold too much.
    fn leave(&self, key: Key, memory_bytes: usize) {
        let mut inner = self.lock();
        let Some(entry) = inner.entries.get_mut(&key) else { return };
        let before = std::mem::replace(&mut entry.memory_bytes, memory_bytes);
        inner.memory_bytes = inner.memory_bytes - before + memory_bytes;
        if memory_bytes > self.limits.sender_bytes_max {
            inner.forget(key);
        }
        while inner.memory_bytes > self.limits.memory_bytes_max {
            inner.forget_oldest();
        }
        REMEMBERED.set(inner.memory_bytes as f64);
    }

    // The table is whole whenever its lock is free, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_oldest(&mut self) {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(&key, _)| key);
        if let Some(key) = oldest {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(entry) = self.entries.remove(&key) {
            self.memory_bytes -= entry.memory_bytes;
            FORGOTTEN.add(1);
        }
    }
}

fn plain<T>(input: &[u8], context: &Context<'_>, take: impl FnOnce(&Batch, Report) -> T) -> T {
    let mut batch = Batch::new();
    let report = remote_write::decode(input, context, &mut batch);
    take(&batch, report)
}

#[cfg(test)]
mod tests;
