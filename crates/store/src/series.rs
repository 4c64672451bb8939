//! The series in memory: labels to id and back, and the ordinals that address `head.rs` and the postings. A series is
//! the numbers of its labels, whose texts are kept once ([`crate::index::memory`]).
//!
//! Ordinals are only ever added until [`SeriesTable::keep`] gives out new ones and the generation changes.

mod ids;

use crate::MemoryUse;
use crate::index::Set;
use crate::index::matcher::{self, Condition, Question};
use crate::index::memory::Postings;
use crate::index::memory::texts::{Place, Texts};
use hashbrown::{DefaultHashBuilder, HashTable};
use ids::Ids;
use model::{Kind, Labels, Series, SeriesId, labels};
use std::hash::BuildHasher;
use stdx::varint;

/// The series with samples in memory.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    generation: u64,
    rows: Vec<Row>,
    kinds: Vec<Kind>,
    /// Numbers of the labels of each series, as varints.
    numbers: Texts,
    by_key: HashTable<Entry>,
    by_id: Ids,
    postings: Postings,
    hasher: DefaultHashBuilder,
    coded: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: SeriesId,
    numbers: Place,
}

/// A series in the table of keys. Half of the hash is kept, because making it again would need the key.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    ordinal: u32,
}

impl Entry {
    /// A hash that uses all bits again, as the table wants it.
    fn spread(&self) -> u64 {
        u64::from(self.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

impl SeriesTable {
    /// Ordinals of another generation mean nothing.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The series of an ordinal, put together from its labels.
    pub(crate) fn get(&self, ordinal: u32) -> Series {
        self.get_by(ordinal, &mut Vec::new())
    }

    /// The series of an ordinal; `key` is memory for its making, for those who ask often.
    pub(crate) fn get_by(&self, ordinal: u32, key: &mut Vec<u8>) -> Series {
        key.clear();
        self.key(ordinal, key);
        Series { id: self.id(ordinal), labels: Labels::from_checked_key(key), kind: self.kind(ordinal) }
    }

    /// The id of an ordinal.
    pub(crate) fn id(&self, ordinal: u32) -> SeriesId {
        self.rows[ordinal as usize].id
    }

    /// What the numbers of a series mean.
    pub(crate) fn kind(&self, ordinal: u32) -> Kind {
        self.kinds[ordinal as usize]
    }

    /// Appends the encoded labels of an ordinal.
    pub(crate) fn key(&self, ordinal: u32, out: &mut Vec<u8>) {
        self.numbers_of(ordinal).for_each(|number| out.extend_from_slice(self.postings.text(number)));
    }

    /// Names and values of an ordinal, in order of names.
    pub(crate) fn labels(&self, ordinal: u32) -> impl Iterator<Item = (&str, &str)> {
        self.numbers_of(ordinal).flat_map(|number| labels::Iter::over_key(self.postings.text(number)))
    }

    pub(crate) fn postings(&self) -> &Postings {
        &self.postings
    }

    /// The series that a question asks for.
    pub(crate) fn matching(&self, question: &Question<'_>) -> Set {
        let mut holds = |ordinal, condition: &Condition<'_>| {
            let value = self.labels(ordinal).find(|(name, _)| *name == condition.name());
            Some(condition.accepts(value.map_or("", |(_, value)| value)))
        };
        matcher::answer(
            &self.postings,
            question,
            &mut |condition| condition.spoken_of(&self.postings),
            &mut holds,
        )
    }

    /// The ordinal of encoded labels.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        let wanted = self.entry(key, 0);
        let same = |entry: &Entry| entry.hash == wanted.hash && self.has_key(entry.ordinal, key);
        self.by_key.find(wanted.spread(), same).map(|entry| entry.ordinal)
    }

    /// The ordinal of encoded labels, which is probably the one after `before`: senders keep an order.
    pub(crate) fn find_after(&self, before: Option<u32>, key: &[u8]) -> Option<u32> {
        let next = before.map_or(0, |before| before.wrapping_add(1));
        let is_next = (next as usize) < self.rows.len() && self.has_key(next, key);
        if is_next { Some(next) } else { self.find(key) }
    }

    /// The ordinal of an id.
    pub(crate) fn ordinal(&self, id: SeriesId) -> Option<u32> {
        self.by_id.get(id)
    }

    /// Adds a series that is not there yet, by its encoded labels; returns its ordinal.
    pub(crate) fn add(&mut self, id: SeriesId, key: &[u8], kind: Kind) -> u32 {
        debug_assert!(self.find(key).is_none() && self.ordinal(id).is_none());
        let ordinal = self.rows.len() as u32;
        let entry = self.entry(key, ordinal);
        self.coded.clear();
        for &number in self.postings.add(key) {
            varint::write_u64(&mut self.coded, u64::from(number));
        }
        let numbers = self.numbers.push(&self.coded);
        self.rows.push(Row { id, numbers });
        self.kinds.push(kind);
        self.by_id.push(id, ordinal);
        self.by_key.insert_unique(entry.spread(), entry, Entry::spread);
        ordinal
    }

    /// Adds up what the parts take.
    pub(crate) fn count_bytes(&self, memory: &mut MemoryUse) {
        memory.labels += self.rows.capacity() * (size_of::<Row>() + 1) + self.numbers.len_bytes();
        memory.tables += self.by_key.allocation_size() + self.by_id.len_bytes();
        memory.postings += self.postings.len_bytes();
    }

    /// Says what the numbers of a series mean.
    pub(crate) fn set_kind(&mut self, ordinal: u32, kind: Kind) {
        self.kinds[ordinal as usize] = kind;
    }

    /// Takes back the series added last, down to this number.
    pub(crate) fn shrink(&mut self, len: usize) {
        let (mut key, mut numbers) = (Vec::new(), Vec::new());
        while self.rows.len() > len {
            let ordinal = self.rows.len() as u32 - 1;
            key.clear();
            self.key(ordinal, &mut key);
            numbers.extend(self.numbers_of(ordinal));
            let entry = self.entry(&key, ordinal);
            if let Ok(entry) = self.by_key.find_entry(entry.spread(), |other| other.ordinal == ordinal) {
                entry.remove();
            }
            self.by_id.pop(self.id(ordinal));
            let row = self.rows.pop();
            self.kinds.pop();
            if let Some(row) = row.filter(|_| !key.is_empty()) {
                self.numbers.truncate(row.numbers);
            }
        }
        self.postings.truncate(len as u32, numbers.into_iter());
    }

    /// Keeps the series named, in this order; they get new ordinals.
    pub(crate) fn keep(&mut self, kept: &[u32]) {
        let next = Self { generation: self.generation + 1, ..Self::default() };
        let old = std::mem::replace(self, next);
        let mut key = Vec::new();
        for &ordinal in kept {
            key.clear();
            old.key(ordinal, &mut key);
            self.add(old.id(ordinal), &key, old.kind(ordinal));
        }
    }

    fn entry(&self, key: &[u8], ordinal: u32) -> Entry {
        Entry { hash: self.hasher.hash_one(key) as u32, ordinal }
    }

    fn numbers_of(&self, ordinal: u32) -> impl Iterator<Item = u32> {
        let mut coded = self.numbers.get(self.rows[ordinal as usize].numbers);
        std::iter::from_fn(move || varint::read_u64(&mut coded).map(|number| number as u32))
    }

    fn has_key(&self, ordinal: u32, key: &[u8]) -> bool {
        let mut rest = key;
        let same = self.numbers_of(ordinal).all(|number| {
            let text = self.postings.text(number);
            rest = match rest.split_at_checked(text.len()) {
                Some((label, rest)) if label == text => rest,
                _ => return false,
            };
            true
        });
        same && rest.is_empty()
    }
}

#[cfg(test)]
mod tests;
