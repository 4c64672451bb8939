//! What a block is, in a few numbers. This file is written last: without it there is no block.

mod origin;

pub(crate) use origin::{Origin, Part};

use super::{BlockError, FileKind, HEADER_BYTES};
use model::TimeRange;
use stdx::crc::crc32;

/// The meta file.
const FILE: FileKind = FileKind { magic: *b"WHMETA", version: 2 };
/// Most blocks that one block can replace; more are not joined at once.
pub(crate) const REPLACES_MAX: usize = 4096;

/// A block's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meta {
    /// Blocks are numbered as they are written; where two have the same sample, the later one is right.
    pub(crate) sequence: u64,
    /// The window it belongs to.
    pub(crate) window: TimeRange,
    /// Oldest sample.
    pub(crate) first_ms: i64,
    /// Newest sample.
    pub(crate) last_ms: i64,
    pub(crate) series: u64,
    pub(crate) samples: u64,
    pub(crate) data_bytes: u64,
    pub(crate) index_bytes: u64,
    /// The blocks whose samples it holds; they are to be removed.
    pub(crate) replaces: Vec<u64>,
    /// Where its samples come from, and what they are.
    pub(crate) origin: Origin,
}

impl Meta {
    /// The content of the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = FILE.header(self.sequence).to_vec();
        for number in [self.window.start_ms, self.window.end_ms, self.first_ms, self.last_ms] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let replaces = self.replaces.len() as u64;
        for number in [self.series, self.samples, self.data_bytes, self.index_bytes, replaces] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.replaces.iter().for_each(|sequence| bytes.extend_from_slice(&sequence.to_le_bytes()));
        self.origin.write(&mut bytes);
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the content of the file of block `sequence`.
    pub(crate) fn decode(bytes: &[u8], sequence: u64) -> Result<Self, BlockError> {
        let version = FILE.check_header(bytes, sequence)?;
        let damaged = || BlockError::damaged("meta: the checksum is wrong");
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return Err(damaged());
        }
        let mut input = &body[HEADER_BYTES..];
        Self::read(&mut input, sequence, version)
            .filter(|_| input.is_empty())
            .ok_or_else(|| BlockError::damaged("meta: it has the wrong length"))
    }

    fn read(input: &mut &[u8], sequence: u64, version: u16) -> Option<Self> {
        let mut word = || Some(u64::from_le_bytes(take(input)?));
        let window = TimeRange::new(word()? as i64, word()? as i64);
        let (first_ms, last_ms) = (word()? as i64, word()? as i64);
        let (series, samples, data_bytes, index_bytes) = (word()?, word()?, word()?, word()?);
        let replaced = word()?;
        let replaces = (0..replaced).map(|_| word()).collect::<Option<Vec<u64>>>()?;
        let origin = if version == 1 { Origin::default() } else { Origin::read(input)? };
        Some(Self {
            sequence,
            window,
            first_ms,
            last_ms,
            series,
            samples,
            data_bytes,
            index_bytes,
            replaces,
            origin,
        })
    }

    /// From the oldest to just after the newest sample, or the end of the newest row.
    pub(crate) fn range(&self) -> TimeRange {
        TimeRange::new(self.first_ms, self.last_ms.saturating_add(self.origin.step_ms()))
    }

    /// The windows first written that its samples come from, each with the newest block first written for it.
    pub(crate) fn parts(&self) -> Vec<Part> {
        match self.origin.parts[..] {
            // Late samples may lie before the window, and others after it, in windows of their own: all of these were
            // written with it, also where they are empty.
            [] => vec![Part { window: whole_windows(self.window, self.range()), sequence: self.sequence }],
            _ => self.origin.parts.clone(),
        }
    }

    /// Bytes on disk.
    pub(crate) fn len_bytes(&self) -> u64 {
        let words = 9 + self.replaces.len();
        self.data_bytes + self.index_bytes + (HEADER_BYTES + words * 8 + self.origin.len_bytes() + 4) as u64
    }
}

/// A window and as many before and after it as `range` reaches into.
fn whole_windows(window: TimeRange, range: TimeRange) -> TimeRange {
    let span_ms = window.end_ms.saturating_sub(window.start_ms).max(1);
    let whole = |ms: i64| ms.max(0).saturating_add(span_ms - 1).div_euclid(span_ms).saturating_mul(span_ms);
    let before_ms = whole(window.start_ms.saturating_sub(range.start_ms));
    let after_ms = whole(range.end_ms.saturating_sub(window.end_ms));
    TimeRange::new(window.start_ms.saturating_sub(before_ms), window.end_ms.saturating_add(after_ms))
}

/// Takes so many bytes off the front.
fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*head)
}
