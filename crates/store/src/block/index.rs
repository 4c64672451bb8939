//! The index of a block: columns of times, series with the places of their chunks, and postings. It is kept in memory
//! as the bytes of its file, which are compact, and read where needed.
//!
//! Series are in order of id, and their ordinal is their place in that order. Label values are front-coded in groups of
//! [`GROUP`]: each says how many bytes it shares with the one before, the first of a group shares none. Series are kept
//! as numbers of their label values, in groups as well; in version 1 as their keys, front-coded.

mod build;
mod cache;
mod dictionary;
mod labels;
mod rows;
mod series;
mod walk;

#[cfg(test)]
mod measure;

pub(crate) use build::IndexBuilder;
pub(crate) use series::SeriesReader;

use super::{BlockError, FileKind, HEADER_BYTES};
use crate::index::matcher::{self, Condition, Question};
use crate::index::{Index, Set};
use crate::rollup::summary::Summary;
use cache::Answers;
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
/// Places in the footer, which has the number of series and the checksum besides: of the sections and of itself.
const PLACES: usize = 7;

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
    bytes: Vec<u8>,
    times: Range<usize>,
    series: Range<usize>,
    /// Place of every group within `series`, 4 bytes each.
    groups: Range<usize>,
    count: u32,
    /// Runs of consecutive ids: first id, first ordinal, length.
    ids: Vec<(u64, u32, u32)>,
    version: u16,
    /// Numbers of the names that a series of the shape has; none in version 1.
    shapes: Vec<Box<[u32]>>,
    labels: LabelsTable,
    answers: Answers,
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
        // Version 1 has no shapes.
        let without = usize::from(version == 1);
        let footer = bytes.len().checked_sub((PLACES - without) * 8 + 8 + 4)?;
        let (words, _) = bytes[footer..].as_chunks::<8>();
        let mut words: Vec<usize> = words
            .iter()
            .map(|word| usize::try_from(u64::from_le_bytes(*word)).ok())
            .collect::<Option<_>>()?;
        if version == 1 {
            words.insert(4, *words.get(4)?);
        }
        let [times, series, groups, ids, shapes, labels, end, count] = words[..] else { return None };
        let count = u32::try_from(count).ok()?;
        if !words[..PLACES].is_sorted() || times < HEADER_BYTES || end != footer {
            return None;
        }
        let whole = (series - times).is_multiple_of(TIMES_ENTRY_BYTES)
            && ids - groups == (count as usize).div_ceil(GROUP) * 4;
        let ids_read = read_ids(&bytes[ids..shapes], count)?;
        let labels_read = LabelsTable::parse(&bytes, labels..end, version)?;
        whole.then_some(Self {
            times: times..series,
            series: series..groups,
            groups: groups..ids,
            count,
            ids: ids_read,
            version,
            shapes: read_shapes(&bytes[shapes..labels], labels_read.len())?,
            labels: labels_read,
            answers: Answers::new(bytes.len()),
            bytes,
        })
    }

    /// The series that a question asks for. Answers are remembered.
    pub(crate) fn matching(&self, question: &Question<'_>) -> Set {
        self.answers.get(&question.text, || {
            let mut reader = self.reader();
            let mut spoken_of = |condition: &Condition<'_>| match &condition.text {
                Some(text) => self.answers.get(text, || condition.spoken_of(self)),
                None => condition.spoken_of(self),
            };
            let mut holds = |ordinal, condition: &Condition<'_>| {
                let series = reader.get(ordinal)?;
                let value = Iter::over_key(&series.key).find(|(name, _)| *name == condition.name());
                Some(condition.accepts(value.map_or("", |(_, value)| value)))
            };
            matcher::answer(self, question, &mut spoken_of, &mut holds)
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
        let mut found: Option<Set> = None;
        for (name, value) in Iter::over_key(key) {
            let with = self.exact(name, value);
            let both = match found {
                Some(found) => found & with,
                None => with,
            };
            if both.is_empty() {
                return None;
            }
            found = Some(both);
        }
        let found = found.unwrap_or_else(|| (0..self.count).collect());
        let mut reader = self.reader();
        found.into_iter().find(|&ordinal| reader.get(ordinal).is_some_and(|s| s.key == key))
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

fn read_shapes(mut input: &[u8], names: usize) -> Option<Vec<Box<[u32]>>> {
    let mut shapes = Vec::new();
    while !input.is_empty() {
        let len = usize::try_from(varint::read_u64(&mut input)?).ok()?;
        if len > names {
            return None;
        }
        let mut shape = Vec::with_capacity(len);
        for _ in 0..len {
            let name = u32::try_from(varint::read_u64(&mut input)?).ok()?;
            shape.push(name);
        }
        // Labels are in order of their names.
        if !shape.is_sorted_by(|a, b| a < b) || shape.last().is_some_and(|last| *last as usize >= names) {
            return None;
        }
        shapes.push(shape.into_boxed_slice());
    }
    Some(shapes)
}
