//! Where readers put what they find: a batch that is handed on whenever it is full.

use crate::Error;
use model::labels::LabelsError;
use model::{Batch, Kind, LabelsBuilder, Position, Report, Slot};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

/// Most samples of one parcel.
pub const PARCEL_SAMPLES_MAX: usize = 256 << 10;
/// A dictionary whose labels take more bytes is forgotten before the next series.
pub const DICTIONARY_BYTES_MAX: usize = 8 << 20;

/// What is handed on at once.
#[derive(Debug)]
pub struct Parcel<'a> {
    /// The samples; while the dictionary keeps its id, slots keep their meaning.
    pub batch: &'a Batch,
    /// What was refused since the parcel before; `accepted` are the batch's samples.
    pub report: Report,
    /// What was understood and left out on purpose since the parcel before: a plural for people, and how many.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Bytes of input passed since the parcel before, by which progress is shown.
    pub bytes: u64,
}

/// Takes parcels; `Break` ends the reading.
pub type Visit<'v> = dyn FnMut(Parcel<'_>) -> ControlFlow<()> + 'v;

/// See the module's text.
pub struct Output<'v> {
    batch: Batch,
    report: Report,
    skipped: BTreeMap<&'static str, u64>,
    bytes: u64,
    rows: Vec<(i64, Slot, f64)>,
    extra_labels: Vec<(String, String)>,
    visit: &'v mut Visit<'v>,
}

impl<'v> Output<'v> {
    /// An output in front of `visit`; every series is given `extra_labels`, whatever it had under these names.
    pub fn new(extra_labels: Vec<(String, String)>, visit: &'v mut Visit<'v>) -> Self {
        Self {
            batch: Batch::new(),
            report: Report::default(),
            skipped: BTreeMap::new(),
            bytes: 0,
            rows: Vec::new(),
            extra_labels,
            visit,
        }
    }

    /// The labels that every series is given.
    pub fn extra_labels(&self) -> &[(String, String)] {
        &self.extra_labels
    }

    /// Adds a series; its slot holds until [`Output::forget_series`]. For formats that name all series first.
    pub fn series(&mut self, labels: &mut LabelsBuilder, kind: Kind) -> Result<Slot, LabelsError> {
        for (name, value) in &self.extra_labels {
            labels.set(name, value);
        }
        self.batch.dictionary.add_built(labels, kind)
    }

    /// Adds a series that a [`crate::Naming`] named: the user's labels that are templates were filled already.
    pub fn named_series(&mut self, labels: &mut LabelsBuilder, kind: Kind) -> Result<Slot, LabelsError> {
        for (name, value) in self.extra_labels.iter().filter(|(_, value)| !value.contains('{')) {
            labels.set(name, value);
        }
        self.batch.dictionary.add_built(labels, kind)
    }

    /// Like [`Output::next_series`], named by a [`crate::Naming`].
    pub fn next_named_series(
        &mut self,
        labels: &mut LabelsBuilder,
        kind: Kind,
    ) -> Result<Result<Slot, LabelsError>, Error> {
        self.make_room()?;
        Ok(self.named_series(labels, kind))
    }

    /// Adds a series; its slot holds until the next call. For formats that hold series after series. The inner error
    /// is for the report.
    pub fn next_series(
        &mut self,
        labels: &mut LabelsBuilder,
        kind: Kind,
    ) -> Result<Result<Slot, LabelsError>, Error> {
        self.make_room()?;
        Ok(self.series(labels, kind))
    }

    /// Forgets the series so far when there are too many to keep.
    fn make_room(&mut self) -> Result<(), Error> {
        if self.batch.dictionary.key_bytes() > DICTIONARY_BYTES_MAX {
            self.forget_series()?;
        }
        Ok(())
    }

    /// Adds a sample, and hands the parcel on when it is full.
    #[inline]
    pub fn sample(&mut self, slot: Slot, time_ms: i64, value: f64) -> Result<(), Error> {
        self.batch.sample(slot, time_ms, value);
        self.report.accepted += 1;
        if self.batch.len() >= PARCEL_SAMPLES_MAX { self.hand_over() } else { Ok(()) }
    }

    /// Fills the batch with a decoder of `wire`, whose report counts what it accepted.
    pub fn decode(&mut self, decode: impl FnOnce(&mut Batch) -> Report) {
        self.report.merge(decode(&mut self.batch));
    }

    /// The batch's dictionary, for descriptions.
    pub fn dictionary(&mut self) -> &mut model::Dictionary {
        &mut self.batch.dictionary
    }

    /// Counts what cannot be read.
    pub fn reject(&mut self, position: Position, reason: impl fmt::Display) {
        self.report.reject(position, reason);
    }

    /// Counts what was left out on purpose, by a plural for people (`native histograms`).
    pub fn skip(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.skipped.entry(what).or_default() += count;
        }
    }

    /// Counts input passed.
    pub fn passed(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Hands on what there is; the series stay known.
    pub fn hand_over(&mut self) -> Result<(), Error> {
        self.gather_times();
        let parcel = Parcel {
            batch: &self.batch,
            report: std::mem::take(&mut self.report),
            skipped: std::mem::take(&mut self.skipped),
            bytes: std::mem::take(&mut self.bytes),
        };
        let flow = (self.visit)(parcel);
        self.batch.clear_rows();
        if flow.is_break() { Err(Error::Stopped) } else { Ok(()) }
    }

    /// Puts rows of the same time together. Files that hold series after series would otherwise make a group of every
    /// row, which costs whoever takes them several times as much.
    fn gather_times(&mut self) {
        if self.batch.groups().take(self.batch.len() / 2 + 1).count() <= self.batch.len() / 2 {
            return;
        }
        self.rows.clear();
        for group in self.batch.groups() {
            let rows = group.slots.iter().zip(group.values);
            self.rows.extend(rows.map(|(slot, value)| (group.time_ms, *slot, *value)));
        }
        // Stable: of two samples of one series and time the later stays the later.
        self.rows.sort_by_key(|(time_ms, ..)| *time_ms);
        self.batch.clear_rows();
        self.rows.iter().for_each(|(time_ms, slot, value)| self.batch.sample(*slot, *time_ms, *value));
    }

    /// Hands on what there is and forgets the series.
    pub fn forget_series(&mut self) -> Result<(), Error> {
        let result = self.hand_over();
        self.batch.clear();
        result
    }
}
