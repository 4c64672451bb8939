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
    /// Most memories; the one not used for longest is forgotten.
    pub(crate) memories_max: usize,
    /// Largest memory, which is forgotten when it grows beyond. A series takes about twice the length of its
    /// labels.
    pub(crate) one_bytes_max: usize,
    /// Most bytes of all memories together.
    pub(crate) all_bytes_max: usize,
}

impl Default for Limits {
    /// For a hundred thousand series of one sender.
    fn default() -> Self {
        Self { memories_max: 1024, one_bytes_max: 64 << 20, all_bytes_max: 128 << 20 }
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
static FORGETFUL: Counter = Counter::new(
    "windhover_ingest_senders_forgetful_total",
    "Remote-write requests read without memory: descriptions, broken ones, too many of one sender at once.",
);

/// The table's own numbers.
pub(crate) static TELEMETRY: [Item; 3] =
    [Item::Gauge(&REMEMBERED), Item::Counter(&FORGOTTEN), Item::Counter(&FORGETFUL)];

/// Who sends: the address, and the query, which may add labels. A mix-up of two costs time and nothing else.
pub(crate) type Key = (Option<IpAddr>, u64);

/// Memories that one sender may have at once: one for each connection on which it speaks at the same time.
pub(crate) const LANES_MAX: usize = 4;

/// One of a sender's memories.
type Lane = (Key, usize);

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
    entries: HashMap<Lane, Entry>,
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
    /// wait for each other: each has a lane of its own, as far as there are any.
    pub(crate) fn decode<T>(
        &self,
        key: Key,
        input: &[u8],
        context: &Context<'_>,
        take: impl FnOnce(&Batch, Report) -> T,
    ) -> T {
        for lane in (0..LANES_MAX).map(|lane| (key, lane)) {
            let shared = self.enter(lane);
            let Some(mut sender) = lock_if_free(&shared) else { continue };
            let Some(report) = sender.decode(input, context) else { break };
            let taken = take(sender.batch(), report);
            self.leave(lane, sender.memory_bytes());
            return taken;
        }
        plain(input, context, take)
    }

    fn enter(&self, lane: Lane) -> Arc<Mutex<Sender>> {
        let mut inner = self.lock();
        if !inner.entries.contains_key(&lane) && inner.entries.len() >= self.limits.memories_max.max(1) {
            inner.forget_oldest();
        }
        inner.uses += 1;
        let used = inner.uses;
        let entry = inner.entries.entry(lane).or_default();
        entry.used = used;
        Arc::clone(&entry.sender)
    }

    /// Notes how much memory a sender holds after a request, and makes room when all hold too much.
    fn leave(&self, lane: Lane, memory_bytes: usize) {
        let mut inner = self.lock();
        let Some(entry) = inner.entries.get_mut(&lane) else { return };
        let before = std::mem::replace(&mut entry.memory_bytes, memory_bytes);
        inner.memory_bytes = inner.memory_bytes - before + memory_bytes;
        if memory_bytes > self.limits.one_bytes_max {
            inner.forget(lane);
        }
        while inner.memory_bytes > self.limits.all_bytes_max {
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
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(&lane, _)| lane);
        if let Some(lane) = oldest {
            self.forget(lane);
        }
    }

    fn forget(&mut self, lane: Lane) {
        if let Some(entry) = self.entries.remove(&lane) {
            self.memory_bytes -= entry.memory_bytes;
            FORGOTTEN.add(1);
        }
    }
}

/// The memory, unless a request is using it. What a panic left half done is forgotten.
fn lock_if_free(shared: &Mutex<Sender>) -> Option<MutexGuard<'_, Sender>> {
    match shared.try_lock() {
        Ok(sender) => Some(sender),
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Poisoned(poisoned)) => {
            let mut sender = poisoned.into_inner();
            *sender = Sender::default();
            shared.clear_poison();
            Some(sender)
        }
    }
}

fn plain<T>(input: &[u8], context: &Context<'_>, take: impl FnOnce(&Batch, Report) -> T) -> T {
    FORGETFUL.add(1);
    let mut batch = Batch::new();
    let report = remote_write::decode(input, context, &mut batch);
    take(&batch, report)
}

#[cfg(test)]
mod tests;
