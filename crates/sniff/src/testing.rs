//! Connections made up by tests: what both sides say becomes packets, which a test may lose, repeat and reorder, and a
//! capture file.

use crate::capture::{Frame, Link};
use crate::packet::{ACK, FIN, SYN};
use crate::protocols::Row;
use crate::tally::Counts;
use crate::wiretap::Wiretap;

pub(crate) const CLIENT: [u8; 4] = [10, 0, 0, 7];
const SERVER: [u8; 4] = [10, 0, 0, 1];
/// Time from one packet to the next.
pub(crate) const STEP_NS: u64 = 100_000;
pub(crate) const START_NS: u64 = 1_700_000_000_000_000_000;

/// A packet of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) time_ns: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_client: bool,
}

impl Packet {
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { time_ns: self.time_ns, link: Link::Ip, bytes: &self.bytes, len: self.bytes.len() as u32 }
    }
}

/// A connection in the making.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) port: u16,
    pub(crate) client_port: u16,
    numbers: [u32; 2],
    pub(crate) now_ns: u64,
    /// Longest payload of a packet.
    pub(crate) mss: usize,
    pub(crate) packets: Vec<Packet>,
}

impl Talk {
    /// A connection to this port that is not open yet. Its sequence numbers soon wrap around.
    pub(crate) fn new(port: u16) -> Self {
        let numbers = [u32::MAX - 20, u32::MAX - 300];
        Self { port, client_port: 40_000, numbers, now_ns: START_NS, mss: 1400, packets: Vec::new() }
    }

    /// A connection that opens as connections do.
    pub(crate) fn opened(port: u16) -> Self {
        Self::opened_from(port, 40_000)
    }

    /// The same from another port of the client.
    pub(crate) fn opened_from(port: u16, client_port: u16) -> Self {
        let mut talk = Self { client_port, ..Self::new(port) };
        talk.packet(true, SYN, b"");
        talk.numbers[0] = talk.numbers[0].wrapping_add(1);
        talk.packet(false, SYN | ACK, b"");
        talk.numbers[1] = talk.numbers[1].wrapping_add(1);
        talk.packet(true, ACK, b"");
        talk
    }

    pub(crate) fn client(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.say(true, bytes.as_ref())
    }

    pub(crate) fn server(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.say(false, bytes.as_ref())
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        for is_client in [true, false] {
            self.packet(is_client, FIN | ACK, b"");
            self.numbers[usize::from(!is_client)] = self.numbers[usize::from(!is_client)].wrapping_add(1);
        }
        self.packet(true, ACK, b"")
    }

    fn say(&mut self, is_client: bool, bytes: &[u8]) -> &mut Self {
        for part in bytes.chunks(self.mss) {
            self.packet(is_client, ACK, part);
            let number = &mut self.numbers[usize::from(!is_client)];
            *number = number.wrapping_add(part.len() as u32);
        }
        self
    }

    fn packet(&mut self, is_client: bool, flags: u8, payload: &[u8]) -> &mut Self {
        let (own, other) = if is_client { (0, 1) } else { (1, 0) };
        let ends = [(CLIENT, self.client_port), (SERVER, self.port)];
        let mut bytes = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0];
        bytes[2..4].copy_from_slice(&(40 + payload.len() as u16).to_be_bytes());
        bytes.extend(ends[own].0);
        bytes.extend(ends[other].0);
        bytes.extend(ends[own].1.to_be_bytes());
        bytes.extend(ends[other].1.to_be_bytes());
        bytes.extend(self.numbers[own].to_be_bytes());
        bytes.extend(self.numbers[other].to_be_bytes());
        bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend(payload);
        self.now_ns += STEP_NS;
        self.packets.push(Packet { time_ns: self.now_ns, bytes, is_client });
        self
    }
}

/// Name, target and counts of each operation, by name.
pub(crate) type Heard = Vec<(String, String, Counts)>;

pub(crate) fn tapped(row: &'static Row, packets: &[Packet], port: u16) -> Wiretap {
    let mut tap = Wiretap::default();
    assert!(tap.watch(port, row));
    packets.iter().for_each(|packet| tap.frame(&packet.frame()));
    tap.finish();
    tap
}

pub(crate) fn heard(tap: &Wiretap) -> Heard {
    let mut heard: Heard = Vec::new();
    for pair in &tap.tally.pairs {
        let (name, target) = tap.tally.operations[pair.operation.0 as usize].names();
        heard.push((name.to_owned(), target.to_owned(), pair.counts));
    }
    heard.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    heard
}

/// Operation, target, requests and errors of what a protocol makes of a connection.
pub(crate) fn summary(tap: &Wiretap) -> Vec<(String, String, u64, u64)> {
    heard(tap)
        .into_iter()
        .map(|(name, target, counts)| (name, target, counts.requests, counts.errors))
        .collect()
}

/// Compares with what is wanted, as text, which is easier to read.
pub(crate) fn assert_heard(name: &str, talk: &Talk, wanted: &[(&str, &str, u64, u64)]) -> Wiretap {
    let row = crate::protocols::named(name).expect("a protocol");
    for mss in [talk.mss, 7, 1] {
        // The same bytes in packets of any size are the same messages.
        let tap = tapped(row, &resegmented(&talk.packets, mss), talk.port);
        let wanted: Vec<_> =
            wanted.iter().map(|(n, t, r, e)| ((*n).to_owned(), (*t).to_owned(), *r, *e)).collect();
        assert_eq!(summary(&tap), wanted, "in packets of {mss} bytes; {:?}", tap.tally.services());
    }
    tapped(row, &talk.packets, talk.port)
}

/// The same packets with payloads cut into smaller ones.
fn resegmented(packets: &[Packet], mss: usize) -> Vec<Packet> {
    let mut all = Vec::new();
    for packet in packets {
        let payload = &packet.bytes[40..];
        if payload.is_empty() {
            all.push(packet.clone());
        }
        for (i, part) in payload.chunks(mss).enumerate() {
            let mut bytes = packet.bytes[..40].to_vec();
            let number = u32::from_be_bytes(bytes[24..28].try_into().unwrap()).wrapping_add((i * mss) as u32);
            bytes[24..28].copy_from_slice(&number.to_be_bytes());
            bytes[2..4].copy_from_slice(&(40 + part.len() as u16).to_be_bytes());
            bytes.extend(part);
            all.push(Packet { bytes, ..packet.clone() });
        }
    }
    all
}
