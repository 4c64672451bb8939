//! One dictionary for all that comes in: equal series of different senders, and of a sender that names them anew in
//! each request, get one slot of the segment, so that names are written and judged once.

use hashbrown::DefaultHashBuilder;
use hashbrown::{HashMap, HashSet, HashTable};
use model::{Batch, Dictionary, Slot};
use std::hash::BuildHasher;
use wire::protocols::native::{DICTIONARY_BYTES_MAX, SLOTS_MAX};

/// Most dictionaries of senders that are remembered by their id.
const KNOWN_MAX: usize = 64;
/// A slot not met yet.
const UNMET: u32 = u32::MAX;
/// Bytes of names in one segment, less than a stream may hold: descriptions take some too.
const KEY_BYTES_MAX: usize = DICTIONARY_BYTES_MAX / 4;

/// See the module's text.
#[derive(Default)]
pub(super) struct Intern {
    hasher: DefaultHashBuilder,
    table: HashTable<u32>,
    /// Slots here by slot there, by the id of the dictionary there.
    known: HashMap<u64, Known>,
    described: HashSet<String>,
    /// Rows in slots of its dictionary.
    pub(super) batch: Batch,
}

#[derive(Default)]
struct Known {
    slots: Vec<u32>,
    descriptions: usize,
}

impl Intern {
    /// Forgets all names.
    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.known.clear();
        self.described.clear();
        self.batch.clear();
    }

    /// Takes rows from `from` on into its batch, whose rows were cleared, until there is no room for another name; gives
    /// the row to go on from.
    pub(super) fn take(&mut self, batch: &Batch, from: usize) -> usize {
        if self.known.len() >= KNOWN_MAX && !self.known.contains_key(&batch.dictionary.id()) {
            self.known.clear();
        }
        let mut known = self.known.remove(&batch.dictionary.id()).unwrap_or_default();
        self.describe(&batch.dictionary, &mut known);
        known.slots.resize(batch.dictionary.len(), UNMET);
        let row = self.take_rows(batch, from, &mut known);
        self.known.insert(batch.dictionary.id(), known);
        row
    }

    fn take_rows(&mut self, batch: &Batch, from: usize, known: &mut Known) -> usize {
        let mut row = 0;
        for rows in batch.groups() {
            let skip = from.saturating_sub(row).min(rows.slots.len());
            row += skip;
            if skip == rows.slots.len() {
                continue;
            }
            self.batch.begin(rows.time_ms);
            for (&slot, &value) in rows.slots[skip..].iter().zip(&rows.values[skip..]) {
                let met = &mut known.slots[slot.0 as usize];
                if *met == UNMET {
                    let Some(slot) = self.meet(&batch.dictionary, slot) else { return row };
                    *met = slot;
                }
                self.batch.push(Slot(*met), value);
                row += 1;
            }
        }
        row
    }

    fn meet(&mut self, dictionary: &Dictionary, slot: Slot) -> Option<u32> {
        let (key, kind) = (dictionary.key(slot), dictionary.kind(slot));
        let own = &mut self.batch.dictionary;
        let hash = self.hasher.hash_one(key);
        let is_same = |&at: &u32| own.key(Slot(at)) == key && own.kind(Slot(at)) == kind;
        if let Some(&found) = self.table.find(hash, is_same) {
            return Some(found);
        }
        if own.len() >= SLOTS_MAX || own.key_bytes() + key.len() > KEY_BYTES_MAX {
            return None;
        }
        let slot = own.add_key(key, kind).expect("keys are checked when added").0;
        let hasher = &self.hasher;
        self.table.insert_unique(hash, slot, |&at| hasher.hash_one(own.key(Slot(at))));
        Some(slot)
    }

    fn describe(&mut self, dictionary: &Dictionary, known: &mut Known) {
        let all = dictionary.descriptions();
        for description in &all[known.descriptions.min(all.len())..] {
            if !self.described.contains(description.metric.as_ref()) {
                self.described.insert(description.metric.to_string());
                self.batch.dictionary.describe(description.clone());
            }
        }
        known.descriptions = all.len();
    }
}
