//! The streams by their keys, the one unused for longest first in line to be forgotten.

use super::{FORGOTTEN, Limits, MEMORY, SESSIONS, Session};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wire::protocols::native::AgentId;

/// What a stream is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) agent: AgentId,
    pub(super) stream: u64,
}

/// The turn of an entry that was not used yet; those used start at 1.
const NEVER: u64 = 0;

#[derive(Debug)]
struct Entry {
    session: Arc<Mutex<Session>>,
    /// Its place in `Inner::by_use`.
    turn: u64,
    used_ms: i64,
    memory_bytes: usize,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<Key, Entry>,
    by_use: BTreeMap<u64, Key>,
    /// The streams of each agent, the one used last at the end.
    by_agent: HashMap<AgentId, Vec<u64>>,
    turn: u64,
    memory_bytes: usize,
}

/// Streams shared by request threads; a stream's own lock is taken outside the table's.
#[derive(Debug)]
pub(super) struct Table {
    limits: Limits,
    inner: Mutex<Inner>,
}

impl Table {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, inner: Mutex::default() }
    }

    /// The stream of this key, made when it is not there and `create` says so; it is the youngest now.
    pub(super) fn enter(&self, key: Key, create: bool, now_ms: i64) -> Option<Arc<Mutex<Session>>> {
        let mut inner = self.lock();
        inner.forget_idle(now_ms.saturating_sub(self.limits.idle_ms_max));
        if !inner.entries.contains_key(&key) {
            if !create {
                return None;
            }
            while inner.entries.len() >= self.limits.sessions_max.max(1) {
                inner.forget_oldest();
            }
            inner.make_room_for(key.agent, self.limits.agent_sessions_max.max(1));
            inner.insert(key, now_ms);
        }
        let session = inner.touch(key, now_ms);
        inner.show();
        Some(session)
    }

    /// Notes how much memory a stream holds after a request, and makes room when all hold too much.
    pub(super) fn leave(&self, key: Key, memory_bytes: usize) {
        let mut inner = self.lock();
        let Some(entry) = inner.entries.get_mut(&key) else { return };
        let before = std::mem::replace(&mut entry.memory_bytes, memory_bytes);
        inner.memory_bytes = inner.memory_bytes - before + memory_bytes;
        while inner.memory_bytes > self.limits.memory_bytes_max && inner.entries.len() > 1 {
            inner.forget_oldest();
        }
        inner.show();
    }

    /// Forgets a stream that cannot go on.
    pub(super) fn remove(&self, key: Key) {
        let mut inner = self.lock();
        inner.remove(key);
        inner.show();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    // The table is whole whenever its lock is free, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn touch(&mut self, key: Key, now_ms: i64) -> Arc<Mutex<Session>> {
        self.turn += 1;
        let entry = self.entries.get_mut(&key).expect("the caller found or made it");
        self.by_use.remove(&entry.turn);
        self.by_use.insert(self.turn, key);
        entry.turn = self.turn;
        entry.used_ms = now_ms;
        let session = Arc::clone(&entry.session);
        // An agent speaks on two streams in turns, what is fresh and its backlog: the idle ones have to go.
        if let Some(streams) = self.by_agent.get_mut(&key.agent)
            && streams.last() != Some(&key.stream)
        {
            streams.retain(|stream| *stream != key.stream);
            streams.push(key.stream);
        }
        session
    }

    fn insert(&mut self, key: Key, now_ms: i64) {
        let fresh = Entry { session: Arc::default(), turn: NEVER, used_ms: now_ms, memory_bytes: 0 };
        self.entries.insert(key, fresh);
        self.by_agent.entry(key.agent).or_default().push(key.stream);
    }

    /// Forgets streams of an agent until it may have one more.
    fn make_room_for(&mut self, agent: AgentId, max: usize) {
        while let Some(streams) = self.by_agent.get(&agent).filter(|streams| streams.len() >= max) {
            self.remove(Key { agent, stream: streams[0] });
            FORGOTTEN.add(1);
        }
    }

    fn forget_idle(&mut self, before_ms: i64) {
        while let Some(key) = self.by_use.values().next() {
            if self.entries[key].used_ms >= before_ms {
                break;
            }
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(&key) = self.by_use.values().next() {
            self.remove(key);
            FORGOTTEN.add(1);
        }
    }

    fn remove(&mut self, key: Key) {
        if let Some(entry) = self.entries.remove(&key) {
            self.by_use.remove(&entry.turn);
            self.memory_bytes -= entry.memory_bytes;
            if let Some(streams) = self.by_agent.get_mut(&key.agent) {
                streams.retain(|&stream| stream != key.stream);
                if streams.is_empty() {
                    self.by_agent.remove(&key.agent);
                }
            }
        }
    }

    fn show(&self) {
        SESSIONS.set(self.entries.len() as f64);
        MEMORY.set(self.memory_bytes as f64);
    }
}
