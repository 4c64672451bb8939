//! From a metric, label values and a number to a row of the batch. The series of a service keep their places from one
//! pull to the next, and those that are gone end.

use super::Metric;
use super::telemetry;
use hashbrown::HashTable;
use model::limits::LABEL_VALUE_BYTES_MAX;
use model::{Batch, Description, LabelsBuilder, NAME, STALE, Slot};
use std::hash::{BuildHasher, RandomState};

/// Most series of one service instance; more are refused and counted.
pub(super) const SERIES_MAX: usize = 4096;

/// A series by its place in the dictionary.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Pull of the last value; 0 when the series has ended.
    seen: u32,
    value: f64,
    is_slow: bool,
}

/// Takes the numbers of one service instance.
pub(super) struct Recorder {
    common: Vec<(String, String)>,
    batch: Batch,
    hash: RandomState,
    /// Slots by the bytes of their labels.
    places: HashTable<u32>,
    cells: Vec<Cell>,
    builder: LabelsBuilder,
    pull: u32,
    live: usize,
    /// Values of this pull for which there was no room.
    refused: usize,
}

impl Recorder {
    /// Every series has the labels `common`.
    pub(super) fn new(common: Vec<(String, String)>) -> Self {
        Self {
            common,
            batch: Batch::new(),
            hash: RandomState::new(),
            places: HashTable::new(),
            cells: Vec::new(),
            builder: LabelsBuilder::default(),
            pull: 0,
            live: 0,
            refused: 0,
        }
    }

    /// Starts a pull at a time. When most of the dictionary is of series that have ended, it starts anew.
    pub(super) fn begin(&mut self, now_ms: i64, metrics: impl Iterator<Item = Metric>) {
        self.batch.clear_rows();
        let dead = self.cells.iter().filter(|cell| cell.seen == 0).count();
        if self.pull == 0 || (dead > 256 && dead > self.cells.len() / 2) {
            self.renew(metrics);
        }
        self.pull = self.pull.wrapping_add(1).max(1);
        (self.live, self.refused) = (0, 0);
        self.batch.begin(now_ms);
    }

    fn renew(&mut self, metrics: impl Iterator<Item = Metric>) {
        self.batch.dictionary.clear();
        self.places.clear();
        self.cells.clear();
        for metric in metrics {
            self.batch.dictionary.describe(Description {
                metric: metric.name.into(),
                kind: metric.kind,
                unit: metric.unit.into(),
                help: metric.help.into(),
            });
        }
    }

    /// Records a value in the service's unit; `values` are those of the metric's labels. What is no number is left out,
    /// and of several values of one series at one pull the first counts.
    pub(super) fn push(&mut self, metric: &Metric, values: &[&str], value: f64) {
        // A thousandth is not a number a computer has, a thousand is.
        let value =
            if metric.scale < 1.0 { value / metric.scale.recip().round() } else { value * metric.scale };
        if !value.is_finite() {
            return;
        }
        let Some(slot) = self.place(metric, values) else {
            telemetry::SERIES_REFUSED.add(1);
            self.refused += 1;
            return;
        };
        let cell = &mut self.cells[slot as usize];
        if cell.seen != self.pull {
            *cell = Cell { seen: self.pull, value, is_slow: metric.is_slow };
            self.batch.push(Slot(slot), value);
            self.live += 1;
        }
    }

    fn place(&mut self, metric: &Metric, values: &[&str]) -> Option<u32> {
        debug_assert_eq!(metric.labels.len(), values.len(), "{}", metric.name);
        self.builder.clear();
        self.builder.add(NAME, metric.name);
        for (name, value) in metric.labels.iter().zip(values) {
            self.builder.add(name, cut(value));
        }
        for (name, value) in self.common.iter().filter(|(name, _)| !metric.labels.contains(&name.as_str())) {
            self.builder.add(name, cut(value));
        }
        let key = self.builder.key().ok()?;
        let (hash, dictionary) = (self.hash.hash_one(key), &mut self.batch.dictionary);
        if let Some(slot) = self.places.find(hash, |&slot| dictionary.key(Slot(slot)) == key) {
            return Some(*slot);
        }
        if self.cells.len() >= SERIES_MAX {
            return None;
        }
        let slot = dictionary.add_key(key, metric.kind).ok()?.0;
        self.cells.push(Cell { seen: 0, value: 0.0, is_slow: false });
        self.places.insert_unique(hash, slot, |&slot| self.hash.hash_one(dictionary.key(Slot(slot))));
        Some(slot)
    }

    /// Says again what is asked for at a slow pace and was not asked for this time.
    pub(super) fn repeat_slow(&mut self) {
        for (slot, cell) in self.cells.iter_mut().enumerate() {
            if cell.is_slow && cell.seen != 0 && cell.seen != self.pull {
                cell.seen = self.pull;
                self.batch.push(Slot(slot as u32), cell.value);
                self.live += 1;
            }
        }
    }

    /// Ends the pull: series without a value in it end. Gives the rows.
    pub(super) fn finish(&mut self) -> &Batch {
        for (slot, cell) in self.cells.iter_mut().enumerate() {
            if cell.seen != 0 && cell.seen != self.pull {
                cell.seen = 0;
                self.batch.push(Slot(slot as u32), STALE);
            }
        }
        &self.batch
    }

    /// What people are to know of this pull; empty when there was room for everything.
    pub(super) fn problem(&self) -> String {
        match self.refused {
            0 => String::new(),
            refused => {
                format!("{refused} of its numbers are left out: an instance may have {SERIES_MAX} series")
            }
        }
    }

    /// Values of this pull, ends not counted.
    pub(super) fn live(&self) -> usize {
        self.live
    }
}

// Queries and paths may be longer than a label value; their first part still tells which is meant.
fn cut(value: &str) -> &str {
    let end = (0..=LABEL_VALUE_BYTES_MAX.min(value.len())).rev().find(|&at| value.is_char_boundary(at));
    &value[..end.unwrap_or(0)]
}
