//! A log segment: a header and records, one after the other. A record whose checksum fails is skipped by looking for
//! the next one that is whole.

use stdx::crc::crc32;
use stdx::varint;

/// Version of the log's format.
pub(crate) const VERSION: u16 = 2;
/// Length of a segment's header.
pub(crate) const HEADER_BYTES: usize = 16;
/// Length of a record's header.
pub(crate) const RECORD_HEADER_BYTES: usize = 12;
/// Most bytes of a payload before the body.
pub(crate) const PREFIX_BYTES_MAX: usize = 64;
/// Longest payload; a batch is limited so that it stays below.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 128 << 20;

const MAGIC: [u8; 6] = *b"WHWAL\n";
const RECORD_MAGIC: [u8; 4] = [0xf5, b'R', b'e', b'c'];

/// The header of a segment: its first offset, or in version 1 its number.
pub(crate) fn header(version: u16, first: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..6].copy_from_slice(&MAGIC);
    bytes[6..8].copy_from_slice(&version.to_le_bytes());
    bytes[8..].copy_from_slice(&first.to_le_bytes());
    bytes
}

/// What a segment's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Ours.
    Known,
    /// Of a version that is not known here.
    Newer(u16),
    /// Damaged, or not a segment.
    Unreadable,
}

/// Reads the header of a segment of this version that is to begin with `first`.
pub(crate) fn read_header(bytes: &[u8], known: u16, first: u64) -> Header {
    let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else { return Header::Unreadable };
    let version = u16::from_le_bytes([head[6], head[7]]);
    if head[..6] != MAGIC {
        Header::Unreadable
    } else if version > known {
        Header::Newer(version)
    } else if *head == header(known, first) {
        Header::Known
    } else {
        Header::Unreadable
    }
}

/// A record's payload since version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) offset: u64,
    pub(crate) stored_ms: i64,
    /// `None`: that of the record before in the same segment.
    pub(crate) producer: Option<u128>,
    pub(crate) n: u64,
    pub(crate) body: &'a [u8],
}

/// Makes a whole record of a body.
pub(crate) fn frame(
    record: &mut Vec<u8>,
    offset: u64,
    stored_ms: i64,
    producer: Option<u128>,
    n: u64,
    body: &[u8],
) {
    record.clear();
    record.resize(RECORD_HEADER_BYTES, 0);
    record.extend_from_slice(&offset.to_le_bytes());
    varint::write_i64(record, stored_ms);
    record.push(u8::from(producer.is_some()));
    if let Some(producer) = producer {
        record.extend_from_slice(&producer.to_le_bytes());
    }
    varint::write_u64(record, n);
    record.extend_from_slice(body);
    seal_record(record);
}

/// Reads a payload.
pub(crate) fn read_frame(payload: &[u8]) -> Option<Frame<'_>> {
    let (offset, mut input) = payload.split_first_chunk::<8>()?;
    let stored_ms = varint::read_i64(&mut input)?;
    let (&has_producer, rest) = input.split_first()?;
    input = rest;
    let producer = match has_producer {
        0 => None,
        1 => {
            let (producer, rest) = input.split_first_chunk::<16>()?;
            input = rest;
            Some(u128::from_le_bytes(*producer))
        }
        _ => return None,
    };
    let n = varint::read_u64(&mut input)?;
    // The offset after it must exist, too.
    let offset = u64::from_le_bytes(*offset);
    (offset < u64::MAX).then_some(Frame { offset, stored_ms, producer, n, body: input })
}

/// Fills in the record header, for which `record` must have left [`RECORD_HEADER_BYTES`] in front of the payload.
pub(crate) fn seal_record(record: &mut [u8]) {
    let len = (record.len() - RECORD_HEADER_BYTES) as u32;
    record[..4].copy_from_slice(&RECORD_MAGIC);
    record[4..8].copy_from_slice(&len.to_le_bytes());
    let crc = record_crc(len, &record[RECORD_HEADER_BYTES..]);
    record[8..12].copy_from_slice(&crc.to_le_bytes());
}

// The length is part of the sum, so that a damaged length does not find a lucky payload.
fn record_crc(len: u32, payload: &[u8]) -> u32 {
    crc32(payload) ^ len.wrapping_mul(0x9e37_79b9)
}

/// The payload of the record that starts at `offset`, when it is whole.
fn record_at(bytes: &[u8], offset: usize) -> Option<&[u8]> {
    let head: &[u8; RECORD_HEADER_BYTES] = bytes.get(offset..)?.first_chunk()?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (len, crc) = (word(4), word(8));
    if head[..4] != RECORD_MAGIC || len as usize > PAYLOAD_BYTES_MAX {
        return None;
    }
    let payload = bytes.get(offset + RECORD_HEADER_BYTES..)?.get(..len as usize)?;
    (record_crc(len, payload) == crc).then_some(payload)
}

/// What comes next in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A whole record.
    Record {
        /// Where it starts.
        offset: usize,
        /// Its payload.
        payload: &'a [u8],
    },
    /// Bytes that are no record, with a whole record after them.
    Damage {
        /// Where they start.
        offset: usize,
        /// How many they are.
        len_bytes: usize,
    },
    /// Bytes that are no record, up to the end.
    Tail {
        /// Where they start.
        offset: usize,
    },
}

/// Walks the records of a segment.
pub(crate) struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parts<'a> {
    /// Starts behind the header.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: HEADER_BYTES }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let offset = self.at;
        if offset >= self.bytes.len() {
            return None;
        }
        if let Some(payload) = record_at(self.bytes, offset) {
            self.at += RECORD_HEADER_BYTES + payload.len();
            return Some(Part::Record { offset, payload });
        }
        let next = (offset + 1..self.bytes.len()).find(|&at| record_at(self.bytes, at).is_some());
        self.at = next.unwrap_or(self.bytes.len());
        Some(match next {
            Some(next) => Part::Damage { offset, len_bytes: next - offset },
            None => Part::Tail { offset },
        })
    }
}
