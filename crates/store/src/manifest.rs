//! The one pointer that says which blocks there are and how far they cover the log. It is swapped in one step and only
//! by whoever knows its latest state, so each record of the log is in exactly one seal or still to be read.

pub(crate) mod copy;
mod sections;

use crate::block::meta::Meta;
use crate::log::Position;
use stdx::crc::crc32;

const MAGIC: [u8; 6] = *b"WHMANI";
/// Version of the store as a whole.
pub(crate) const VERSION: u16 = 2;

/// What the pointer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Grows when another life of a store swaps the pointer for the first time.
    pub(crate) epoch: u64,
    /// Random in each swap: no two states are ever the same bytes.
    pub(crate) nonce: u64,
    /// The next new series gets this id, or a higher one.
    pub(crate) next_id: u64,
    /// The next block gets this number, or a higher one.
    pub(crate) next_sequence: u64,
    /// Records of the log before this are in blocks.
    pub(crate) next_offset: u64,
    /// The end of the window that was sealed last.
    pub(crate) boundary_ms: i64,
    /// The blocks, by sequence number.
    pub(crate) blocks: Vec<Entry>,
    /// What was deleted and is still in blocks; see `FORMAT.md`.
    pub(crate) tombs: Vec<u8>,
    /// There is still a log of version 1, covered so far.
    pub(crate) old_log: Option<OldLog>,
}

/// A block as the manifest knows it. Of a block that was named by version 1 only the number is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    /// Offsets in the log of its records: from here …
    pub(crate) from: u64,
    /// … to before here.
    pub(crate) to: u64,
    /// Milliseconds that a row sums up; 0 for samples as they came.
    pub(crate) tier_ms: u32,
    /// Oldest sample.
    pub(crate) first_ms: i64,
    /// Newest sample.
    pub(crate) last_ms: i64,
    pub(crate) series: u64,
    pub(crate) samples: u64,
    /// Bytes of all its objects.
    pub(crate) len_bytes: u64,
}

impl Entry {
    /// What the manifest says of a block.
    pub(crate) fn of(meta: &Meta) -> Self {
        Self {
            sequence: meta.sequence,
            from: meta.origin.from_offset,
            to: meta.origin.to_offset,
            tier_ms: meta.origin.tier_ms,
            first_ms: meta.first_ms,
            last_ms: meta.last_ms,
            series: meta.series,
            samples: meta.samples,
            len_bytes: meta.len_bytes(),
        }
    }

    /// A block of which nothing else is known.
    pub(crate) fn unknown(sequence: u64) -> Self {
        Self { sequence, ..Self::default() }
    }
}

/// How far a log of version 1 is in blocks: samples before a time in records before a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OldLog {
    pub(crate) boundary_ms: i64,
    pub(crate) covered: Position,
}

/// Why the pointer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Written by a newer version.
    Newer(u16),
    /// Of this version, with a section that is not known here.
    Section(u8),
    /// Damaged.
    Damaged,
}

impl Manifest {
    /// Of a store that has nothing yet.
    pub(crate) fn empty() -> Self {
        Self { next_sequence: 1, boundary_ms: i64::MIN, ..Self::default() }
    }

    /// The pointer's content.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        bytes.extend_from_slice(&self.epoch.to_le_bytes());
        bytes.extend_from_slice(&self.nonce.to_le_bytes());
        sections::write(self, &mut bytes);
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the pointer's content.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unusable> {
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or(Unusable::Damaged)?;
        let whole = crc32(body) == u32::from_le_bytes(*crc);
        let (head, body) = body.split_first_chunk::<8>().ok_or(Unusable::Damaged)?;
        let version = u16::from_le_bytes([head[6], head[7]]);
        if head[..6] != MAGIC || !whole {
            return Err(Unusable::Damaged);
        }
        match version {
            1 => read_version_1(body).ok_or(Unusable::Damaged),
            VERSION => Self::read(body),
            0 => Err(Unusable::Damaged),
            newer => Err(Unusable::Newer(newer)),
        }
    }

    fn read(body: &[u8]) -> Result<Self, Unusable> {
        let (epoch, body) = body.split_first_chunk::<8>().ok_or(Unusable::Damaged)?;
        let (nonce, body) = body.split_first_chunk::<8>().ok_or(Unusable::Damaged)?;
        let (epoch, nonce) = (u64::from_le_bytes(*epoch), u64::from_le_bytes(*nonce));
        let mut manifest = Self { epoch, nonce, ..Self::empty() };
        sections::read(body, &mut manifest)?;
        Ok(manifest)
    }
}

/// Words: epoch, next id, next sequence, boundary, covered segment and offset, number of blocks, and those.
fn read_version_1(body: &[u8]) -> Option<Manifest> {
    let (words, rest) = body.as_chunks::<8>();
    let words: Vec<u64> = words.iter().map(|w| u64::from_le_bytes(*w)).collect();
    match words[..] {
        [epoch, next_id, next_sequence, boundary, segment, offset, count, ref blocks @ ..]
            if rest.is_empty() && count == blocks.len() as u64 =>
        {
            let boundary_ms = boundary as i64;
            Some(Manifest {
                epoch,
                next_id,
                next_sequence,
                boundary_ms,
                blocks: blocks.iter().copied().map(Entry::unknown).collect(),
                old_log: Some(OldLog { boundary_ms, covered: Position { segment, offset } }),
                ..Manifest::empty()
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
