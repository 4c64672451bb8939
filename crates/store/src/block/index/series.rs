//! The series of a block and the places of their chunks.

use super::rows::Row;
use super::{BlockIndex, ChunkPlace, GROUP};
use crate::rollup::summary::Summary;
use model::Kind;
use stdx::varint;

/// A series as a block knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredSeries {
    pub(crate) key: Vec<u8>,
    pub(crate) kind: Kind,
    /// In order of time.
    pub(crate) chunks: Vec<ChunkPlace>,
}

/// Length of the common start.
pub(super) fn shared_len(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Appends places of chunks as differences.
pub(super) fn write_chunks(out: &mut Vec<u8>, chunks: &[ChunkPlace]) {
    let (mut times, mut end) = (0i64, 0u64);
    for chunk in chunks {
        varint::write_i64(out, i64::from(chunk.times) - times);
        varint::write_i64(out, chunk.offset.wrapping_sub(end) as i64);
        varint::write_u64(out, u64::from(chunk.len_bytes));
        Summary::write(chunk.summary.as_ref(), out);
        times = i64::from(chunk.times);
        end = chunk.offset + u64::from(chunk.len_bytes);
    }
}

/// Where a walk over the series stands: after the series of an ordinal.
#[derive(Debug, Default)]
struct Cursor {
    next: u32,
    /// What is left of `series`.
    at: usize,
    row: Row,
    /// Of version 1.
    key: Vec<u8>,
}

/// Reads series one after the other; neighbours have most of their labels in common, which are then looked up once.
pub(crate) struct SeriesReader<'a> {
    index: &'a BlockIndex,
    cursor: Cursor,
    /// By number of a name: the number of the value found last, and the value.
    known: Vec<Option<(u32, Vec<u8>)>>,
}

impl<'a> SeriesReader<'a> {
    /// The places of a series' chunks.
    pub(crate) fn chunks(&mut self, ordinal: u32) -> Option<Vec<ChunkPlace>> {
        let chunks = self.index.seek_series(&mut self.cursor, ordinal)?;
        self.index.read_chunks(chunks)
    }

    /// The series of an ordinal; quick when it is not far after the one before.
    pub(crate) fn get(&mut self, ordinal: u32) -> Option<StoredSeries> {
        let chunks = self.index.seek_series(&mut self.cursor, ordinal)?;
        let chunks = self.index.read_chunks(chunks)?;
        if self.index.version == 1 {
            return Some(StoredSeries { key: self.cursor.key.clone(), kind: self.cursor.row.kind, chunks });
        }
        let mut key = Vec::new();
        let row = &self.cursor.row;
        let shape = self.index.shapes.get(row.shape as usize)?;
        for (&name, &number) in shape.iter().zip(&row.values) {
            let known = self.known.get_mut(name as usize)?;
            if known.as_ref().is_none_or(|(found, _)| *found != number) {
                let mut value = known.take().map_or_else(Vec::new, |(_, value)| value);
                self.index.value_at(name as usize, number, &mut value)?;
                *known = Some((number, value));
            }
            varint::write_bytes(&mut key, self.index.labels.name(name as usize)?.as_bytes());
            varint::write_bytes(&mut key, &known.as_ref()?.1);
        }
        Some(StoredSeries { key, kind: row.kind, chunks })
    }
}

impl BlockIndex {
    /// Reads series one after the other.
    pub(crate) fn reader(&self) -> SeriesReader<'_> {
        SeriesReader { index: self, cursor: Cursor::default(), known: vec![None; self.labels.len()] }
    }

    /// The kind of a series.
    pub(crate) fn kind(&self, ordinal: u32) -> Option<Kind> {
        let mut cursor = Cursor::default();
        self.seek_series(&mut cursor, ordinal)?;
        Some(cursor.row.kind)
    }

    /// The kind of a series and the places of its chunks, without its key.
    pub(crate) fn chunks(&self, ordinal: u32) -> Option<(Kind, Vec<ChunkPlace>)> {
        let mut cursor = Cursor::default();
        let chunks = self.read_chunks(self.seek_series(&mut cursor, ordinal)?)?;
        Some((cursor.row.kind, chunks))
    }

    fn read_chunks(&self, mut input: &[u8]) -> Option<Vec<ChunkPlace>> {
        let mut chunks = Vec::new();
        let (mut times, mut end) = (0i64, 0u64);
        while !input.is_empty() {
            times = times.checked_add(varint::read_i64(&mut input)?)?;
            let number = u32::try_from(times).ok()?;
            let offset = end.wrapping_add(varint::read_i64(&mut input)? as u64);
            let len_bytes = u32::try_from(varint::read_u64(&mut input)?).ok()?;
            let summary = match self.version {
                1 => None,
                _ => Summary::read(&mut input, self.times(number).map_or(0, |entry| entry.count))?,
            };
            chunks.push(ChunkPlace { times: number, offset, len_bytes, summary });
            end = offset.checked_add(u64::from(len_bytes))?;
        }
        Some(chunks)
    }

    /// Moves to just after a series and gives its coded chunks.
    fn seek_series(&self, cursor: &mut Cursor, ordinal: u32) -> Option<&[u8]> {
        if ordinal >= self.count {
            return None;
        }
        let group = ordinal as usize / GROUP;
        if cursor.next > ordinal || cursor.next as usize / GROUP < group {
            let places = &self.bytes[self.groups.clone()];
            cursor.at = u32::from_le_bytes(*places.get(group * 4..)?.first_chunk()?) as usize;
            cursor.next = (group * GROUP) as u32;
        }
        let section = &self.bytes[self.series.clone()];
        let mut input = section.get(cursor.at..)?;
        let mut chunks = &[][..];
        while cursor.next <= ordinal {
            self.read_entry(cursor, &mut input)?;
            chunks = varint::read_bytes(&mut input)?;
            cursor.next += 1;
            cursor.at = section.len() - input.len();
        }
        Some(chunks)
    }

    fn read_entry(&self, cursor: &mut Cursor, input: &mut &[u8]) -> Option<()> {
        if self.version > 1 {
            return cursor.row.read(input, |shape| self.shapes.get(shape as usize).map(|names| names.len()));
        }
        let shared = usize::try_from(varint::read_u64(input)?).ok()?;
        if shared > cursor.key.len() {
            return None;
        }
        cursor.key.truncate(shared);
        cursor.key.extend_from_slice(varint::read_bytes(input)?);
        let (&kind, rest) = input.split_first()?;
        cursor.row.kind = Kind::from_u8(kind)?;
        *input = rest;
        Some(())
    }
}
