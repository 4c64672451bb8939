//! All connections to the watched ports: each frame finds its connection, its stream, its conversation.

use crate::capture::Frame;
use crate::conversation::{Conversation, Side};
use crate::exchange::{Exchanges, Record};
use crate::limits::{CONNECTIONS_MAX, HELD_BYTES_TOTAL_MAX, IDLE_NS_MAX, PORTS_MAX};
use crate::packet::{self, ACK, Endpoint, FIN, RST, SYN, Segment};
use crate::protocols::Row;
use crate::stream::Stream;
use crate::tally::{PeerId, ServiceId, Tally};
use crate::telemetry;
use hashbrown::HashMap;

/// A watched port.
#[derive(Clone, Copy)]
struct Watched {
    port: u16,
    row: &'static Row,
    service: ServiceId,
}

/// Client and server.
type Key = (Endpoint, Endpoint);

struct Connection {
    service: ServiceId,
    peer: PeerId,
    streams: [Stream; 2],
    conversation: Conversation,
    seen_ns: u64,
}

/// See the module's text.
#[derive(Default)]
pub struct Wiretap {
    watched: Vec<Watched>,
    connections: HashMap<Key, Connection>,
    /// What was counted.
    pub tally: Tally,
    /// Bytes that all streams hold.
    held_bytes: usize,
    now_ns: u64,
    /// Segments since the last flush.
    packets: u64,
}

impl Wiretap {
    /// Watches a port, or reads it as another protocol from now on. `false` when there are [`PORTS_MAX`] already.
    pub fn watch(&mut self, port: u16, row: &'static Row) -> bool {
        self.watch_in(port, row, "")
    }

    /// As [`Self::watch`], for a port of a container, which has a name for people.
    pub fn watch_in(&mut self, port: u16, row: &'static Row, container: &str) -> bool {
        let service = self.tally.service(port, row.name, container);
        if self.watched.iter().any(|watched| watched.port == port && watched.service == service) {
            return true;
        }
        self.unwatch(port);
        if self.watched.len() >= PORTS_MAX {
            return false;
        }
        self.watched.push(Watched { port, row, service });
        true
    }

    /// Watches a port no longer, and forgets its connections.
    pub fn unwatch(&mut self, port: u16) {
        let Some(at) = self.watched.iter().position(|watched| watched.port == port) else { return };
        let service = self.watched.swap_remove(at).service;
        self.connections.retain(|_, connection| connection.service != service);
    }

    /// Takes a frame.
    #[inline]
    pub fn frame(&mut self, frame: &Frame<'_>) {
        if let Some(segment) = packet::segment(frame) {
            self.segment(&segment, frame.time_ns);
        }
    }

    /// Takes a TCP segment that was captured at this time, in nanoseconds since 1970.
    #[inline]
    pub fn segment(&mut self, segment: &Segment<'_>, time_ns: u64) {
        let Some((side, watched)) = self.side(segment) else { return };
        self.packets += 1;
        self.now_ns = self.now_ns.max(time_ns);
        let key = match side {
            Side::Client => (segment.source, segment.target),
            Side::Server => (segment.target, segment.source),
        };
        let known = match self.connections.get_mut(&key) {
            // The same ports once more: what was before is over.
            Some(known) if is_begin(segment, known) => {
                let mut record = Record { tally: &mut self.tally, service: known.service, now_ns: time_ns };
                known.conversation.over(&mut record);
                *known = connection(watched, key, record.tally);
                known
            }
            Some(known) => known,
            None if segment.payload_len == 0 && segment.flags & SYN == 0 => return,
            None => {
                self.make_room();
                let new = connection(watched, key, &mut self.tally);
                self.connections.entry(key).insert(new).into_mut()
            }
        };
        known.seen_ns = time_ns;
        let record = Record { tally: &mut self.tally, service: watched.service, now_ns: time_ns };
        let before = known.held_bytes();
        let is_over = known.take(side, segment, record);
        self.held_bytes = (self.held_bytes + known.held_bytes()).saturating_sub(before);
        if is_over {
            self.forget(&key);
        } else if self.held_bytes > HELD_BYTES_TOTAL_MAX {
            self.discard_held();
        }
    }

