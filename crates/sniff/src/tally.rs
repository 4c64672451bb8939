//! What was heard: counts by client and operation, times by operation, all in bounded tables.
//!
//! What does not fit into a table is counted under `other`, so that sums stay right.

use crate::limits::{CODES_MAX, NAME_BYTES_MAX, OPERATIONS_MAX, PAIRS_MAX, PEERS_MAX};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;
use std::net::Ipv6Addr;
use stdx::sketch::Sketch;

/// The name of what has no room of its own.
pub const OTHER: &str = "other";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ServiceId(pub(crate) u16);
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PeerId(pub(crate) u16);
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OperationId(pub(crate) u32);

/// What clients have in common that found no room.
const OTHER_PEER: PeerId = PeerId(0);

/// A watched port, with what is counted of it as a whole. All counts grow from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// TCP port.
    pub port: u16,
    /// Name of its protocol.
    pub protocol: &'static str,
    /// Connections that were seen.
    pub connections: u64,
    /// Connections that are encrypted and tell nothing.
    pub encrypted: u64,
    /// Messages that are compressed and tell nothing but their size.
    pub compressed: u64,
    /// Messages the server sent on its own account.
    pub pushed: u64,
    /// Requests whose answer was not seen.
    pub unanswered: u64,
    /// Answers whose request was not seen.
    pub unasked: u64,
    /// Bytes on the wire that are not in the capture.
    pub unseen_bytes: u64,
    /// Bytes in the capture that no message could be made of.
    pub unread_bytes: u64,
}

/// What was asked.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) service: ServiceId,
    /// Name, a zero byte, target.
    key: Box<[u8]>,
    /// Times in seconds since the last flush.
    pub(crate) times: Sketch,
    pub(crate) slowest_ns: u64,
    pub(crate) idle_flushes: u32,
    pub(crate) has_news: bool,
    pub(crate) is_free: bool,
}

impl Operation {
    /// Name and target.
    pub(crate) fn names(&self) -> (&str, &str) {
        let text = std::str::from_utf8(&self.key).expect("made of text");
        text.split_once('\0').expect("name and target")
    }
}

/// Counts of one client and one operation; they grow from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were answered, or need no answer.
    pub requests: u64,
    /// Those among them that failed.
    pub errors: u64,
    /// Bytes of requests on the wire, without headers of TCP and IP.
    pub request_bytes: u64,
    /// Bytes of answers.
    pub response_bytes: u64,
    /// From the first byte of requests to the last of their answers, in nanoseconds.
    pub took_ns: u64,
}

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) peer: PeerId,
    pub(crate) operation: OperationId,
    pub(crate) counts: Counts,
    pub(crate) idle_flushes: u32,
    pub(crate) has_news: bool,
    pub(crate) is_free: bool,
}

#[derive(Debug)]
pub(crate) struct Peer {
    address: u128,
    pub(crate) text: String,
    idle_flushes: u32,
    is_free: bool,
}

#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) service: ServiceId,
    pub(crate) text: Box<str>,
    pub(crate) count: u64,
}

/// A request and its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finished<'a> {
    pub(crate) peer: PeerId,
    pub(crate) operation: OperationId,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) took_ns: u64,
    pub(crate) error: Option<&'a [u8]>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Tally {
    pub(crate) services: Vec<Service>,
    pub(crate) operations: Vec<Operation>,
    operation_table: HashTable<u32>,
    operations_free: Vec<u32>,
    pub(crate) pairs: Vec<Pair>,
    pair_table: HashMap<(u16, u32), u32>,
    pairs_free: Vec<u32>,
    pub(crate) peers: Vec<Peer>,
    peer_table: HashMap<u128, u16>,
    peers_free: Vec<u16>,
    pub(crate) codes: Vec<Code>,
    hasher: DefaultHashBuilder,
    /// Requests that were counted under `other` for want of room.
    pub(crate) folded: u64,
    /// Something was added or forgotten since the last flush.
    pub(crate) has_changed: bool,
}

impl Default for Tally {
    fn default() -> Self {
        let other = Peer { address: 0, text: OTHER.to_owned(), idle_flushes: 0, is_free: false };
        Self {
            services: Vec::new(),
            operations: Vec::new(),
            operation_table: HashTable::new(),
            operations_free: Vec::new(),
            pairs: Vec::new(),
            pair_table: HashMap::new(),
            pairs_free: Vec::new(),
            peers: vec![other],
            peer_table: HashMap::new(),
            peers_free: Vec::new(),
            codes: Vec::new(),
            hasher: DefaultHashBuilder::default(),
            folded: 0,
            has_changed: false,
        }
    }
}

