//! The index of a block: columns of times, series with the places of their chunks, and postings. It is kept in memory
//! as the bytes of its file, which are compact, and read where needed.
//!
//! Series are in order of id, and their ordinal is their place in that order. Keys and label values are front-coded in
//! groups of [`GROUP`]: each says how many bytes it shares with the one before, the first of a group shares none.

mod build;
mod labels;
mod series;

pub(crate) use build::IndexBuilder;

use super::{BlockError, FileKind, HEADER_BYTES};
use crate::index::{Index, sets};
use crate::rollup::summary::Summary;
use labels::LabelsTable;
use model::{SeriesId, labels::Iter};
use std::ops::Range;
use stdx::crc::crc32;
use stdx::varint;

/// The index file.
const FILE: FileKind = FileKind { magic: *b"WHINDX", version: 2 };
/// Entries of a front-coded group.
const GROUP: usize = 16;
/// Bytes of an entry of the table of times.
const TIMES_ENTRY_BYTES: usize = 32;
/// Bytes of the footer: six places, the number of series, the checksum.
const FOOTER_BYTES: usize = 6 * 8 + 8 + 4;

/// A column of times that series of the block share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimesEntry {
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    /// Place in the data file.
    pub(crate) offset: u64,
    pub(crate) count: u32,
    /// Length there, without the checksum.
    pub(crate) len_bytes: u32,
}

/// Where a chunk is, and what its samples come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ChunkPlace {
    /// Which column of times.
    pub(crate) times: u32,
    /// Place of the values in the data file.
    pub(crate) offset: u64,
    /// Length there, without the checksum.
    pub(crate) len_bytes: u32,
    /// Absent in blocks of version 1, and for rows.
    pub(crate) summary: Option<Summary>,
}

/// An opened index.
#[derive(Debug)]
pub(crate) struct BlockIndex {
    version: u16,
    bytes: Vec<u8>,
    times: Range<usize>,
    series: Range<usize>,
    /// Place of every group within `series`, 4 bytes each.
    groups: Range<usize>,
    count: u32,
    /// Runs of consecutive ids: first id, first ordinal, length.
    ids: Vec<(u64, u32, u32)>,
    labels: LabelsTable,
}

impl BlockIndex {
    /// Opens the content of the index file of block `sequence`.
    pub(crate) fn open(bytes: Vec<u8>, sequence: u64) -> Result<Self, BlockError> {
        let version = FILE.check_header(&bytes, sequence)?;
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(malformed)?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return Err(BlockError::damaged("index: the checksum is wrong"));
        }
        Self::parse(bytes, version).ok_or_else(malformed)
    }

    fn parse(bytes: Vec<u8>, version: u16) -> Option<Self> {
        let footer = bytes.len().checked_sub(FOOTER_BYTES)?;
        let word = |i: usize| {
            let at = footer + i * 8;
            usize::try_from(u64::from_le_bytes(*bytes[at..].first_chunk()?)).ok()
        };
        let mut places = [0; 6];
        for (i, place) in places.iter_mut().enumerate() {
            *place = word(i)?;
        }
        let count = u32::try_from(word(6)?).ok()?;
        let [times, series, groups, ids, labels, end] = places;
        if !places.is_sorted() || times < HEADER_BYTES || end != footer {
            return None;
        }
        let whole = (series - times).is_multiple_of(TIMES_ENTRY_BYTES)
            && ids - groups == (count as usize).div_ceil(GROUP) * 4;
        let ids = read_ids(&bytes[ids..labels], count)?;
        let labels = LabelsTable::parse(&bytes, labels..end)?;
        whole.then_some(Self {
            version,
            times: times..series,
            series: series..groups,
            groups: groups..places[3],
            count,
            ids,
            labels,
            bytes,
        })
    }

    /// A column of times.
    pub(crate) fn times(&self, number: u32) -> Option<TimesEntry> {
        let table = &self.bytes[self.times.clone()];
        let entry = table.get(number as usize * TIMES_ENTRY_BYTES..)?.first_chunk::<TIMES_ENTRY_BYTES>()?;
        let word = |at: usize| u64::from_le_bytes(*entry[at..].first_chunk().expect("within the entry"));
        Some(TimesEntry {
            first_ms: word(0) as i64,
            last_ms: word(8) as i64,
            offset: word(16),
            count: word(24) as u32,
            len_bytes: (word(24) >> 32) as u32,
        })
    }

    /// The ordinal of an id.
    pub(crate) fn ordinal(&self, id: SeriesId) -> Option<u32> {
        let run = self.ids.partition_point(|&(first, _, _)| first <= id.0).checked_sub(1)?;
        let (first, ordinal, len) = self.ids[run];
        let offset = id.0 - first;
        (offset < u64::from(len)).then(|| ordinal + offset as u32)
    }

    /// The id of an ordinal.
    pub(crate) fn id(&self, ordinal: u32) -> Option<SeriesId> {
        let run = self.ids.partition_point(|&(_, first, _)| first <= ordinal).checked_sub(1)?;
        let (id, first, len) = self.ids[run];
        (ordinal - first < len).then(|| SeriesId(id + u64::from(ordinal - first)))
    }

    /// All ids, ascending.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SeriesId> {
        self.ids.iter().flat_map(|&(first, _, len)| (0..u64::from(len)).map(move |i| SeriesId(first + i)))
    }

    /// The ordinal of the series with this key: those that have all its labels, and no others.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        let mut found: Option<Vec<u32>> = None;
        for (name, value) in Iter::over_key(key) {
            let mut list = Vec::new();
            self.exact(name, value, &mut list);
            match &mut found {
                Some(found) => sets::intersect(found, &list),
                None => found = Some(list),
            }
            if found.as_ref().is_some_and(Vec::is_empty) {
                return None;
            }
        }
        let found = found.unwrap_or_else(|| (0..self.count).collect());
        found.into_iter().find(|&ordinal| self.series(ordinal).is_some_and(|s| s.key == key))
    }
}

fn malformed() -> BlockError {
    BlockError::damaged("index: it makes no sense")
}

fn read_ids(mut input: &[u8], count: u32) -> Option<Vec<(u64, u32, u32)>> {
    let mut ids = Vec::new();
    let (mut id, mut ordinal) = (0u64, 0u32);
    while !input.is_empty() {
        id = id.checked_add(varint::read_u64(&mut input)?)?;
        let len = u32::try_from(varint::read_u64(&mut input)?).ok()?;
        ids.push((id, ordinal, len));
        id = id.checked_add(u64::from(len))?;
        ordinal = ordinal.checked_add(len)?;
    }
    (ordinal == count).then_some(ids)
}
