//! A log segment: a header and records, one after the other. A record whose checksum fails is skipped by looking for
//! the next one that is whole.

use stdx::crc::crc32;

/// Version of the log's format.
pub(crate) const VERSION: u16 = 1;
/// Length of a segment's header.
pub(crate) const HEADER_BYTES: usize = 16;
/// Length of a record's header.
pub(crate) const RECORD_HEADER_BYTES: usize = 12;
/// Longest payload; a batch is limited so that it stays below.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 128 << 20;

const MAGIC: [u8; 6] = *b"WHWAL\n";
const RECORD_MAGIC: [u8; 4] = [0xf5, b'R', b'e', b'c'];

/// The header of a segment.
pub(crate) fn header(number: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..6].copy_from_slice(&MAGIC);
    bytes[6..8].copy_from_slice(&VERSION.to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
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

/// Reads the header of segment `number`.
pub(crate) fn read_header(bytes: &[u8], number: u64) -> Header {
    let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else { return Header::Unreadable };
    let version = u16::from_le_bytes([head[6], head[7]]);
    if head[..6] != MAGIC {
        Header::Unreadable
    } else if version > VERSION {
        Header::Newer(version)
    } else if *head == header(number) {
        Header::Known
    } else {
        Header::Unreadable
    }
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