impl Tally {
    /// The service of a port and protocol; the same as before when it was known.
    pub(crate) fn service(&mut self, port: u16, protocol: &'static str) -> ServiceId {
        let known = self.services.iter().position(|s| s.port == port && s.protocol == protocol);
        let at = known.unwrap_or_else(|| {
            self.services.push(Service { port, protocol, ..Service::default() });
            self.has_changed = true;
            self.services.len() - 1
        });
        ServiceId(at as u16)
    }

    #[inline]
    pub(crate) fn service_mut(&mut self, service: ServiceId) -> &mut Service {
        &mut self.services[usize::from(service.0)]
    }

    /// Watched ports, in the order they were first watched.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Requests that were counted under `other` for want of room.
    pub fn folded(&self) -> u64 {
        self.folded
    }

    /// The client of this address.
    pub(crate) fn peer(&mut self, address: u128) -> PeerId {
        if let Some(known) = self.peer_table.get(&address) {
            self.peers[usize::from(*known)].idle_flushes = 0;
            return PeerId(*known);
        }
        let text = Ipv6Addr::from_bits(address).to_canonical().to_string();
        let peer = Peer { address, text, idle_flushes: 0, is_free: false };
        let at = match self.peers_free.pop() {
            Some(free) => {
                self.peers[usize::from(free)] = peer;
                free
            }
            None if self.peers.len() <= PEERS_MAX => {
                self.peers.push(peer);
                (self.peers.len() - 1) as u16
            }
            None => return OTHER_PEER,
        };
        self.peer_table.insert(address, at);
        PeerId(at)
    }

    /// A client that has a connection is not forgotten.
    pub(crate) fn keep_peer(&mut self, peer: PeerId) {
        self.peers[usize::from(peer.0)].idle_flushes = 0;
    }

    /// The operation of this name on this target. What is no text becomes text.
    #[inline]
    pub(crate) fn operation(&mut self, service: ServiceId, name: &[u8], target: &[u8]) -> OperationId {
        let (name, target) =
            (&name[..name.len().min(NAME_BYTES_MAX)], &target[..target.len().min(NAME_BYTES_MAX)]);
        let hash = self.hasher.hash_one((service.0, name, target));
        let operations = &self.operations;
        let found = self.operation_table.find(hash, |at| {
            let operation = &operations[*at as usize];
            let key = &*operation.key;
            operation.service == service
                && key.len() == name.len() + 1 + target.len()
                && key.starts_with(name)
                && key[name.len()] == 0
                && key.ends_with(target)
        });
        match found {
            Some(at) => OperationId(*at),
            None => self.new_operation(service, name, target),
        }
    }

    #[cold]
    fn new_operation(&mut self, service: ServiceId, name: &[u8], target: &[u8]) -> OperationId {
        let [clean_name, clean_target] = [name, target].map(text);
        if clean_name.as_bytes() != name || clean_target.as_bytes() != target {
            return self.operation(service, clean_name.as_bytes(), clean_target.as_bytes());
        }
        // Each service may have one more, for all that find no room.
        if self.operations.len() - self.operations_free.len() >= OPERATIONS_MAX && name != OTHER.as_bytes() {
            self.folded += 1;
            return self.operation(service, OTHER.as_bytes(), b"");
        }
        let key = [name, target].join(&0).into_boxed_slice();
        let operation = Operation {
            service,
            key,
            times: Sketch::default(),
            slowest_ns: 0,
            idle_flushes: 0,
            has_news: false,
            is_free: false,
        };
        let at = match self.operations_free.pop() {
            Some(free) => {
                self.operations[free as usize] = operation;
                free
            }
            None => {
                self.operations.push(operation);
                (self.operations.len() - 1) as u32
            }
        };
        let hash = self.hasher.hash_one((service.0, name, target));
        let (operations, hasher) = (&self.operations, &self.hasher);
        self.operation_table.insert_unique(hash, at, |at| hash_of(hasher, &operations[*at as usize]));
        self.has_changed = true;
        OperationId(at)
    }

    /// Counts a request with its answer.
    #[inline]
    pub(crate) fn finished(&mut self, service: ServiceId, finished: &Finished<'_>) {
        self.told(service, finished);
        let operation = &mut self.operations[finished.operation.0 as usize];
        operation.times.add(finished.took_ns as f64 / 1e9, 1);
        operation.slowest_ns = operation.slowest_ns.max(finished.took_ns);
        if let Some(code) = finished.error {
            self.error(service, code);
        }
    }

    /// Counts a request that has no answer.
    #[inline]
    pub(crate) fn told(&mut self, service: ServiceId, finished: &Finished<'_>) {
        let pair = self.pair(service, finished.peer, finished.operation);
        pair.has_news = true;
        let counts = &mut pair.counts;
        counts.requests += 1;
        counts.errors += u64::from(finished.error.is_some());
        counts.request_bytes += finished.request_bytes;
        counts.response_bytes += finished.response_bytes;
        counts.took_ns += finished.took_ns;
        self.operations[finished.operation.0 as usize].has_news = true;
    }

