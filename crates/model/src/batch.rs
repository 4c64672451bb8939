//! What flows down the staircase: samples as columns, grouped by the time stamp they share.
//!
//! A batch has a [`Dictionary`] of the series it speaks of and rows of (slot, value) in groups; a group is a *scrape*,
//! everything one source measured at one instant. A producer that sends the same series again and again keeps its
//! dictionary and clears only the rows; a sink may remember what each slot of a dictionary (by its `id` and `epoch`)
//! is in its own terms and then touches no label bytes at all.

use crate::labels::{Labels, LabelsBuilder, LabelsError, validate_key};
use crate::series::{Description, Kind};
use std::sync::atomic::{AtomicU64, Ordering};

/// A series' place in a [`Dictionary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Slot(pub u32);

/// The series a batch speaks of. Slots are only ever added until [`Dictionary::clear`].
#[derive(Debug)]
pub struct Dictionary {
    id: u64,
    keys: Vec<u8>,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    descriptions: Vec<Description>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            id: next_id(),
            keys: Vec::new(),
            ends: Vec::new(),
            kinds: Vec::new(),
            descriptions: Vec::new(),
        }
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Dictionary {
    /// Unique within this process; changes when the dictionary is cleared. While it stays the same, a slot stands for
    /// the same series, and new slots only come at the end.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Adds a series without looking whether it is there already (that costs a decoder more than a double entry).
    pub fn add(&mut self, labels: &Labels, kind: Kind) -> Slot {
        self.push_key(labels.key(), kind)
    }

    /// Adds a series by its encoded labels, which are checked.
    pub fn add_key(&mut self, key: &[u8], kind: Kind) -> Result<Slot, LabelsError> {
        validate_key(key)?;
        Ok(self.push_key(key, kind))
    }

    /// Adds a series by labels in the making, which encodes and checks them once.
    pub fn add_built(&mut self, labels: &mut LabelsBuilder, kind: Kind) -> Result<Slot, LabelsError> {
        Ok(self.push_key(labels.key()?, kind))
    }

    fn push_key(&mut self, key: &[u8], kind: Kind) -> Slot {
        let slot = Slot(self.ends.len() as u32);
        self.keys.extend_from_slice(key);
        self.ends.push(self.keys.len() as u32);
        self.kinds.push(kind);
        slot
    }

    /// Says what is known about a metric name.
    pub fn describe(&mut self, description: Description) {
        self.descriptions.push(description);
    }

    /// What was said about metric names.
    pub fn descriptions(&self) -> &[Description] {
        &self.descriptions
    }

    /// The encoded labels of a slot.
    #[inline]
    pub fn key(&self, slot: Slot) -> &[u8] {
        let at = slot.0 as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.keys[start..self.ends[at] as usize]
    }

    /// The kind of a slot.
    #[inline]
    pub fn kind(&self, slot: Slot) -> Kind {
        self.kinds[slot.0 as usize]
    }

    /// The labels of a slot, as a set of their own.
    pub fn labels(&self, slot: Slot) -> Labels {
        Labels::from_key(self.key(slot)).expect("keys are checked when added")
    }

    /// Bytes of all encoded labels, by which a decoder bounds what one request may unfold to.
    pub fn key_bytes(&self) -> usize {
        self.keys.len()
    }

    /// About how much memory is held, in bytes; descriptions are not counted.
    pub fn memory_bytes(&self) -> usize {
        self.keys.capacity() + self.ends.capacity() * size_of::<u32>() + self.kinds.capacity()
    }

    /// Number of slots.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no slot.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets everything and takes a new id; keeps the memory.
    pub fn clear(&mut self) {
        self.id = next_id();
        self.keys.clear();
        self.ends.clear();
        self.kinds.clear();
        self.descriptions.clear();
    }
}

/// Where a group starts.
#[derive(Debug, Clone, Copy)]
struct Group {
    time_ms: i64,
    start: u32,
}

/// The rows of one instant.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Unix milliseconds, shared by all rows.
    pub time_ms: i64,
    /// Which series, in the order the source named them.
    pub slots: &'a [Slot],
    /// The values, one a slot.
    pub values: &'a [f64],
}

/// Samples on their way. See the module's text.
#[derive(Debug, Default)]
pub struct Batch {
    /// The series the rows speak of.
    pub dictionary: Dictionary,
    groups: Vec<Group>,
    slots: Vec<Slot>,
    values: Vec<f64>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a group: rows pushed from now on are of `time_ms`.
    pub fn begin(&mut self, time_ms: i64) {
        self.groups.push(Group { time_ms, start: self.slots.len() as u32 });
    }

    /// Adds a row to the group begun last.
    #[inline]
    pub fn push(&mut self, slot: Slot, value: f64) {
        debug_assert!(!self.groups.is_empty(), "begin a group first");
        debug_assert!((slot.0 as usize) < self.dictionary.len(), "a slot of another dictionary");
        self.slots.push(slot);
        self.values.push(value);
    }