    /// Who sent it, and to which service. When both ports are watched, whoever answers a SYN is the server; without one,
    /// the lower port.
    #[inline]
    fn side(&self, segment: &Segment<'_>) -> Option<(Side, Watched)> {
        let find = |port| self.watched.iter().find(|watched| watched.port == port).copied();
        let (source, target) = (find(segment.source.port), find(segment.target.port));
        match (source, target) {
            (None, Some(watched)) => Some((Side::Client, watched)),
            (Some(watched), None) => Some((Side::Server, watched)),
            (None, None) => None,
            (Some(source), Some(target)) => {
                let (there, back) = ((segment.source, segment.target), (segment.target, segment.source));
                let is_client = match segment.flags & (SYN | ACK) {
                    SYN => true,
                    _ if self.connections.contains_key(&there) => true,
                    _ if self.connections.contains_key(&back) => false,
                    _ => target.port <= source.port,
                };
                Some(if is_client { (Side::Client, target) } else { (Side::Server, source) })
            }
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(mut gone) = self.connections.remove(key) {
            self.held_bytes = self.held_bytes.saturating_sub(gone.held_bytes());
            gone.over(&mut self.tally, self.now_ns);
        }
    }

    /// Forgets the connection that was silent longest when there are too many.
    fn make_room(&mut self) {
        if self.connections.len() < CONNECTIONS_MAX {
            return;
        }
        // A few at once, as looking for them costs a walk through all.
        let mut ages: Vec<u64> = self.connections.values().map(|connection| connection.seen_ns).collect();
        let (_, limit, _) = ages.select_nth_unstable(CONNECTIONS_MAX / 16);
        let limit = *limit;
        let before = self.connections.len();
        self.end_those(|connection| connection.seen_ns <= limit);
        telemetry::CONNECTIONS_EVICTED.add((before - self.connections.len()) as u64);
    }

    fn end_those(&mut self, is_over: impl Fn(&Connection) -> bool) {
        let (tally, now_ns) = (&mut self.tally, self.now_ns);
        self.connections.retain(|_, connection| {
            let over = is_over(connection);
            if over {
                connection.over(tally, now_ns);
            }
            !over
        });
        self.held_bytes = self.connections.values().map(Connection::held_bytes).sum();
    }

    /// All give up waiting for what is missing.
    #[cold]
    fn discard_held(&mut self) {
        telemetry::HELD_DISCARDED.add(1);
        for connection in self.connections.values_mut().filter(|connection| connection.held_bytes() > 0) {
            connection.flush(&mut self.tally, self.now_ns);
        }
        self.held_bytes = 0;
    }

    /// Forgets connections that were silent for long; `now_ns` is the time by the capture.
    pub fn expire(&mut self, now_ns: u64) {
        self.now_ns = self.now_ns.max(now_ns);
        let now_ns = self.now_ns;
        self.end_those(|connection| now_ns.saturating_sub(connection.seen_ns) > IDLE_NS_MAX);
        for connection in self.connections.values() {
            self.tally.keep_peer(connection.peer);
        }
        telemetry::PACKETS.add(std::mem::take(&mut self.packets));
    }

    /// The capture is over: everything that is held is read, every connection ends.
    pub fn finish(&mut self) {
        self.discard_held();
        self.end_those(|_| true);
        self.expire(0);
    }

    /// Connections that are followed.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Connections of each service, in the order of [`Tally::services`].
    pub(crate) fn connections_by_service(&self) -> Vec<u64> {
        let mut counts = vec![0; self.tally.services().len()];
        for connection in self.connections.values() {
            counts[usize::from(connection.service.0)] += 1;
        }
        counts
    }
}

/// Whether a segment begins a connection anew that has the ports of one that is known.
fn is_begin(segment: &Segment<'_>, known: &Connection) -> bool {
    let begins = segment.flags & (SYN | ACK) == SYN;
    // One that is sent once more, or was late, has a number that was passed. Another connection has a later one, as it
    // must not be mistaken for the one before.
    begins && !known.streams[0].has_passed(segment.sequence.wrapping_add(1))
}

fn connection(watched: Watched, key: Key, tally: &mut Tally) -> Connection {
    let peer = tally.peer(key.0.address());
    tally.service_mut(watched.service).connections += 1;
    Connection {
        service: watched.service,
        peer,
        streams: Default::default(),
        conversation: Conversation::new((watched.row.start)(), Exchanges::new(peer)),
        seen_ns: 0,
    }
}

impl Connection {
    /// Takes a segment; whether the connection is over.
    #[inline]
    fn take(&mut self, side: Side, segment: &Segment<'_>, mut record: Record<'_>) -> bool {
        let Self { streams, conversation, .. } = self;
        let other = if side == Side::Client { Side::Server } else { Side::Client };
        if segment.flags & SYN != 0 {
            return self.open(side, segment);
        }
        // Where an unknown stream begins is not told by what came too early.
        let is_early = streams[other as usize].is_new() && streams[side as usize].is_ahead(segment.sequence);
        if segment.flags & ACK != 0 && !is_early {
            streams[other as usize].acknowledged(segment.acknowledged, |piece| {
                conversation.take(other, piece, &mut record);
            });
        }
        let stream = &mut streams[side as usize];
        if segment.payload_len > 0 {
            stream.take(segment, record.now_ns, |piece| conversation.take(side, piece, &mut record));
        }
        if segment.flags & FIN != 0 {
            stream.ends(segment.sequence.wrapping_add(segment.payload_len));
        }
        segment.flags & RST != 0 || streams.iter().all(Stream::is_over)
    }

    fn open(&mut self, side: Side, segment: &Segment<'_>) -> bool {
        let stream = &mut self.streams[side as usize];
        if stream.is_new() {
            stream.begin(segment.sequence.wrapping_add(1));
            if side == Side::Server && self.streams[0].is_new() {
                self.streams[0].begin(segment.acknowledged);
            }
            self.conversation.opened();
        }
        false
    }

    fn held_bytes(&self) -> usize {
        self.streams[0].held_bytes() + self.streams[1].held_bytes()
    }

    /// Reads what is held, whatever is missing before it.
    fn flush(&mut self, tally: &mut Tally, now_ns: u64) {
        let mut record = Record { tally, service: self.service, now_ns };
        let Self { streams, conversation, .. } = self;
        for (stream, side) in streams.iter_mut().zip([Side::Client, Side::Server]) {
            stream.flush(|piece| conversation.take(side, piece, &mut record));
        }
    }

    fn over(&mut self, tally: &mut Tally, now_ns: u64) {
        self.flush(tally, now_ns);
        self.conversation.over(&mut Record { tally, service: self.service, now_ns });
    }
}

#[cfg(test)]
mod tests;