    #[inline]
    fn pair(&mut self, service: ServiceId, peer: PeerId, operation: OperationId) -> &mut Pair {
        match self.pair_table.get(&(peer.0, operation.0)) {
            Some(at) => &mut self.pairs[*at as usize],
            None => self.new_pair(service, peer, operation),
        }
    }

    #[cold]
    fn new_pair(&mut self, service: ServiceId, peer: PeerId, operation: OperationId) -> &mut Pair {
        let mut key = (peer, operation);
        if self.pairs.len() - self.pairs_free.len() >= PAIRS_MAX {
            self.folded += 1;
            key = (OTHER_PEER, self.operation(service, OTHER.as_bytes(), b""));
            if let Some(at) = self.pair_table.get(&(key.0.0, key.1.0)) {
                return &mut self.pairs[*at as usize];
            }
        }
        let (peer, operation) = key;
        let pair = Pair {
            peer,
            operation,
            counts: Counts::default(),
            idle_flushes: 0,
            has_news: false,
            is_free: false,
        };
        let at = match self.pairs_free.pop() {
            Some(free) => {
                self.pairs[free as usize] = pair;
                free
            }
            None => {
                self.pairs.push(pair);
                (self.pairs.len() - 1) as u32
            }
        };
        self.pair_table.insert((peer.0, operation.0), at);
        self.has_changed = true;
        &mut self.pairs[at as usize]
    }

    #[cold]
    fn error(&mut self, service: ServiceId, code: &[u8]) {
        let text = text(&code[..code.len().min(NAME_BYTES_MAX)]);
        let known = self.codes.iter().position(|known| known.service == service && *known.text == *text);
        let at = known.unwrap_or_else(|| self.new_code(service, &text));
        self.codes[at].count += 1;
    }

    fn new_code(&mut self, service: ServiceId, text: &str) -> usize {
        let text = if self.codes.len() >= CODES_MAX { OTHER } else { text };
        let known = self.codes.iter().position(|known| known.service == service && *known.text == *text);
        known.unwrap_or_else(|| {
            self.codes.push(Code { service, text: text.into(), count: 0 });
            self.has_changed = true;
            self.codes.len() - 1
        })
    }

    /// Forgets pairs, operations and clients that were silent for so many flushes.
    pub(crate) fn forget(&mut self, idle_flushes_max: u32) {
        for (at, pair) in self.pairs.iter_mut().enumerate().filter(|(_, pair)| !pair.is_free) {
            pair.idle_flushes = if pair.has_news { 0 } else { pair.idle_flushes + 1 };
            pair.has_news = false;
            if pair.idle_flushes > idle_flushes_max {
                pair.is_free = true;
                self.pair_table.remove(&(pair.peer.0, pair.operation.0));
                self.pairs_free.push(at as u32);
                self.has_changed = true;
            } else {
                self.peers[usize::from(pair.peer.0)].idle_flushes = 0;
            }
        }
        self.forget_operations(idle_flushes_max);
        self.forget_peers(idle_flushes_max);
    }

    fn forget_operations(&mut self, idle_flushes_max: u32) {
        for at in 0..self.operations.len() {
            let operation = &mut self.operations[at];
            operation.idle_flushes = if operation.has_news { 0 } else { operation.idle_flushes + 1 };
            operation.has_news = false;
            operation.times.clear();
            operation.slowest_ns = 0;
            // Later than its pairs, which name it.
            if operation.is_free || operation.idle_flushes <= idle_flushes_max + 1 {
                continue;
            }
            operation.is_free = true;
            operation.times = Sketch::default();
            let hash = hash_of(&self.hasher, &self.operations[at]);
            if let Ok(entry) = self.operation_table.find_entry(hash, |found| *found == at as u32) {
                entry.remove();
            }
            self.operations_free.push(at as u32);
            self.has_changed = true;
        }
    }

    fn forget_peers(&mut self, idle_flushes_max: u32) {
        for at in 1..self.peers.len() {
            let peer = &mut self.peers[at];
            peer.idle_flushes += 1;
            if !peer.is_free && peer.idle_flushes > idle_flushes_max + 2 {
                peer.is_free = true;
                self.peer_table.remove(&peer.address);
                self.peers_free.push(at as u16);
            }
        }
    }
}

fn hash_of(hasher: &DefaultHashBuilder, operation: &Operation) -> u64 {
    let (name, target) = operation.names();
    hasher.hash_one((operation.service.0, name.as_bytes(), target.as_bytes()))
}

/// Bytes as text that can be a label: what is no UTF-8, and what cannot be printed, becomes `?`.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut clean: String =
        text.chars().map(|c| if c.is_control() || c == '\u{fffd}' { '?' } else { c }).collect();
    while clean.len() > NAME_BYTES_MAX {
        clean.pop();
    }
    clean
}
