//! One batch as bytes. Series are named by id; their labels come along when they were not written since definitions
//! started over. Each shard of the store has its own row of records that refer to each other. Values are written as the difference from the same series' value before, so a scrape in which nothing changed is a bit a
//! series; a record marked *fresh* starts over and needs nothing from before it.

use hashbrown::HashMap;
use model::{Description, Kind, Labels, Sample, SeriesId};
use std::borrow::Cow;
use stdx::varint;

/// A record of version 1, where all were of one row.
const TYPE_BATCH_1: u8 = 1;
/// A record of one shard.
const TYPE_BATCH: u8 = 2;
/// Values in this record refer to nothing before it.
const FLAG_FRESH: u8 = 1;
/// More shards than a store ever has.
pub(crate) const SHARDS_MAX: u64 = 1024;

/// Builds a record; reused, so that a push allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    definitions: Section,
    descriptions: Section,
    groups: Section,
    time_ms: i64,
    bitmap: Vec<u8>,
    changes: Vec<u8>,
    body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Section {
    count: u64,
    bytes: Vec<u8>,
}

impl Section {
    fn clear(&mut self) {
        self.count = 0;
        self.bytes.clear();
    }

    fn append_to(&self, out: &mut Vec<u8>) {
        varint::write_u64(out, self.count);
        out.extend_from_slice(&self.bytes);
    }
}

impl Encoder {
    /// Forgets the last record.
    pub(crate) fn clear(&mut self) {
        self.definitions.clear();
        self.descriptions.clear();
        self.groups.clear();
        self.time_ms = 0;
    }

    /// Says which labels an id stands for.
    pub(crate) fn define(&mut self, id: SeriesId, kind: Kind, key: &[u8]) {
        self.definitions.count += 1;
        let out = &mut self.definitions.bytes;
        varint::write_u64(out, id.0);
        out.push(kind as u8);
        varint::write_bytes(out, key);
    }

    /// Says what is known about a metric.
    pub(crate) fn describe(&mut self, description: &Description) {
        self.descriptions.count += 1;
        write_description(&mut self.descriptions.bytes, description);
    }

    /// Adds samples of one time: id, bits of the value, bits of the same series' value before.
    pub(crate) fn group(&mut self, time_ms: i64, rows: &[(SeriesId, u64, u64)]) {
        self.groups.count += 1;
        let out = &mut self.groups.bytes;
        varint::write_i64(out, time_ms.wrapping_sub(self.time_ms));
        self.time_ms = time_ms;
        varint::write_u64(out, rows.len() as u64);
        write_runs(out, rows.iter().map(|row| row.0.0));
        self.bitmap.clear();
        self.bitmap.resize(rows.len().div_ceil(8), 0);
        self.changes.clear();
        for (at, (_, bits, before)) in rows.iter().enumerate() {
            let change = bits ^ before;
            if change != 0 {
                self.bitmap[at / 8] |= 1 << (at % 8);
                write_change(&mut self.changes, change);
            }
        }
        out.extend_from_slice(&self.bitmap);
        out.extend_from_slice(&self.changes);
    }

    /// Bytes of the definitions so far.
    pub(crate) fn definition_bytes(&self) -> u64 {
        self.definitions.bytes.len() as u64
    }

    /// The body of the record, of a shard.
    pub(crate) fn finish(&mut self, shard: u32, fresh: bool) -> &[u8] {
        self.body.clear();
        self.body.push(TYPE_BATCH);
        self.body.push(if fresh { FLAG_FRESH } else { 0 });
        varint::write_u64(&mut self.body, u64::from(shard));
        self.definitions.append_to(&mut self.body);
        self.descriptions.append_to(&mut self.body);
        self.groups.append_to(&mut self.body);
        &self.body
    }
}

/// Ids as runs of consecutive numbers: a scrape's series were numbered one after the other.
fn write_runs(out: &mut Vec<u8>, ids: impl Iterator<Item = u64>) {
    let (mut expected, mut start, mut len) = (0u64, 0u64, 0u64);
    for id in ids {
        if len > 0 && id == start.wrapping_add(len) {
            len += 1;
            continue;
        }
        if len > 0 {
            expected = write_run(out, expected, start, len);
        }
        (start, len) = (id, 1);
    }
    if len > 0 {
        write_run(out, expected, start, len);
    }
}

fn write_run(out: &mut Vec<u8>, expected: u64, start: u64, len: u64) -> u64 {
    varint::write_i64(out, start.wrapping_sub(expected) as i64);
    varint::write_u64(out, len);
    start.wrapping_add(len)
}

/// A byte with the number of zero bytes below and of meaningful bytes, then those.
fn write_change(out: &mut Vec<u8>, change: u64) {
    let below = change.trailing_zeros() / 8;
    let len = 8 - below - change.leading_zeros() / 8;
    // All eight bytes, and back over those too many: cheaper than a copy of so many bytes as there are.
    let mut token = [0; 9];
    token[0] = (below << 4 | len) as u8;
    token[1..].copy_from_slice(&(change >> (8 * below)).to_le_bytes());
    out.extend_from_slice(&token);
    out.truncate(out.len() - (8 - len as usize));
}

fn read_change(input: &mut &[u8]) -> Option<u64> {
    let (&head, rest) = input.split_first()?;
    let (below, len) = (u32::from(head >> 4), usize::from(head & 15));
    if len > 8 || below + len as u32 > 8 {
        return None;
    }
    let mut word = [0; 8];
    word[..len].copy_from_slice(rest.get(..len)?);
    *input = &rest[len..];
    Some(u64::from_le_bytes(word).checked_shl(8 * below).unwrap_or(0))
}

