//! Writes a block: chunks to the data as they come, then the index, then the meta; each is on the medium before the
//! next is started, and nobody knows of the block before the manifest names it.

use super::HEADER_BYTES;
use super::index::{ChunkPlace, IndexBuilder, TimesEntry};
use super::meta::{Meta, Origin};
use super::reader::DATA_FILE;
use crate::blockstore::{BlockStore, Upload};
use crate::codec::{CHUNK_SAMPLES_MAX, times, values};
use crate::names;
use crate::rollup::{rows, summary::Summary};
use hashbrown::HashMap;
use model::{Kind, Row, SeriesId, TimeRange};
use std::io;
use std::sync::Arc;
use stdx::crc::crc32;

/// Chunks are cut so that they hold up to about this many samples.
pub(crate) const CHUNK_SAMPLES: usize = 2048;
/// Bytes gathered before they are written.
const WRITE_BYTES: usize = 256 << 10;
/// Columns of times remembered, to share them.
const TIMES_REMEMBERED: usize = 16_384;

/// A block in the making.
pub(crate) struct BlockWriter {
    store: Arc<dyn BlockStore>,
    sequence: u64,
    window: TimeRange,
    data: Box<dyn Upload>,
    buffer: Vec<u8>,
    /// Bytes of data so far, with those in the buffer.
    data_bytes: u64,
    index: IndexBuilder,
    times_count: u32,
    /// Numbers of columns of times by their count and coded bytes.
    times_known: HashMap<(u32, Box<[u8]>), u32>,
    chunks: Vec<ChunkPlace>,
    coded: Vec<u8>,
    first_ms: i64,
    last_ms: i64,
    samples: u64,
}

impl BlockWriter {
    /// Starts block `sequence` for a window.
    pub(crate) fn create(store: Arc<dyn BlockStore>, sequence: u64, window: TimeRange) -> io::Result<Self> {
        let data = store.create(&names::block_object(sequence, names::DATA))?;
        Ok(Self {
            store,
            sequence,
            window,
            data,
            buffer: DATA_FILE.header(sequence).to_vec(),
            data_bytes: HEADER_BYTES as u64,
            index: IndexBuilder::default(),
            times_count: 0,
            times_known: HashMap::new(),
            chunks: Vec::new(),
            coded: Vec::new(),
            first_ms: i64::MAX,
            last_ms: i64::MIN,
            samples: 0,
        })
    }

    /// Adds samples of the current series, newer than those before, cut into chunks. Cuts lie at the same times for
    /// all series of about the same density, so that series scraped together share their times whenever they began.
    pub(crate) fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> io::Result<()> {
        let slot_ms = self.slot_ms(times_ms);
        let start_ms = self.window.start_ms;
        let slot = |time_ms: i64| time_ms.saturating_sub(start_ms).div_euclid(slot_ms);
        let mut start = 0;
        while start < times_ms.len() {
            let this = slot(times_ms[start]);
            let most = CHUNK_SAMPLES_MAX.min(times_ms.len() - start);
            let len = times_ms[start..start + most].partition_point(|&t| slot(t) == this);
            self.chunk(&times_ms[start..start + len], &values[start..start + len])?;
            start += len;
        }
        Ok(())
    }

    /// A part of the window, halved until samples of this density fit a chunk.
    fn slot_ms(&self, times_ms: &[i64]) -> i64 {
        let (Some(first), Some(last)) = (times_ms.first(), times_ms.last()) else { return 1 };
        let covered_ms = last.saturating_sub(*first).saturating_add(1);
        let mut slot_ms = self.window.len_ms().max(1);
        let in_slot = |slot_ms: i64| times_ms.len() as f64 * slot_ms as f64 / covered_ms as f64;
        while slot_ms > 1 && in_slot(slot_ms) > CHUNK_SAMPLES as f64 {
            slot_ms = slot_ms / 2 + slot_ms % 2;
        }
        slot_ms
    }

    fn chunk(&mut self, times_ms: &[i64], values: &[f64]) -> io::Result<()> {
        let mut coded = std::mem::take(&mut self.coded);
        coded.clear();
        times::encode(times_ms, &mut coded);
        let entry = entry(times_ms);
        let times = self.times(entry, &coded)?;
        coded.clear();
        values::encode(values, &mut coded);
        let added = self.values(times, entry, &coded, Summary::of(values));
        self.coded = coded;
        added
    }

