//! An open block: its index in memory, its chunks read when asked for.

use super::ahead::Ahead;
use super::index::{BlockIndex, ChunkPlace, SeriesReader, TimesEntry};
use super::mask::{Hidden, Mask, Masks};
use super::meta::Meta;
use super::{BlockError, FileKind, HEADER_BYTES};
use crate::blockstore::BlockStore;
use crate::codec::{times, values};
use crate::delete::Tomb;
use crate::index::Set;
use crate::index::matcher::Question;
use crate::merge::Rank;
use crate::names;
use crate::rollup::rows::{self, Scratch};
use model::{Aspects, Kind, Labels, Series, Table, TimeRange};
use std::sync::Arc;
use stdx::crc::crc32;

/// The data file.
pub(crate) const DATA_FILE: FileKind = FileKind { magic: *b"WHDATA", version: 1 };
/// Largest chunk that is read; a longer one is damage.
const CHUNK_BYTES_MAX: u32 = 1 << 20;

/// A chunk of a series, found but not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredChunk {
    /// Of its series.
    pub(crate) kind: Kind,
    pub(crate) place: ChunkPlace,
    pub(crate) times: TimesEntry,
}

/// An open block.
pub(crate) struct Block {
    pub(crate) meta: Meta,
    pub(crate) index: BlockIndex,
    store: Arc<dyn BlockStore>,
    /// The key of the data.
    data: String,
    /// What of it was deleted.
    masks: Masks,
}

impl Block {
    /// Opens the block of this number. Its data are checked as they are read, not now.
    pub(crate) fn open(store: &Arc<dyn BlockStore>, sequence: u64) -> Result<Self, BlockError> {
        let meta = Meta::decode(&store.get(&names::block_object(sequence, names::META))?, sequence)?;
        let index_bytes = store.get(&names::block_object(sequence, names::INDEX))?;
        if index_bytes.len() as u64 != meta.index_bytes {
            return Err(BlockError::damaged("index: it has the wrong length"));
        }
        let index = BlockIndex::open(index_bytes, sequence)?;
        let data = names::block_object(sequence, names::DATA);
        if store.len_bytes(&data)? != meta.data_bytes {
            return Err(BlockError::damaged("data: it has the wrong length"));
        }
        let block = Self { meta, index, store: Arc::clone(store), data, masks: Masks::default() };
        DATA_FILE.check_header(&block.read(0, HEADER_BYTES)?, sequence)?;
        Ok(block)
    }

    /// How late its samples were accepted.
    pub(crate) fn rank(&self) -> Rank {
        (self.meta.origin.to_offset, self.meta.sequence)
    }

    /// The series of an ordinal.
    pub(crate) fn series(&self, ordinal: u32) -> Result<Series, BlockError> {
        self.series_by(&mut self.index.reader(), ordinal)
    }

