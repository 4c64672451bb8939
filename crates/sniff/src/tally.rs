//! What was heard: counts by client and operation, times by operation, all in bounded tables.
//!
//! What does not fit into a table is counted under `other`, so that sums stay right.

mod forget;
mod rows;

use crate::limits::{CODES_MAX, NAME_BYTES_MAX, OPERATIONS_MAX, PAIRS_MAX, PEERS_MAX};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
pub(crate) use rows::{Code, Finished, Operation, Pair, Peer};
pub use rows::{Counts, Service};
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
    /// The service of a port, protocol and container; the same as before when it was known.
    pub(crate) fn service(&mut self, port: u16, protocol: &'static str, container: &str) -> ServiceId {
        let is_it = |s: &Service| s.port == port && s.protocol == protocol && s.container == container;
        let at = self.services.iter().position(is_it).unwrap_or_else(|| {
            self.services.push(Service {
                port,
                protocol,
                container: container.to_owned(),
                ..Service::default()
            });
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
