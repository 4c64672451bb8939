//! Bodies: of a known length or in chunks, packed or not.

use super::request::{Refusal, too_large};
use super::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};
use flate2::read::MultiGzDecoder;
use memchr::memchr;
use std::io::Read;

/// Longest line that says the size of a chunk, or of a trailer; in bytes.
const LINE_BYTES_MAX: usize = 4096;

/// What is yet to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// So many bytes, then nothing.
    Bytes(usize),
    /// The line with a chunk's size.
    ChunkSize,
    /// So many bytes of a chunk.
    Chunk(usize),
    /// The line end after a chunk.
    ChunkEnd,
    /// Headers after the last chunk, up to a blank line.
    Trailers,
}

impl Default for Left {
    fn default() -> Self {
        Self::Bytes(0)
    }
}

impl Left {
    /// Moves what belongs to the body from the input to it; whether all is here.
    pub(super) fn take(&mut self, input: &mut Vec<u8>, body: &mut Vec<u8>) -> Result<bool, Refusal> {
        let mut at = 0;
        let result = loop {
            let rest = &input[at..];
            match *self {
                Self::Bytes(left) | Self::Chunk(left) => {
                    let len = left.min(rest.len());
                    body.extend_from_slice(&rest[..len]);
                    at += len;
                    let is_chunk = matches!(self, Self::Chunk(_));
                    *self = match (left - len, is_chunk) {
                        (0, false) => break Ok(true),
                        (0, true) => Self::ChunkEnd,
                        (left, true) => Self::Chunk(left),
                        (left, false) => Self::Bytes(left),
                    };
                    if left > len {
                        break Ok(false);
                    }
                }
                Self::ChunkSize | Self::ChunkEnd | Self::Trailers => {
                    let Some(end) = memchr(b'\n', rest) else {
                        break if rest.len() > LINE_BYTES_MAX { Err(malformed()) } else { Ok(false) };
                    };
                    let line = rest[..end].trim_ascii();
                    at += end + 1;
                    *self = match *self {
                        Self::ChunkSize => match size(line, body.len()) {
                            Ok(0) => Self::Trailers,
                            Ok(len) => Self::Chunk(len),
                            Err(refusal) => break Err(refusal),
                        },
                        Self::ChunkEnd if line.is_empty() => Self::ChunkSize,
                        Self::Trailers if line.is_empty() => {
                            *self = Self::Bytes(0);
                            break Ok(true);
                        }
                        Self::Trailers if line.len() <= LINE_BYTES_MAX => Self::Trailers,
                        _ => break Err(malformed()),
                    };
                }
            }
        };
        input.drain(..at);
        result
    }
}

/// `hexadecimal size [";" extension]`
fn size(line: &[u8], before: usize) -> Result<usize, Refusal> {
    let digits = line.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_hex).ok_or_else(malformed)?;
    let size = usize::from_str_radix(text, 16).map_err(|_| too_large())?;
    if size > BODY_BYTES_MAX - before.min(BODY_BYTES_MAX) { Err(too_large()) } else { Ok(size) }
}

fn malformed() -> Refusal {
    Refusal::new(400, "the chunks of the body are broken")
}

/// Unpacks a body, which may be several packed ones behind each other.
pub(super) fn inflate(packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    let limit = INFLATED_BYTES_MAX as u64 + 1;
    MultiGzDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut body)
        .map_err(|e| Refusal { status: 400, why: format!("the body is not gzip: {e}") })?;
    if body.len() > INFLATED_BYTES_MAX {
        let why = format!("the body is larger than {INFLATED_BYTES_MAX} bytes once it is unpacked");
        return Err(Refusal { status: 413, why });
    }
    Ok(body)
}
