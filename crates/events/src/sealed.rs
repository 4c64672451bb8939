//! A sealed segment: its index is in memory, its blocks are on disk.

use crate::block::{self, Numbered};
use crate::file::{self, INDEX, take_text, take_u64};
use crate::telemetry::DAMAGED;
use model::Origin;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use stdx::disk::{Disk, ReadAt};
use stdx::varint;

/// Where a block is and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    /// Places of its first and last host among those of the index.
    pub(crate) hosts: (u32, u32),
    pub(crate) number_first: u64,
    pub(crate) number_last: u64,
    pub(crate) time_min: i64,
    pub(crate) time_max: i64,
    pub(crate) levels: u8,
}

/// What is in a segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Index {
    /// Number of the first event.
    pub(crate) first: u64,
    /// Number after the last event.
    pub(crate) end: u64,
    /// When it was sealed, in Unix milliseconds.
    pub(crate) sealed_ms: i64,
    /// Sorted.
    pub(crate) hosts: Vec<Arc<str>>,
    pub(crate) entries: Vec<Entry>,
    /// The last place in each agent's stream.
    pub(crate) origins: Vec<Origin>,
}

impl Index {
    /// Whether an event's number is among those of the segment.
    pub(crate) fn covers(&self, number: u64) -> bool {
        (self.first..self.end).contains(&number)
    }

    /// Adds a block that starts at `offset`.
    pub(crate) fn add(&mut self, events: &[Numbered], offset: u64, len: u64) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let from = self.host(&first.host);
        for one in events {
            self.host(&one.host);
        }
        let (mut low, mut high, mut levels) = ((u64::MAX, i64::MAX), (0, i64::MIN), 0);
        for one in events {
            low = (low.0.min(one.number), low.1.min(one.event.time_ms));
            high = (high.0.max(one.number), high.1.max(one.event.time_ms));
            levels |= 1 << one.event.level as u8;
        }
        let hosts = (from, self.host(&last.host));
        self.entries.push(Entry {
            offset,
            len,
            hosts,
            number_first: low.0,
            number_last: high.0,
            time_min: low.1,
            time_max: high.1,
            levels,
        });
    }

    /// The place of a host, which comes in order.
    fn host(&mut self, host: &Arc<str>) -> u32 {
        if self.hosts.last() != Some(host) {
            self.hosts.push(host.clone());
        }
        self.hosts.len() as u32 - 1
    }

    /// Appends the payload of its record.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(INDEX);
        for number in [self.first, self.end, self.sealed_ms as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        varint::write_u64(out, self.hosts.len() as u64);
        self.hosts.iter().for_each(|host| varint::write_bytes(out, host.as_bytes()));
        varint::write_u64(out, self.entries.len() as u64);
        for entry in &self.entries {
            let numbers = [
                entry.offset,
                entry.len,
                u64::from(entry.hosts.0),
                u64::from(entry.hosts.1),
                entry.number_first,
                entry.number_last,
                varint::zigzag(entry.time_min),
                varint::zigzag(entry.time_max),
            ];
            numbers.into_iter().for_each(|number| varint::write_u64(out, number));
            out.push(entry.levels);
        }
        varint::write_u64(out, self.origins.len() as u64);
        for origin in &self.origins {
            out.extend_from_slice(&origin.stream.to_le_bytes());
            varint::write_u64(out, origin.frame);
        }
    }

    /// Reads the payload of a record; `None` when it is of another kind or damaged.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut input = payload.strip_prefix(&[INDEX])?;
        let input = &mut input;
        let mut index = Self { first: take_u64(input)?, end: take_u64(input)?, ..Self::default() };
        index.sealed_ms = take_u64(input)? as i64;
        for _ in 0..varint::read_u64(input)? {
            index.hosts.push(take_text(input)?.into());
        }
        for _ in 0..varint::read_u64(input)? {
            let entry = take_entry(input)?;
            let known = |host: u32| (host as usize) < index.hosts.len();
            if !known(entry.hosts.0) || !known(entry.hosts.1) || entry.len > file::PAYLOAD_BYTES_MAX as u64 {
                return None;
            }
            index.entries.push(entry);
        }
        for _ in 0..varint::read_u64(input)? {
            index.origins.push(Origin { stream: take_u64(input)?, frame: varint::read_u64(input)? });
        }
        (input.is_empty() && index.first <= index.end).then_some(index)
    }
}

