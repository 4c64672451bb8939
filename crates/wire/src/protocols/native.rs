//! The native protocol: what an agent puts into its spool and sends, and what a server makes of it.
//!
//! A *stream* is a run of frames that explain themselves from frame 0 on: first the dictionary entries of the series
//! they speak of, then scrapes, each told as the difference to what the stream said before. One spool segment is one
//! stream, and a segment file is a request body with `first = 0`, byte for byte. Integers are little-endian; `varint`
//! and `zigzag` are those of `stdx::varint`. For an implementer's view (requests, answers, repeats) read
//! `docs/reference/native-protocol.md`.
//!
//! ```text
//! body    := header frame*
//! header  := "WHNP"  version u8 = 1  agent [16]  stream u64  first u64  len u8  host [len]  crc32 u32
//!            (the checksum is over all bytes before it; `first` is the sequence number of the first frame)
//! frame   := len u32  crc32 u32  payload [len]         (checksum of the payload; len ≥ 1)
//! payload := 1 series | 2 descriptions | 3 scrape | 4 events | 5 standings      (the kind is one byte)
//!            (kinds from 4 on are apart from the samples: a receiver that does not know one skips the frame)
//!
//! series       := varint first_slot  varint count  entry{count}
//! entry        := kind u8  varint shared  varint len  rest [len]
//!                 (key = the first `shared` bytes of the entry before it in this frame, then `rest`)
//! descriptions := varint count  (kind u8  text metric  text unit  text help){count}     text := varint len, UTF-8
//! scrape       := zigzag time  varint first_slot  varint count  set present  set changed  value*
//!                 (time: ms since the stream's previous scrape, since 0 for the first; `present` is over the `count`
//!                 slots from first_slot on, `changed` over the present ones; a value for each changed one)
//! set          := 0                    all
//!               | 1                    none
//!               | 2 bitmap [⌈n/8⌉]     lowest bit first, bits past n are 0
//!               | 3 varint count, varint gap{count}      members skipped before the next one
//! ```
//!
//! A slot's value before it was first told is 0. Values are drawn in [`value`], events and standings in [`events`].

pub mod decoder;
pub mod encoder;
pub mod events;
pub mod frame;
pub mod header;
mod set;
pub mod value;

pub use decoder::{Decoder, decode_body};
pub use encoder::{Encoder, Progress};
pub use header::{AgentId, Header};

use std::fmt;

/// Most series of one stream; an encoder starts a new stream, a decoder refuses.
pub const SLOTS_MAX: usize = 1 << 18;
/// Most bytes of label keys and descriptions of one stream.
pub const DICTIONARY_BYTES_MAX: usize = 32 << 20;
/// Longest payload of a frame, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// Longest text of a description, in bytes; an encoder cuts, a decoder refuses.
pub const TEXT_BYTES_MAX: usize = 2048;
/// Most samples of one scrape frame; an encoder splits a larger scrape into frames of the same time.
pub const SCRAPE_ROWS_MAX: usize = 1 << 15;

/// Kind byte of a frame with dictionary entries.
const SERIES: u8 = 1;
/// Kind byte of a frame with descriptions of metrics.
const DESCRIPTIONS: u8 = 2;
/// Kind byte of a frame with one scrape.
const SCRAPE: u8 = 3;
/// Kind byte of a frame with events.
const EVENTS: u8 = 4;
/// Kind byte of a frame that says how the parts of a host stand.
const STANDINGS: u8 = 5;

/// Whether a payload is of a kind that says nothing of samples: a stream goes on without it.
pub fn is_apart(payload: &[u8]) -> bool {
    payload.first().is_some_and(|&kind| kind >= EVENTS)
}

/// Bytes that no encoder writes: where, and what is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Offset in the header or payload that was being read.
    pub byte: usize,
    /// Why, for people.
    pub reason: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.byte, self.reason)
    }
}

impl std::error::Error for Malformed {}

/// Takes bytes off the front of a slice and knows where it is.
struct Cursor<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn new(whole: &'a [u8]) -> Self {
        Self { whole, rest: whole }
    }

    fn malformed(&self, reason: &'static str) -> Malformed {
        Malformed { byte: self.whole.len() - self.rest.len(), reason }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (&first, rest) = self.rest.split_first().ok_or_else(|| self.malformed("ends early"))?;
        self.rest = rest;
        Ok(first)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.malformed("ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        stdx::varint::read_u64(&mut self.rest)
            .ok_or_else(|| self.malformed("a varint that ends early or is too long"))
    }

    /// A varint that may be at most `max`.
    fn count(&mut self, max: usize, reason: &'static str) -> Result<usize, Malformed> {
        let before = self.rest;
        let count = self.varint()?;
        if count > max as u64 {
            self.rest = before;
            return Err(self.malformed(reason));
        }
        Ok(count as usize)
    }

    fn bytes(&mut self, len_max: usize) -> Result<&'a [u8], Malformed> {
        let len = self.count(len_max, "a text longer than allowed")?;
        self.take(len)
    }

    fn text(&mut self, len_max: usize) -> Result<&'a str, Malformed> {
        let before = self.rest;
        let bytes = self.bytes(len_max)?;
        std::str::from_utf8(bytes).map_err(|_| {
            self.rest = before;
            self.malformed("a text that is not UTF-8")
        })
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("bytes after the end")) }
    }
}

#[cfg(test)]
mod tests;
