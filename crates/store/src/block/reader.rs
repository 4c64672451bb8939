//! An open block: its index in memory, its chunks read when asked for.

use super::index::{BlockIndex, ChunkPlace, TimesEntry};
use super::meta::Meta;
use super::{BlockError, HEADER_BYTES, check_header};
use crate::codec::{times, values};
use crate::names;
use model::{Labels, Series, SeriesId, TimeRange};
use std::path::Path;
use std::sync::Arc;
use stdx::crc::crc32;
use stdx::disk::{Disk, ReadAt};

/// The magic of the data file.
pub(crate) const DATA_MAGIC: [u8; 6] = *b"WHDATA";
/// Largest chunk that is read; a longer one is damage.
const CHUNK_BYTES_MAX: u32 = 1 << 20;

/// A chunk of a series, found but not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredChunk {
    pub(crate) place: ChunkPlace,
    pub(crate) times: TimesEntry,
}

/// An open block.
pub(crate) struct Block {
    pub(crate) meta: Meta,
    pub(crate) index: BlockIndex,
    data: Arc<dyn ReadAt>,
}

impl Block {
    /// Opens the block of this number in its folder. Its data are checked as they are read, not now.
    pub(crate) fn open(disk: &dyn Disk, folder: &Path, sequence: u64) -> Result<Self, BlockError> {
        let meta = Meta::decode(&disk.read(&folder.join(names::META))?, sequence)?;
        let index_bytes = disk.read(&folder.join(names::INDEX))?;
        if index_bytes.len() as u64 != meta.index_bytes {
            return Err(BlockError::damaged("index: it has the wrong length"));
        }
        let index = BlockIndex::open(index_bytes, sequence)?;
        let data = disk.open(&folder.join(names::DATA))?;
        if data.len()? != meta.data_bytes {
            return Err(BlockError::damaged("data: it has the wrong length"));
        }
        let mut head = [0; HEADER_BYTES];
        data.read_exact_at(&mut head, 0)?;
        check_header(&head, DATA_MAGIC, sequence)?;
        Ok(Self { meta, index, data })
    }

    /// The series of an ordinal.
    pub(crate) fn series(&self, ordinal: u32) -> Result<Series, BlockError> {
        let stored = self.index.series(ordinal).ok_or_else(lost)?;
        Ok(Series {
            id: self.index.id(ordinal).ok_or_else(lost)?,
            labels: Labels::from_key(&stored.key).map_err(|_| lost())?,
            kind: stored.kind,
        })
    }

    /// The series with these encoded labels.
    pub(crate) fn find(&self, key: &[u8]) -> Option<Series> {
        self.series(self.index.find(key)?).ok()
    }

    /// The chunks of a series that may have samples in `range`, in order of time.
    pub(crate) fn chunks(&self, id: SeriesId, range: TimeRange) -> Result<Vec<StoredChunk>, BlockError> {
        match self.index.ordinal(id) {
            Some(ordinal) => self.chunks_of(ordinal, range),
            None => Ok(Vec::new()),
        }
    }

    fn chunks_of(&self, ordinal: u32, range: TimeRange) -> Result<Vec<StoredChunk>, BlockError> {
        let mut chunks = Vec::new();
        for place in self.index.chunks(ordinal).ok_or_else(lost)? {
            let times = self.index.times(place.times).ok_or_else(lost)?;
            if times.first_ms < range.end_ms && range.start_ms <= times.last_ms {
                chunks.push(StoredChunk { place, times });
            }
        }
        Ok(chunks)
    }

    /// Whether a series may have samples in `range`.
    pub(crate) fn touches(&self, ordinal: u32, range: TimeRange) -> Result<bool, BlockError> {
        let within = range.start_ms <= self.meta.first_ms && self.meta.last_ms < range.end_ms;
        Ok(within || !self.chunks_of(ordinal, range)?.is_empty())
    }

    /// Appends the times of a chunk.
    pub(crate) fn read_times(&self, entry: &TimesEntry, out: &mut Vec<i64>) -> Result<(), BlockError> {
        let bytes = self.read_checked(entry.offset, entry.len_bytes)?;
        times::decode(&bytes, entry.count as usize, out).ok_or_else(lost)
    }

    /// Appends the values of a chunk.
    pub(crate) fn read_values(&self, chunk: &StoredChunk, out: &mut Vec<f64>) -> Result<(), BlockError> {
        let bytes = self.read_checked(chunk.place.offset, chunk.place.len_bytes)?;
        values::decode(&bytes, chunk.times.count as usize, out)
            .ok_or_else(|| BlockError::Damaged(format!("data: {}", values::refusal(&bytes))))
    }

    /// The coded bytes of a chunk or of times, after their checksum was compared.
    pub(crate) fn read_checked(&self, offset: u64, len_bytes: u32) -> Result<Vec<u8>, BlockError> {
        if len_bytes > CHUNK_BYTES_MAX {
            return Err(lost());
        }
        let mut bytes = vec![0; len_bytes as usize + 4];
        self.data.read_exact_at(&mut bytes, offset)?;
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(lost)?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return Err(BlockError::Damaged(format!("data: the checksum at byte {offset} is wrong")));
        }
        bytes.truncate(len_bytes as usize);
        Ok(bytes)
    }
}

fn lost() -> BlockError {
    BlockError::damaged("index: it points to nowhere")
}
