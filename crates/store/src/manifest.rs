//! The one file that says which blocks there are and how far they cover the log. It is swapped in one step, so each
//! record of the log is in exactly one block or still to be read.

use crate::wal::Position;
use stdx::crc::crc32;

const MAGIC: [u8; 6] = *b"WHMANI";
/// Version of the store as a whole.
pub(crate) const VERSION: u16 = 1;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Grows with every swap.
    pub(crate) epoch: u64,
    /// The next new series gets this id, or a higher one.
    pub(crate) next_id: u64,
    /// The next block gets this number, or a higher one.
    pub(crate) next_sequence: u64,
    /// Samples before this time in records before `covered` are in blocks.
    pub(crate) boundary_ms: i64,
    /// See `boundary_ms`.
    pub(crate) covered: Position,
    /// Sequence numbers of the blocks.
    pub(crate) blocks: Vec<u64>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            epoch: 0,
            next_id: 0,
            next_sequence: 1,
            boundary_ms: i64::MIN,
            covered: Position::default(),
            blocks: Vec::new(),
        }
    }
}

/// Why the file cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Written by a newer version.
    Newer(u16),
    /// Damaged.
    Damaged,
}

impl Manifest {
    /// The content of the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        let numbers = [
            self.epoch,
            self.next_id,
            self.next_sequence,
            self.boundary_ms as u64,
            self.covered.segment,
            self.covered.offset,
            self.blocks.len() as u64,
        ];
        for number in numbers.iter().chain(&self.blocks) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the content of the file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unusable> {
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or(Unusable::Damaged)?;
        let whole = crc32(body) == u32::from_le_bytes(*crc);
        let (head, body) = body.split_first_chunk::<8>().ok_or(Unusable::Damaged)?;
        let version = u16::from_le_bytes([head[6], head[7]]);
        if head[..6] != MAGIC || !whole {
            return Err(Unusable::Damaged);
        }
        if version > VERSION {
            return Err(Unusable::Newer(version));
        }
        let (words, rest) = body.as_chunks::<8>();
        let words: Vec<u64> = words.iter().map(|w| u64::from_le_bytes(*w)).collect();
        match words[..] {
            [epoch, next_id, next_sequence, boundary, segment, offset, count, ref blocks @ ..]
                if rest.is_empty() && count == blocks.len() as u64 =>
            {
                Ok(Self {
                    epoch,
                    next_id,
                    next_sequence,
                    boundary_ms: boundary as i64,
                    covered: Position { segment, offset },
                    blocks: blocks.to_vec(),
                })
            }
            _ => Err(Unusable::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_and_damage_is_seen() {
        let manifest = Manifest {
            epoch: 3,
            next_id: 507,
            next_sequence: 9,
            boundary_ms: -5,
            covered: Position { segment: 4, offset: 77 },
            blocks: vec![1, 8],
        };
        let bytes = manifest.encode();
        assert_eq!(Manifest::decode(&bytes), Ok(manifest));
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 4;
            assert_eq!(Manifest::decode(&bad), Err(Unusable::Damaged));
            assert_eq!(Manifest::decode(&bytes[..at]), Err(Unusable::Damaged));
        }
        let mut newer = bytes[..bytes.len() - 4].to_vec();
        newer[6] = 2;
        let crc = crc32(&newer);
        newer.extend_from_slice(&crc.to_le_bytes());
        assert_eq!(Manifest::decode(&newer), Err(Unusable::Newer(2)));
    }
}