    /// Adds rows of the current series, all of one length, later than those before.
    pub(crate) fn rows(&mut self, rows: &[Row], kind: Kind) -> io::Result<()> {
        for rows in rows.chunks(CHUNK_SAMPLES) {
            let starts_ms: Vec<i64> = rows.iter().map(|row| row.span.start_ms).collect();
            let (mut times, mut coded) = (Vec::new(), Vec::new());
            times::encode(&starts_ms, &mut times);
            rows::encode(rows, kind, &mut coded);
            self.coded_chunk(entry(&starts_ms), &times, &coded, None)?;
        }
        Ok(())
    }

    /// Adds a chunk of the current series as it is coded, newer than those before.
    pub(crate) fn coded_chunk(
        &mut self,
        entry: TimesEntry,
        times: &[u8],
        values: &[u8],
        summary: Option<Summary>,
    ) -> io::Result<()> {
        let number = self.times(entry, times)?;
        self.values(number, entry, values, summary)
    }

    /// The number of a column of times, which is written when it is new.
    fn times(&mut self, entry: TimesEntry, coded: &[u8]) -> io::Result<u32> {
        let key = (entry.count, Box::from(coded));
        if let Some(&number) = self.times_known.get(&key) {
            return Ok(number);
        }
        let (offset, len_bytes) = self.put(coded)?;
        let number = self.times_count;
        self.times_count =
            number.checked_add(1).ok_or_else(|| io::Error::other("too many columns of times in a block"))?;
        self.index.add_times(TimesEntry { offset, len_bytes, ..entry });
        if self.times_known.len() >= TIMES_REMEMBERED {
            self.times_known.clear();
        }
        self.times_known.insert(key, number);
        Ok(number)
    }

    fn values(
        &mut self,
        times: u32,
        entry: TimesEntry,
        coded: &[u8],
        summary: Option<Summary>,
    ) -> io::Result<()> {
        let (offset, len_bytes) = self.put(coded)?;
        self.chunks.push(ChunkPlace { times, offset, len_bytes, summary });
        self.first_ms = self.first_ms.min(entry.first_ms);
        self.last_ms = self.last_ms.max(entry.last_ms);
        self.samples += u64::from(entry.count);
        Ok(())
    }

    /// Appends bytes and their checksum to the data.
    fn put(&mut self, bytes: &[u8]) -> io::Result<(u64, u32)> {
        let offset = self.data_bytes;
        self.buffer.extend_from_slice(bytes);
        self.buffer.extend_from_slice(&crc32(bytes).to_le_bytes());
        self.data_bytes += bytes.len() as u64 + 4;
        if self.buffer.len() >= WRITE_BYTES {
            self.data.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok((offset, bytes.len() as u32))
    }

    /// Ends the current series; ids must ascend. Without samples it is left out.
    pub(crate) fn end_series(&mut self, id: SeriesId, key: &[u8], kind: Kind) {
        if !self.chunks.is_empty() {
            self.index.add_series(id, key, kind, &self.chunks);
            self.chunks.clear();
        }
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// Makes the block real. It replaces the blocks named.
    pub(crate) fn finish(mut self, replaces: Vec<u64>, origin: Origin) -> io::Result<Meta> {
        self.data.write_all(&self.buffer)?;
        self.data.finish()?;
        let mut meta = Meta {
            sequence: self.sequence,
            window: self.window,
            first_ms: if self.samples == 0 { self.window.start_ms } else { self.first_ms },
            last_ms: if self.samples == 0 { self.window.start_ms } else { self.last_ms },
            series: u64::from(self.index.series_count()),
            samples: self.samples,
            data_bytes: self.data_bytes,
            index_bytes: 0,
            replaces,
            origin,
        };
        let index = self
            .index
            .finish(self.sequence)
            .ok_or_else(|| io::Error::other("the index of a block is larger than 4 GiB"))?;
        meta.index_bytes = index.len() as u64;
        self.store.put_new(&names::block_object(self.sequence, names::INDEX), &index)?;
        self.store.put_new(&names::block_object(self.sequence, names::META), &meta.encode())?;
        Ok(meta)
    }
}

/// The entry of a column of times that is not yet written; it is not empty.
fn entry(times_ms: &[i64]) -> TimesEntry {
    let (first_ms, last_ms) = (times_ms[0], times_ms[times_ms.len() - 1]);
    TimesEntry { first_ms, last_ms, offset: 0, count: times_ms.len() as u32, len_bytes: 0 }
}
