//! The second copy of a segment, in a file of its own.
//!
//! ```text
//! mirror := note [4096]  header  frame*      note: a sentence for people, then line feeds
//! frame  := len u32  check u32  payload [len]      check: checksum of the payload XOR offset of the frame
//! ```
//!
//! Header and frames are those of the segment's first file: what is at offset n there is at n + 4096 here. Only the
//! checksums differ, by the frame's offset there, so that a frame that was moved is as bad as one that was changed.
//! Whichever copy of a frame is good is sent, so nothing has to be searched for where bytes were changed, cut off or put
//! in between: the place of the next frame is known from the frame before it, in either copy.
//!
//! The note keeps the two copies of a frame from lying at the same place of their files, which is where whatever damages
//! several files is likely to damage both, and in different pages.
//!
//! Why not less than a whole copy: a frame is told by all those before it in its stream, so whatever lets the others be
//! read without it says as much as the frame itself. Telling each frame by a *key* frame some while ago instead, with
//! only names and key frames kept twice, was considered: it spares the disk a third of what it writes, but makes what
//! goes over the network larger for good, since values drift away from their key, and the damaged frame stays lost.
//! Parity over groups of frames is short but protects neither the newest frames nor what lies together in a bad sector.

use wire::protocols::native::frame::{ENVELOPE_BYTES, len_bytes};
use wire::protocols::native::header::HEADER_BYTES_MAX;

/// The first copy of a segment, among copies.
pub(super) const PRIMARY: usize = 0;
/// The second one.
pub(super) const MIRROR: usize = 1;
/// Bytes before the header, by copy.
pub(super) const OFFSETS: [u64; 2] = [0, NOTE_BYTES];
/// Bytes of the note.
const NOTE_BYTES: u64 = 4096;
/// What the note says.
const NOTE: &[u8] =
    b"The second copy of the spool segment of the same number; its frames follow these 4096 bytes.\n";

/// What a mirror starts with.
pub(super) fn start(header: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(NOTE_BYTES as usize + HEADER_BYTES_MAX);
    bytes.extend_from_slice(NOTE);
    bytes.resize(NOTE_BYTES as usize, b'\n');
    bytes.extend_from_slice(header);
    bytes
}

/// Turns frames as they are in the first copy, from `offset` there on, into those of the second, and back, up to where
/// they are cut or no frames.
pub(super) fn turn(frames: &mut [u8], mut offset: u64) {
    let mut rest = frames;
    while let Ok(len) = len_bytes(rest)
        && rest.len() >= ENVELOPE_BYTES
    {
        let place = (offset as u32).to_le_bytes();
        rest[4..ENVELOPE_BYTES].iter_mut().zip(place).for_each(|(check, byte)| *check ^= byte);
        let Some((_, after)) = rest.split_at_mut_checked(len) else { return };
        rest = after;
        offset += len as u64;
    }
}
