//! The envelope of a frame: length, checksum, payload. The same bytes stand in a spool file and in a request.

use super::PAYLOAD_BYTES_MAX;
use std::fmt;
use stdx::crc::crc32;

/// Bytes before the payload.
pub const ENVELOPE_BYTES: usize = 8;

/// Why no frame could be taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The bytes end inside the frame: a write that was cut, or half a body.
    Cut,
    /// A length of zero or above [`PAYLOAD_BYTES_MAX`].
    Length,
    /// The payload does not match its checksum.
    Checksum,
}

impl Broken {
    /// Why, for people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Cut => "the frame ends early",
            Self::Length => "a frame of impossible length",
            Self::Checksum => "the frame does not match its checksum",
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// Length of the whole frame that starts with these bytes, envelope included.
///
/// # Errors
/// [`Broken::Cut`] when there are too few bytes to tell, [`Broken::Length`] when no frame can be that long.
pub fn len_bytes(bytes: &[u8]) -> Result<usize, Broken> {
    let (len, _) = bytes.split_first_chunk::<4>().ok_or(Broken::Cut)?;
    let len = u32::from_le_bytes(*len) as usize;
    if len == 0 || len > PAYLOAD_BYTES_MAX { Err(Broken::Length) } else { Ok(ENVELOPE_BYTES + len) }
}

/// Takes a frame off the front of `input` and gives its payload; `input` stays where it was on an error.
///
/// # Errors
/// See [`Broken`].
pub fn take<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Broken> {
    let (frame, rest) = input.split_at_checked(len_bytes(input)?).ok_or(Broken::Cut)?;
    let (envelope, payload) = frame.split_at(ENVELOPE_BYTES);
    if envelope[4..] != crc32(payload).to_le_bytes() {
        return Err(Broken::Checksum);
    }
    *input = rest;
    Ok(payload)
}

/// Appends a frame whose payload is what `write` appends.
pub fn write(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; ENVELOPE_BYTES]);
    write(out);
    let payload = start + ENVELOPE_BYTES;
    let len = (out.len() - payload) as u32;
    let checksum = crc32(&out[payload..]);
    out[start..start + 4].copy_from_slice(&len.to_le_bytes());
    out[start + 4..payload].copy_from_slice(&checksum.to_le_bytes());
}
