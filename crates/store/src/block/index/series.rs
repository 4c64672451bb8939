//! The series of a block and the places of their chunks.

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

/// Appends a series to its group; `previous` is the key before, empty at the start of a group.
pub(super) fn write(out: &mut Vec<u8>, previous: &[u8], key: &[u8], kind: Kind, chunks: &[u8]) {
    let shared = shared_len(previous, key);
    varint::write_u64(out, shared as u64);
    varint::write_bytes(out, &key[shared..]);
    out.push(kind as u8);
    varint::write_bytes(out, chunks);
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

impl BlockIndex {
    /// A series.
    pub(crate) fn series(&self, ordinal: u32) -> Option<StoredSeries> {
        let mut input = self.group(ordinal)?;
        let mut key = Vec::new();
        for at in 0..=ordinal as usize % GROUP {
            let shared = usize::try_from(varint::read_u64(&mut input)?).ok()?;
            if shared > key.len() {
                return None;
            }
            key.truncate(shared);
            key.extend_from_slice(varint::read_bytes(&mut input)?);
            let (&kind, rest) = input.split_first()?;
            input = rest;
            let chunks = varint::read_bytes(&mut input)?;
            if at == ordinal as usize % GROUP {
                return Some(StoredSeries {
                    key,
                    kind: Kind::from_u8(kind)?,
                    chunks: self.read_chunks(chunks)?,
                });
            }
        }
        None
    }

    /// The kind of a series and the places of its chunks, without its key.
    pub(crate) fn chunks(&self, ordinal: u32) -> Option<(Kind, Vec<ChunkPlace>)> {
        let mut input = self.group(ordinal)?;
        let mut skip = ordinal as usize % GROUP;
        loop {
            varint::read_u64(&mut input)?;
            varint::read_bytes(&mut input)?;
            let (&kind, rest) = input.split_first()?;
            input = rest;
            let chunks = varint::read_bytes(&mut input)?;
            if skip == 0 {
                return Some((Kind::from_u8(kind)?, self.read_chunks(chunks)?));
            }
            skip -= 1;
        }
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
                _ => Summary::read(&mut input, self.times(number)?.count)?,
            };
            chunks.push(ChunkPlace { times: number, offset, len_bytes, summary });
            end = offset.checked_add(u64::from(len_bytes))?;
        }
        Some(chunks)
    }

    fn group(&self, ordinal: u32) -> Option<&[u8]> {
        if ordinal >= self.count {
            return None;
        }
        let places = &self.bytes[self.groups.clone()];
        let place = u32::from_le_bytes(*places.get(ordinal as usize / GROUP * 4..)?.first_chunk()?);
        self.bytes[self.series.clone()].get(place as usize..)
    }
}