/// Appends a description; also the form of the file of descriptions.
pub(crate) fn write_description(out: &mut Vec<u8>, description: &Description) {
    out.push(description.kind as u8);
    varint::write_bytes(out, description.metric.as_bytes());
    varint::write_bytes(out, description.unit.as_bytes());
    varint::write_bytes(out, description.help.as_bytes());
}

/// Takes a description off the front.
pub(crate) fn read_description(input: &mut &[u8]) -> Option<Description> {
    let (&kind, rest) = input.split_first()?;
    *input = rest;
    let kind = Kind::from_u8(kind)?;
    let mut text = || Some(Cow::Owned(String::from_utf8(varint::read_bytes(input)?.to_vec()).ok()?));
    Some(Description { metric: text()?, kind, unit: text()?, help: text()? })
}

/// What one record said.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// Series and their labels.
    pub(crate) definitions: Vec<(SeriesId, Kind, Labels)>,
    /// What is known about metrics.
    pub(crate) descriptions: Vec<Description>,
    /// The samples, in the order they came.
    pub(crate) samples: Vec<(SeriesId, Sample)>,
}

/// Reads records in order; remembers the values that later ones refer to.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    shards: HashMap<u64, Row>,
    /// Grows when something was lost.
    losses: u64,
}

/// What the records of one shard refer to.
#[derive(Debug, Default)]
struct Row {
    values: HashMap<u64, u64>,
    /// Losses when it was fresh; after others the values mean nothing.
    losses: u64,
}

/// Why a record gave no samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It refers to a record that was lost. Its definitions and descriptions were still given.
    Astray,
    /// Its bytes make no sense.
    Malformed,
}

impl Decoder {
    /// Says that records were lost here, of whatever shard.
    pub(crate) fn lose(&mut self) {
        self.losses += 1;
    }

    /// Decodes a payload into `decoded`, which is cleared first.
    pub(crate) fn decode(&mut self, payload: &[u8], decoded: &mut Decoded) -> Result<(), Unreadable> {
        decoded.definitions.clear();
        decoded.descriptions.clear();
        decoded.samples.clear();
        let read = self.read(payload, decoded).unwrap_or(Err(Unreadable::Malformed));
        if read == Err(Unreadable::Malformed) {
            self.lose();
            *decoded = Decoded::default();
        }
        read
    }

    fn read(&mut self, mut input: &[u8], decoded: &mut Decoded) -> Option<Result<(), Unreadable>> {
        let (&[kind, flags], rest) = input.split_first_chunk()?;
        input = rest;
        let shard = match kind {
            TYPE_BATCH_1 => 0,
            TYPE_BATCH => varint::read_u64(&mut input)?,
            _ => return None,
        };
        if flags & !FLAG_FRESH != 0 || shard >= SHARDS_MAX {
            return None;
        }
        let row = self.shards.entry(shard).or_insert_with(|| Row { losses: u64::MAX, ..Row::default() });
        if flags & FLAG_FRESH != 0 {
            row.values.clear();
            row.losses = self.losses;
        }
        for _ in 0..varint::read_u64(&mut input)? {
            let id = SeriesId(varint::read_u64(&mut input)?);
            let (&kind, rest) = input.split_first()?;
            input = rest;
            let labels = Labels::from_key(varint::read_bytes(&mut input)?).ok()?;
            decoded.definitions.push((id, Kind::from_u8(kind)?, labels));
        }
        for _ in 0..varint::read_u64(&mut input)? {
            decoded.descriptions.push(read_description(&mut input)?);
        }
        if row.losses != self.losses {
            return Some(Err(Unreadable::Astray));
        }
        let mut time_ms = 0i64;
        for _ in 0..varint::read_u64(&mut input)? {
            time_ms = time_ms.wrapping_add(varint::read_i64(&mut input)?);
            row.read_group(&mut input, time_ms, &mut decoded.samples)?;
        }
        input.is_empty().then_some(Ok(()))
    }
}

impl Row {
    fn read_group(
        &mut self,
        input: &mut &[u8],
        time_ms: i64,
        samples: &mut Vec<(SeriesId, Sample)>,
    ) -> Option<()> {
        let count = usize::try_from(varint::read_u64(input)?).ok()?;
        // A row takes at least a bit of the bitmap, so a count out of all proportion reserves nothing.
        if count.div_ceil(8) > input.len() {
            return None;
        }
        let first = samples.len();
        let mut expected = 0u64;
        while samples.len() - first < count {
            let start = expected.wrapping_add(varint::read_i64(input)? as u64);
            let len = varint::read_u64(input)?;
            if len == 0 || len > (count - (samples.len() - first)) as u64 {
                return None;
            }
            let ids = (0..len).map(|i| SeriesId(start.wrapping_add(i)));
            samples.extend(ids.map(|id| (id, Sample { time_ms, value: 0.0 })));
            expected = start.wrapping_add(len);
        }
        let (bitmap, rest) = input.split_at_checked(count.div_ceil(8))?;
        *input = rest;
        for (at, (id, sample)) in samples[first..].iter_mut().enumerate() {
            let bits = self.values.entry(id.0).or_insert(0);
            if bitmap[at / 8] >> (at % 8) & 1 == 1 {
                *bits ^= read_change(input)?;
            }
            sample.value = f64::from_bits(*bits);
        }
        Some(())
    }
}