    /// Adds rows to the group begun last: consecutive slots from `first` on, a value each.
    pub fn push_run(&mut self, first: Slot, values: &[f64]) {
        debug_assert!(!self.groups.is_empty(), "begin a group first");
        debug_assert!(
            first.0 as usize + values.len() <= self.dictionary.len(),
            "a slot of another dictionary"
        );
        self.slots.extend((first.0..).take(values.len()).map(Slot));
        self.values.extend_from_slice(values);
    }

    /// Adds a row with a time of its own, in the last group when that has the same time.
    #[inline]
    pub fn sample(&mut self, slot: Slot, time_ms: i64, value: f64) {
        if self.groups.last().is_none_or(|g| g.time_ms != time_ms) {
            self.begin(time_ms);
        }
        self.push(slot, value);
    }

    /// The groups in the order they came; empty ones are left out.
    pub fn groups(&self) -> impl Iterator<Item = Rows<'_>> {
        self.groups.iter().enumerate().filter_map(|(i, group)| {
            let start = group.start as usize;
            let end = self.groups.get(i + 1).map_or(self.slots.len(), |next| next.start as usize);
            let rows = Rows {
                time_ms: group.time_ms,
                slots: &self.slots[start..end],
                values: &self.values[start..end],
            };
            (end > start).then_some(rows)
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Forgets the rows behind the first `len`. Their series stay known, as series without rows do no harm.
    pub fn truncate(&mut self, len: usize) {
        self.slots.truncate(len);
        self.values.truncate(len);
        self.groups.retain(|group| (group.start as usize) < self.slots.len());
    }

    /// About how much memory is held, in bytes; descriptions are not counted.
    pub fn memory_bytes(&self) -> usize {
        let row_bytes = size_of::<Slot>() + size_of::<f64>();
        self.dictionary.memory_bytes()
            + self.groups.capacity() * size_of::<Group>()
            + self.slots.capacity() * row_bytes
    }

    /// Forgets the rows, keeps the dictionary.
    pub fn clear_rows(&mut self) {
        self.groups.clear();
        self.slots.clear();
        self.values.clear();
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.clear_rows();
        self.dictionary.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_can_be_taken_back() {
        let mut batch = Batch::new();
        let a = batch.dictionary.add(&Labels::from_pairs([("a", "1")]).unwrap(), Kind::Gauge);
        for (time_ms, value) in [(1, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)] {
            batch.sample(a, time_ms, value);
        }
        batch.truncate(9);
        assert_eq!(batch.len(), 4);
        batch.truncate(1);
        batch.sample(a, 1, 5.0);
        batch.sample(a, 2, 6.0);
        let rows: Vec<(i64, Vec<f64>)> =
            batch.groups().map(|rows| (rows.time_ms, rows.values.to_vec())).collect();
        assert_eq!(rows, [(1, vec![1.0, 5.0]), (2, vec![6.0])]);
        batch.truncate(0);
        assert!(batch.is_empty() && batch.groups().next().is_none());
    }

    #[test]
    fn rows_fall_into_groups_by_time() {
        let mut batch = Batch::new();
        let a = batch.dictionary.add(&Labels::from_pairs([("a", "1")]).unwrap(), Kind::Gauge);
        let b = batch.dictionary.add(&Labels::from_pairs([("b", "1")]).unwrap(), Kind::Counter);
        batch.begin(0);
        batch.sample(a, 1000, 1.0);
        batch.sample(b, 1000, 2.0);
        batch.sample(a, 2000, 3.0);
        let groups: Vec<_> =
            batch.groups().map(|r| (r.time_ms, r.slots.to_vec(), r.values.to_vec())).collect();
        assert_eq!(groups, [(1000, vec![a, b], vec![1.0, 2.0]), (2000, vec![a], vec![3.0])]);
        assert_eq!(
            (batch.dictionary.labels(b).get("b"), batch.dictionary.kind(b)),
            (Some("1"), Kind::Counter)
        );
    }

    #[test]
    fn a_run_is_its_rows_one_by_one() {
        let (mut runs, mut rows) = (Batch::new(), Batch::new());
        for batch in [&mut runs, &mut rows] {
            (0..5).for_each(|_| _ = batch.dictionary.add(&Labels::empty(), Kind::Gauge));
            batch.begin(7);
        }
        runs.push_run(Slot(1), &[1.0, 2.0, 3.0]);
        runs.push_run(Slot(0), &[]);
        (1..4).for_each(|slot| rows.push(Slot(slot), f64::from(slot)));
        let all =
            |batch: &Batch| batch.groups().map(|g| (g.slots.to_vec(), g.values.to_vec())).collect::<Vec<_>>();
        assert_eq!(all(&runs), all(&rows));
    }

    #[test]
    fn clearing_rows_keeps_slots_and_clearing_all_changes_the_id() {
        let mut batch = Batch::new();
        let slot = batch.dictionary.add(&Labels::empty(), Kind::Gauge);
        let id = batch.dictionary.id();
        batch.sample(slot, 1, 1.0);
        batch.clear_rows();
        assert!(batch.is_empty() && batch.dictionary.len() == 1 && batch.dictionary.id() == id);
        batch.clear();
        assert!(batch.dictionary.is_empty() && batch.dictionary.id() != id);
    }
}
