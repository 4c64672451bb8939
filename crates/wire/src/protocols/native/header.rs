//! The header of a body and of a segment file: who speaks, which stream, and which frame comes first.

use super::{Cursor, Malformed};
use std::fmt;
use stdx::crc::crc32;

/// First bytes of every body.
pub const MAGIC: [u8; 4] = *b"WHNP";
/// Version of the format that this code writes and reads.
pub const VERSION: u8 = 1;
/// Longest host name, in bytes; longer ones are cut.
pub const HOST_BYTES_MAX: usize = 255;
/// Longest header, in bytes.
pub const HEADER_BYTES_MAX: usize = 4 + 1 + 16 + 8 + 8 + 1 + HOST_BYTES_MAX + 4;

/// Tells agents apart, also those of the same host name: random, made once, kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentId(pub [u8; 16]);

impl AgentId {
    /// The id that [`fmt::Display`] wrote: 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        Some(Self(u128::from_str_radix(text, 16).ok()?.to_be_bytes()))
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What stands before the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Who sends.
    pub agent: AgentId,
    /// Which of its streams; random, never used again.
    pub stream: u64,
    /// Sequence number of the first frame that follows, counted from 0 in each stream.
    pub first: u64,
    /// The sender's host name, for people; the samples carry their own labels.
    pub host: &'a str,
}

impl<'a> Header<'a> {
    /// Appends the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let host = &self.host[..self.host.floor_char_boundary(HOST_BYTES_MAX)];
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&self.agent.0);
        out.extend_from_slice(&self.stream.to_le_bytes());
        out.extend_from_slice(&self.first.to_le_bytes());
        out.push(host.len() as u8);
        out.extend_from_slice(host.as_bytes());
        let checksum = crc32(&out[start..]);
        out.extend_from_slice(&checksum.to_le_bytes());
    }

    /// Whether these bytes begin as a body of this version does, so that what is wrong with them may have happened on
    /// the way.
    pub fn is_announced(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC) && bytes.get(4) == Some(&VERSION)
    }

    /// Reads a header; what follows it comes second.
    ///
    /// # Errors
    /// When the bytes are too few, of another format or version, or do not match their checksum.
    pub fn decode(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let mut cursor = Cursor::new(bytes);
        if cursor.take(4)? != MAGIC {
            return Err(Malformed { byte: 0, reason: "not a native body: it must start with WHNP" });
        }
        if cursor.byte()? != VERSION {
            return Err(Malformed { byte: 4, reason: "a version other than 1" });
        }
        let agent = AgentId(array(cursor.take(16)?));
        let stream = u64::from_le_bytes(array(cursor.take(8)?));
        let first = u64::from_le_bytes(array(cursor.take(8)?));
        let host_len = usize::from(cursor.byte()?);
        let host = cursor.take(host_len)?;
        let len = bytes.len() - cursor.rest.len();
        let checksum = u32::from_le_bytes(array(cursor.take(4)?));
        if checksum != crc32(&bytes[..len]) {
            return Err(Malformed { byte: len, reason: "the header does not match its checksum" });
        }
        let host = std::str::from_utf8(host)
            .map_err(|_| Malformed { byte: 38, reason: "a host name that is not UTF-8" })?;
        Ok((Self { agent, stream, first, host }, cursor.rest))
    }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the cursor took N bytes")
}
