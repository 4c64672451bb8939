//! Makes the index of a block.
//!
//! Series come in order, so their rows and postings are coded as they come. Which place a value has among the sorted
//! values of its name is known only at the end: until then rows have provisional numbers.

use super::dictionary::Dictionary;
use super::rows::Row;
use super::{ChunkPlace, FILE, GROUP, TimesEntry, series};
use model::{Kind, SeriesId};
use stdx::crc::crc32;
use stdx::varint;

/// An index in the making.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    times: Vec<u8>,
    /// First id and length of the runs of consecutive ids.
    ids: Vec<(u64, u64)>,
    dictionary: Dictionary,
    /// Rows with provisional numbers, each upon the one before.
    rows: Vec<u8>,
    /// The last of them.
    row: Row,
    /// Places of chunks, series by series.
    chunks: Vec<u8>,
    coded: Vec<u8>,
    count: u32,
}

impl IndexBuilder {
    /// Adds a column of times; its number is how many were added before.
    pub(crate) fn add_times(&mut self, entry: TimesEntry) {
        self.times.extend_from_slice(&entry.first_ms.to_le_bytes());
        self.times.extend_from_slice(&entry.last_ms.to_le_bytes());
        self.times.extend_from_slice(&entry.offset.to_le_bytes());
        self.times.extend_from_slice(&entry.count.to_le_bytes());
        self.times.extend_from_slice(&entry.len_bytes.to_le_bytes());
    }

    /// Adds a series, whose id is above those before.
    pub(crate) fn add_series(&mut self, id: SeriesId, key: &[u8], kind: Kind, chunks: &[ChunkPlace]) {
        self.coded.clear();
        series::write_chunks(&mut self.coded, chunks);
        varint::write_bytes(&mut self.chunks, &self.coded);
        let row = self.dictionary.row(key, kind, self.count);
        row.write((self.count > 0).then_some(&self.row), &mut self.rows);
        self.row = row;
        self.count += 1;
        match self.ids.last_mut() {
            Some((first, len)) if *first + *len == id.0 => *len += 1,
            _ => self.ids.push((id.0, 1)),
        }
    }

    /// Number of series.
    pub(crate) fn series_count(&self) -> u32 {
        self.count
    }

    /// The content of the file; `None` when a part is too large for the format.
    pub(crate) fn finish(mut self, sequence: u64) -> Option<Vec<u8>> {
        let ids = self.coded_ids();
        let sorted = std::mem::take(&mut self.dictionary).finish(self.count);
        let (series, groups) = self.coded_series(&sorted.value_ranks, &sorted.provisional)?;
        let mut bytes = FILE.header(sequence).to_vec();
        let mut places = Vec::new();
        for part in [&self.times, &series, &groups, &ids, &sorted.shapes, &sorted.labels] {
            places.push(bytes.len() as u64);
            bytes.extend_from_slice(part);
        }
        places.push(bytes.len() as u64);
        places.push(u64::from(self.count));
        places.iter().for_each(|place| bytes.extend_from_slice(&place.to_le_bytes()));
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        Some(bytes)
    }

    fn coded_ids(&self) -> Vec<u8> {
        let (mut out, mut next) = (Vec::new(), 0);
        for &(first, len) in &self.ids {
            varint::write_u64(&mut out, first - next);
            varint::write_u64(&mut out, len);
            next = first + len;
        }
        out
    }

    /// The series with final numbers, and where their groups start.
    fn coded_series(&self, value_ranks: &[Vec<u32>], shapes: &[Vec<u32>]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut out, mut groups) = (Vec::new(), Vec::new());
        let (mut rows, mut chunks) = (self.rows.as_slice(), self.chunks.as_slice());
        let (mut row, mut previous) = (Row::default(), Row::default());
        for ordinal in 0..self.count as usize {
            row.read(&mut rows, |shape| shapes.get(shape as usize).map(Vec::len))?;
            let shape = &shapes[row.shape as usize];
            let values = shape
                .iter()
                .zip(&row.values)
                .map(|(name, value)| value_ranks[*name as usize][*value as usize]);
            let ranked = Row { values: values.collect(), ..row.clone() };
            let in_group = !ordinal.is_multiple_of(GROUP);
            if !in_group {
                groups.extend_from_slice(&u32::try_from(out.len()).ok()?.to_le_bytes());
            }
            ranked.write(in_group.then_some(&previous), &mut out);
            varint::write_bytes(&mut out, varint::read_bytes(&mut chunks)?);
            previous = ranked;
        }
        debug_assert!(rows.is_empty() && chunks.is_empty());
        Some((out, groups))
    }
}