    /// The series of an ordinal, by a reader of the index that has read others before.
    pub(crate) fn series_by(
        &self,
        reader: &mut SeriesReader<'_>,
        ordinal: u32,
    ) -> Result<Series, BlockError> {
        let stored = reader.get(ordinal).ok_or_else(lost)?;
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
    #[cfg(test)]
    pub(crate) fn chunks(
        &self,
        id: model::SeriesId,
        range: TimeRange,
    ) -> Result<Vec<StoredChunk>, BlockError> {
        match self.index.ordinal(id) {
            Some(ordinal) => self.chunks_of(ordinal, range),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn chunks_of(&self, ordinal: u32, range: TimeRange) -> Result<Vec<StoredChunk>, BlockError> {
        let mut chunks = Vec::new();
        let (kind, places) = self.index.chunks(ordinal).ok_or_else(lost)?;
        let hidden = self.hidden(ordinal);
        for place in places {
            let times = self.index.times(place.times).ok_or_else(lost)?;
            if self.shows(hidden.as_deref(), &times, range) {
                chunks.push(StoredChunk { kind, place, times });
            }
        }
        Ok(chunks)
    }

    /// Whether a series may have samples in `range`.
    pub(crate) fn touches(
        &self,
        reader: &mut SeriesReader<'_>,
        ordinal: u32,
        range: TimeRange,
    ) -> Result<bool, BlockError> {
        let hidden = self.hidden(ordinal);
        if hidden.is_none() && self.is_within(range) {
            return Ok(true);
        }
        for place in reader.chunks(ordinal).ok_or_else(lost)? {
            let times = self.index.times(place.times).ok_or_else(lost)?;
            if self.shows(hidden.as_deref(), &times, range) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Those of some series that may have samples in `range`.
    pub(crate) fn touching(&self, series: Set, range: TimeRange) -> Result<Set, BlockError> {
        if self.shows_all(range) {
            return Ok(series);
        }
        let (mut reader, mut touching) = (self.index.reader(), Set::new());
        for ordinal in series {
            if self.touches(&mut reader, ordinal, range)? {
                touching.insert(ordinal);
            }
        }
        Ok(touching)
    }

    /// What a deletion hides is not seen from now on.
    pub(crate) fn hide(&self, tomb: &Tomb) {
        if self.meta.sequence < tomb.below && self.meta.range().overlaps(tomb.range) {
            let question = Question::new(&tomb.matchers);
            let series = self.touching(self.index.matching(&question), tomb.range);
            // What cannot be told is hidden, too; whoever reads it is told of the damage.
            let series = series.unwrap_or_else(|_| self.index.matching(&question));
            self.masks.add(Mask { range: tomb.range, series });
        }
    }

    /// Whether something of it was deleted.
    pub(crate) fn is_masked(&self) -> bool {
        !self.masks.is_empty()
    }

    /// What of a series was deleted; `None` for nothing.
    pub(crate) fn hidden(&self, ordinal: u32) -> Option<Hidden> {
        self.masks.of(ordinal)
    }

    /// Whether a chunk may have samples in `range` that were not deleted.
    fn shows(&self, hidden: Option<&[TimeRange]>, times: &TimesEntry, range: TimeRange) -> bool {
        let covers = |gone: &TimeRange| gone.start_ms <= times.first_ms && times.last_ms < gone.end_ms;
        self.is_in(times, range) && !hidden.is_some_and(|hidden| hidden.iter().any(covers))
    }

    /// Whether every series has something that is not hidden in `range`.
    pub(crate) fn shows_all(&self, range: TimeRange) -> bool {
        self.masks.is_empty() && self.is_within(range)
    }

    fn is_within(&self, range: TimeRange) -> bool {
        let own = self.meta.range();
        range.start_ms <= own.start_ms && own.end_ms <= range.end_ms
    }

    fn is_in(&self, times: &TimesEntry, range: TimeRange) -> bool {
        let end_ms = times.last_ms.saturating_add(self.meta.origin.step_ms());
        times.first_ms < range.end_ms && range.start_ms < end_ms
    }

    /// Appends the times of a chunk.
    pub(crate) fn read_times(&self, entry: &TimesEntry, out: &mut Vec<i64>) -> Result<(), BlockError> {
        let bytes = self.read_checked(entry.offset, entry.len_bytes)?;
        times::decode(&bytes, entry.count as usize, out).ok_or_else(lost)
    }

    /// Appends the rows of a chunk, which start at `starts_ms`, to a table, as far as they are wanted.
    pub(crate) fn read_rows(
        &self,
        chunk: &StoredChunk,
        starts_ms: &[i64],
        wanted: Aspects,
        (ahead, scratch): (&mut Ahead, &mut Scratch),
        table: &mut Table,
    ) -> Result<(), BlockError> {
        let body = self.chunk_body(chunk, ahead)?;
        table.row_ms = i64::from(self.meta.origin.tier_ms);
        rows::decode_table(body, starts_ms, wanted, table, scratch).ok_or_else(lost)
    }

    /// Appends the values of a chunk.
    pub(crate) fn read_values(
        &self,
        chunk: &StoredChunk,
        ahead: &mut Ahead,
        out: &mut Vec<f64>,
    ) -> Result<(), BlockError> {
        let body = self.chunk_body(chunk, ahead)?;
        values::decode(body, chunk.times.count as usize, out)
            .ok_or_else(|| BlockError::Damaged(format!("data: {}", values::refusal(body))))
    }

    /// The coded bytes of a chunk, after their checksum was compared.
    fn chunk_body<'a>(&self, chunk: &StoredChunk, ahead: &'a mut Ahead) -> Result<&'a [u8], BlockError> {
        let (offset, len_bytes) = (chunk.place.offset, chunk.place.len_bytes);
        if len_bytes > CHUNK_BYTES_MAX {
            return Err(lost());
        }
        checked(ahead.get(self, offset, len_bytes as usize + 4)?, offset)
    }

    /// The coded bytes of a chunk or of times, after their checksum was compared.
    pub(crate) fn read_checked(&self, offset: u64, len_bytes: u32) -> Result<Vec<u8>, BlockError> {
        if len_bytes > CHUNK_BYTES_MAX {
            return Err(lost());
        }
        let mut bytes = self.read(offset, len_bytes as usize + 4)?;
        checked(&bytes, offset)?;
        bytes.truncate(len_bytes as usize);
        Ok(bytes)
    }

    /// Some bytes of the data, in place of what is in `bytes`; none after an error.
    pub(super) fn read_into(
        &self,
        offset: u64,
        len_bytes: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), BlockError> {
        let Some(end) = offset.checked_add(len_bytes as u64) else {
            bytes.clear();
            return Err(lost());
        };
        self.store.read_into(&self.data, offset..end, bytes)?;
        if bytes.len() == len_bytes { Ok(()) } else { Err(lost()) }
    }

    /// Some bytes of the data.
    pub(super) fn read(&self, offset: u64, len_bytes: usize) -> Result<Vec<u8>, BlockError> {
        let end = offset.checked_add(len_bytes as u64).ok_or_else(lost)?;
        self.store.read(&self.data, std::slice::from_ref(&(offset..end)))?.pop().ok_or_else(lost)
    }
}

/// What stands before a checksum that is right.
fn checked(bytes: &[u8], offset: u64) -> Result<&[u8], BlockError> {
    let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(lost)?;
    if crc32(body) != u32::from_le_bytes(*crc) {
        return Err(BlockError::Damaged(format!("data: the checksum at byte {offset} is wrong")));
    }
    Ok(body)
}

fn lost() -> BlockError {
    BlockError::damaged("index: it points to nowhere")
}
