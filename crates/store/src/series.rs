//! The series in memory: labels to id and back, and the ordinals that address `head.rs` and the postings.
//!
//! Ordinals are only ever added until [`SeriesTable::keep`] gives out new ones and the generation changes.

use crate::MemoryUse;
use crate::index::memory::Postings;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use model::{Kind, Series, SeriesId};
use std::hash::BuildHasher;

/// The series with samples in memory.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    generation: u64,
    series: Vec<Series>,
    by_key: HashTable<u32>,
    by_id: HashMap<SeriesId, u32>,
    postings: Postings,
    hasher: DefaultHashBuilder,
}

impl SeriesTable {
    /// Ordinals of another generation mean nothing.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn len(&self) -> usize {
        self.series.len()
    }

    /// The series of an ordinal.
    pub(crate) fn get(&self, ordinal: u32) -> &Series {
        &self.series[ordinal as usize]
    }

    pub(crate) fn postings(&self) -> &Postings {
        &self.postings
    }

    /// The ordinal of encoded labels.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        let same = |&ordinal: &u32| self.series[ordinal as usize].labels.key() == key;
        self.by_key.find(self.hasher.hash_one(key), same).copied()
    }

    /// The ordinal of an id.
    pub(crate) fn ordinal(&self, id: SeriesId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// Adds a series that is not there yet.
    pub(crate) fn add(&mut self, series: Series) -> u32 {
        debug_assert!(self.find(series.labels.key()).is_none() && self.ordinal(series.id).is_none());
        let ordinal = self.series.len() as u32;
        let hash = self.hasher.hash_one(series.labels.key());
        self.postings.add(series.labels.key());
        self.by_id.insert(series.id, ordinal);
        self.series.push(series);
        let Self { by_key, series, hasher, .. } = self;
        by_key.insert_unique(hash, ordinal, |&o| hasher.hash_one(series[o as usize].labels.key()));
        ordinal
    }

    /// Adds up what the parts take.
    pub(crate) fn count_bytes(&self, memory: &mut MemoryUse) {
        let keys: usize = self.series.iter().map(|s| s.labels.key().len() + 16).sum();
        memory.labels += keys + self.series.capacity() * size_of::<Series>();
        memory.tables += self.by_key.capacity() * 5 + self.by_id.capacity() * 17;
        memory.postings += self.postings.len_bytes();
    }

    /// Says what the numbers of a series mean.
    pub(crate) fn set_kind(&mut self, ordinal: u32, kind: Kind) {
        self.series[ordinal as usize].kind = kind;
    }

    /// Takes back the series added last, down to this number.
    pub(crate) fn shrink(&mut self, len: usize) {
        while self.series.len() > len {
            let Some(series) = self.series.pop() else { break };
            let ordinal = self.series.len() as u32;
            let hash = self.hasher.hash_one(series.labels.key());
            if let Ok(entry) = self.by_key.find_entry(hash, |&o| o == ordinal) {
                entry.remove();
            }
            self.by_id.remove(&series.id);
            self.postings.remove_last(series.labels.key());
        }
    }

    /// Keeps the series named, in this order; they get new ordinals.
    pub(crate) fn keep(&mut self, kept: &[u32]) {
        let next = Self { generation: self.generation + 1, hasher: self.hasher.clone(), ..Self::default() };
        let old = std::mem::replace(self, next);
        for &ordinal in kept {
            self.add(old.series[ordinal as usize].clone());
        }
    }
}
