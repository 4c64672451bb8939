//! Where the samples of a block come from, and what they are.

use super::take;
use model::TimeRange;
use std::collections::BTreeMap;
use stdx::varint;

/// What a block's samples are, and which part of the log they come from. The default is what blocks of version 1 are:
/// samples as they came, of no policy, from before the log had offsets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    /// Offset of the first record of the log that may be in it.
    pub(crate) from_offset: u64,
    /// Offset of the first record after those that may be in it.
    pub(crate) to_offset: u64,
    /// Length of the time each row sums up, in milliseconds; 0 for samples as they came.
    pub(crate) tier_ms: u32,
    /// The policy whose retention holds; empty for the default one.
    pub(crate) policy: String,
    /// See [`Part`]; empty when the block itself is the only part.
    pub(crate) parts: Vec<Part>,
}

/// A window as it was first written: all blocks of the window up to this number are in. By this the rows of a coarser
/// tier tell whether they have seen all there is, however blocks were joined since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) window: TimeRange,
    /// The newest block first written for the window.
    pub(crate) sequence: u64,
}

impl Part {
    /// Whether this one has all that `other` has.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let (outer, inner) = (self.window, other.window);
        self.sequence >= other.sequence && outer.start_ms <= inner.start_ms && inner.end_ms <= outer.end_ms
    }
}

impl Origin {
    /// Samples as they came, from records of the log in `[from, to)`.
    pub(crate) fn raw(from_offset: u64, to_offset: u64) -> Self {
        Self { from_offset, to_offset, ..Self::default() }
    }

    /// How much time a row takes, in milliseconds; a sample takes one.
    pub(crate) fn step_ms(&self) -> i64 {
        i64::from(self.tier_ms.max(1))
    }

    /// What becomes of blocks of one tier and policy when they are joined.
    pub(crate) fn joined<'a>(members: impl Iterator<Item = &'a super::Meta> + Clone) -> Self {
        let mut origin = members.clone().next().map(|meta| meta.origin.clone()).unwrap_or_default();
        let mut parts = BTreeMap::new();
        for meta in members {
            origin.from_offset = origin.from_offset.min(meta.origin.from_offset);
            origin.to_offset = origin.to_offset.max(meta.origin.to_offset);
            for part in meta.parts() {
                let newest = parts.entry((part.window.start_ms, part.window.end_ms)).or_insert(part.sequence);
                *newest = part.sequence.max(*newest);
            }
        }
        let part =
            |((start_ms, end_ms), sequence)| Part { window: TimeRange::new(start_ms, end_ms), sequence };
        let parts: Vec<Part> = parts.into_iter().map(part).collect();
        // A window within another that is at least as new says nothing more.
        let says_more =
            |part: &&Part| !parts.iter().any(|other| other.window != part.window && other.covers(part));
        origin.parts = parts.iter().filter(says_more).copied().collect();
        origin
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.from_offset.to_le_bytes());
        out.extend_from_slice(&self.to_offset.to_le_bytes());
        out.extend_from_slice(&self.tier_ms.to_le_bytes());
        varint::write_bytes(out, self.policy.as_bytes());
        varint::write_u64(out, self.parts.len() as u64);
        for part in &self.parts {
            out.extend_from_slice(&part.window.start_ms.to_le_bytes());
            out.extend_from_slice(&part.window.end_ms.to_le_bytes());
            out.extend_from_slice(&part.sequence.to_le_bytes());
        }
    }

    pub(super) fn read(input: &mut &[u8]) -> Option<Self> {
        let from_offset = u64::from_le_bytes(take(input)?);
        let to_offset = u64::from_le_bytes(take(input)?);
        let tier_ms = u32::from_le_bytes(take(input)?);
        let policy = std::str::from_utf8(varint::read_bytes(input)?).ok()?.to_owned();
        let mut parts = Vec::new();
        for _ in 0..varint::read_u64(input)? {
            let (start, end) = (u64::from_le_bytes(take(input)?), u64::from_le_bytes(take(input)?));
            let window = TimeRange::new(start as i64, end as i64);
            parts.push(Part { window, sequence: u64::from_le_bytes(take(input)?) });
        }
        Some(Self { from_offset, to_offset, tier_ms, policy, parts })
    }

    pub(super) fn len_bytes(&self) -> usize {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes.len()
    }
}
