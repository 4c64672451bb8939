//! What a block is, in a few numbers. This file is written last: without it there is no block.

use super::{BlockError, HEADER_BYTES, check_header, header};
use model::TimeRange;
use stdx::crc::crc32;

const MAGIC: [u8; 6] = *b"WHMETA";
/// Version of the file's format.
const VERSION: u16 = 1;
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
}

impl Meta {
    /// The content of the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = header(MAGIC, VERSION, self.sequence).to_vec();
        for number in [self.window.start_ms, self.window.end_ms, self.first_ms, self.last_ms] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let replaces = self.replaces.len() as u64;
        for number in [self.series, self.samples, self.data_bytes, self.index_bytes, replaces] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.replaces.iter().for_each(|sequence| bytes.extend_from_slice(&sequence.to_le_bytes()));
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the content of the file of block `sequence`.
    pub(crate) fn decode(bytes: &[u8], sequence: u64) -> Result<Self, BlockError> {
        check_header(bytes, MAGIC, VERSION, sequence)?;
        let damaged = || BlockError::damaged("meta: the checksum is wrong");
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return Err(damaged());
        }
        let (words, rest) = body.get(HEADER_BYTES..).ok_or_else(damaged)?.as_chunks::<8>();
        let words: Vec<u64> = words.iter().map(|w| u64::from_le_bytes(*w)).collect();
        match words[..] {
            [
                start,
                end,
                first,
                last,
                series,
                samples,
                data_bytes,
                index_bytes,
                replaced,
                ref replaces @ ..,
            ] if rest.is_empty() && replaced == replaces.len() as u64 => Ok(Self {
                sequence,
                window: TimeRange::new(start as i64, end as i64),
                first_ms: first as i64,
                last_ms: last as i64,
                series,
                samples,
                data_bytes,
                index_bytes,
                replaces: replaces.to_vec(),
            }),
            _ => Err(BlockError::damaged("meta: it has the wrong length")),
        }
    }

    /// From the oldest to just after the newest sample.
    pub(crate) fn range(&self) -> TimeRange {
        TimeRange::new(self.first_ms, self.last_ms.saturating_add(1))
    }

    /// Bytes on disk.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.data_bytes + self.index_bytes + (HEADER_BYTES + (9 + self.replaces.len()) * 8 + 4) as u64
    }
}