fn take_entry(input: &mut &[u8]) -> Option<Entry> {
    let mut next = || varint::read_u64(input);
    let (offset, len) = (next()?, next()?);
    let hosts = (u32::try_from(next()?).ok()?, u32::try_from(next()?).ok()?);
    let (number_first, number_last) = (next()?, next()?);
    let (time_min, time_max) = (varint::unzigzag(next()?), varint::unzigzag(next()?));
    let levels = file::take(input, 1)?[0];
    Some(Entry { offset, len, hosts, number_first, number_last, time_min, time_max, levels })
}

/// See the module's text.
pub(crate) struct Sealed {
    pub(crate) path: PathBuf,
    pub(crate) index: Index,
    pub(crate) bytes: u64,
    file: Arc<dyn ReadAt>,
}

impl Sealed {
    /// Opens a file by its index; where that is damaged, by its blocks.
    ///
    /// # Errors
    /// When the disk gives no bytes. `Ok(None)` when there is nothing in it.
    pub(crate) fn open(disk: &dyn Disk, path: PathBuf, now_ms: i64) -> io::Result<Option<Self>> {
        let file = disk.open(&path)?;
        let bytes = file.len()?;
        let mut head = [0; file::HEAD_BYTES];
        if bytes >= head.len() as u64 {
            file.read_exact_at(&mut head, 0)?;
            file::check_version(&head)?;
        }
        let index = match read_index(file.as_ref(), bytes)? {
            Some(index) => index,
            None => {
                DAMAGED.add(1);
                match index_anew(&disk.read(&path)?, now_ms) {
                    Some(index) => index,
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Self { path, index, bytes, file }))
    }

    /// The events of a block; none when it is damaged, which is counted.
    ///
    /// # Errors
    /// When the disk gives no bytes.
    pub(crate) fn read(&self, entry: &Entry) -> io::Result<Vec<Numbered>> {
        let mut record = vec![0; entry.len as usize];
        self.file.read_exact_at(&mut record, entry.offset)?;
        let events = file::payload(&record).and_then(block::unpack);
        Ok(events.unwrap_or_else(|| {
            DAMAGED.add(1);
            Vec::new()
        }))
    }
}

/// The index that the end of the file points to; `None` when there is none.
fn read_index(file: &dyn ReadAt, len: u64) -> io::Result<Option<Index>> {
    const POINTER_BYTES: u64 = 8;
    let Some(end) = len.checked_sub(POINTER_BYTES) else { return Ok(None) };
    let mut pointer = [0; POINTER_BYTES as usize];
    file.read_exact_at(&mut pointer, end)?;
    let offset = u64::from_le_bytes(pointer);
    if offset >= end || end - offset > file::PAYLOAD_BYTES_MAX as u64 {
        return Ok(None);
    }
    let mut record = vec![0; (end - offset) as usize];
    file.read_exact_at(&mut record, offset)?;
    let index = file::payload(&record).and_then(Index::decode);
    Ok(index
        .filter(|index| index.entries.iter().all(|entry| entry.offset.saturating_add(entry.len) <= offset)))
}

/// An index made of the blocks that can be read.
fn index_anew(bytes: &[u8], now_ms: i64) -> Option<Index> {
    let mut index = Index { first: u64::MAX, sealed_ms: now_ms, ..Index::default() };
    let mut walk = file::records(bytes);
    for record in walk.by_ref() {
        let events = block::unpack(record.payload).unwrap_or_default();
        index.add(&events, record.offset as u64, record.len as u64);
    }
    DAMAGED.add(walk.damaged());
    index.first = index.entries.iter().map(|entry| entry.number_first).min()?;
    index.end = index.entries.iter().map(|entry| entry.number_last.saturating_add(1)).max()?;
    Some(index)
}
