//! Makes the index of a block.

use super::{ChunkPlace, FILE, GROUP, TimesEntry, labels, series};
use crate::index::Index;
use crate::index::memory::Postings;
use model::{Kind, SeriesId};
use stdx::crc::crc32;
use stdx::varint;

/// An index in the making.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    times: Vec<u8>,
    series: Vec<u8>,
    groups: Vec<u8>,
    /// First id and length of the runs of consecutive ids.
    ids: Vec<(u64, u64)>,
    postings: Postings,
    previous: Vec<u8>,
    chunks: Vec<u8>,
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
        if self.postings.series_count().is_multiple_of(GROUP as u32) {
            self.groups.extend_from_slice(&(self.series.len() as u32).to_le_bytes());
            self.previous.clear();
        }
        self.chunks.clear();
        series::write_chunks(&mut self.chunks, chunks);
        series::write(&mut self.series, &self.previous, key, kind, &self.chunks);
        self.previous.clear();
        self.previous.extend_from_slice(key);
        self.postings.add(key);
        match self.ids.last_mut() {
            Some((first, len)) if *first + *len == id.0 => *len += 1,
            _ => self.ids.push((id.0, 1)),
        }
    }

    /// Number of series.
    pub(crate) fn series_count(&self) -> u32 {
        self.postings.series_count()
    }

    /// The content of the file; `None` when a part is too large for the format.
    pub(crate) fn finish(self, sequence: u64) -> Option<Vec<u8>> {
        u32::try_from(self.series.len()).ok()?;
        let mut bytes = FILE.header(sequence).to_vec();
        let mut places = Vec::new();
        for part in [&self.times, &self.series, &self.groups, &self.coded_ids(), &self.coded_labels()] {
            places.push(bytes.len() as u64);
            bytes.extend_from_slice(part);
        }
        places.push(bytes.len() as u64);
        places.push(u64::from(self.series_count()));
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

    fn coded_labels(&self) -> Vec<u8> {
        let (mut out, mut values) = (Vec::new(), Vec::new());
        self.postings.tables().for_each(|(name, table)| {
            values.clear();
            labels::write_values(&mut values, table);
            varint::write_bytes(&mut out, name.as_bytes());
            varint::write_bytes(&mut out, &values);
        });
        out
    }
}
