//! From a metric, label values and a number to a row of the batch, without touching a string for a known series.

use crate::Metric;
use crate::telemetry;
use model::limits::LABEL_VALUE_BYTES_MAX;
use model::{Batch, Description, HOST, LabelsBuilder, NAME, STALE, Slot};

/// A series' remembered place in the dictionary. A collector keeps one for each of its series.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeriesCell {
    slot: u32,
    /// Generation of the dictionary the slot is of; 0 before the first.
    epoch: u32,
    /// Tick of the last value.
    tick: u32,
}

/// The slot of a series that its labels disqualified.
const REFUSED: u32 = u32::MAX;

/// The labels every series has, the generation of the dictionary, and the tick.
#[derive(Debug)]
pub(crate) struct Identity {
    common: Vec<(String, String)>,
    builder: LabelsBuilder,
    epoch: u32,
    tick: u32,
}

impl Identity {
    /// `host` and the caller's labels; of labels given twice the first counts.
    pub(crate) fn new(host_name: &str, labels: &[(String, String)]) -> Self {
        let mut common = vec![(HOST.to_owned(), host_name.to_owned())];
        for (name, value) in labels {
            if name != NAME && common.iter().all(|(n, _)| n != name) {
                common.push((name.clone(), value.clone()));
            }
        }
        Self { common, builder: LabelsBuilder::default(), epoch: 0, tick: 0 }
    }

    /// Starts the dictionary anew: every cell becomes worthless, and what comes again is described again.
    pub(crate) fn renew(&mut self, batch: &mut Batch) {
        batch.dictionary.clear();
        self.epoch += 1;
    }

    /// Starts a tick.
    pub(crate) fn begin_tick(&mut self) {
        self.tick = self.tick.wrapping_add(1);
    }

    fn key(&mut self, metric: &Metric, values: &[&str]) -> Result<&[u8], model::labels::LabelsError> {
        debug_assert_eq!(metric.labels.len(), values.len(), "{}", metric.name);
        self.builder.clear();
        self.builder.add(NAME, metric.name);
        for (name, value) in metric.labels.iter().zip(values) {
            self.builder.add(name, cut(value));
        }
        for (name, value) in self.common.iter().filter(|(n, _)| !metric.labels.contains(&n.as_str())) {
            self.builder.add(name, cut(value));
        }
        self.builder.key()
    }
}

// Paths may be longer than a label value; its first part still tells which is meant.
fn cut(value: &str) -> &str {
    let end = (0..=LABEL_VALUE_BYTES_MAX.min(value.len())).rev().find(|&at| value.is_char_boundary(at));
    &value[..end.unwrap_or(0)]
}

/// Takes the numbers of one collector in one pass.
pub struct Recorder<'a> {
    batch: &'a mut Batch,
    identity: &'a mut Identity,
    live: usize,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(batch: &'a mut Batch, identity: &'a mut Identity) -> Self {
        Self { batch, identity, live: 0 }
    }

    /// Records a value. `values` are those of the metric's labels, in their order; they are read only when the cell
    /// is new to the dictionary. Of several values at one tick the first counts: a file of the kernel read while it
    /// changes may say a line twice.
    #[inline]
    pub fn push(&mut self, cell: &mut SeriesCell, metric: &Metric, values: &[&str], value: f64) {
        if cell.epoch != self.identity.epoch {
            self.admit(cell, metric, values);
        }
        if cell.slot != REFUSED && cell.tick != self.identity.tick {
            cell.tick = self.identity.tick;
            self.batch.push(Slot(cell.slot), value);
            self.live += 1;
        }
    }

    /// Says that a series ends here. Nothing is recorded for a cell that was never used, nor for one that has a value
    /// at this tick: it lives.
    pub fn end(&mut self, cell: &mut SeriesCell) {
        if cell.epoch == self.identity.epoch && cell.tick == self.identity.tick {
            return;
        }
        if cell.epoch == self.identity.epoch && cell.slot != REFUSED {
            self.batch.push(Slot(cell.slot), STALE);
        }
        *cell = SeriesCell::default();
    }

    /// Values recorded through this recorder, ends not counted.
    pub(crate) fn live(&self) -> usize {
        self.live
    }

    #[cold]
    fn admit(&mut self, cell: &mut SeriesCell, metric: &Metric, values: &[&str]) {
        let added = self
            .identity
            .key(metric, values)
            .and_then(|key| self.batch.dictionary.add_key(key, metric.kind))
            .map(|slot| slot.0);
        telemetry::SERIES_REFUSED.add(u64::from(added.is_err()));
        self.describe(metric);
        let tick = self.identity.tick.wrapping_sub(1);
        *cell = SeriesCell { slot: added.unwrap_or(REFUSED), epoch: self.identity.epoch, tick };
    }

    /// Says once what a metric is, when its first series comes: of the hundreds that could be told, a host has half.
    fn describe(&mut self, metric: &Metric) {
        // The next series is nearly always of a metric that was told of late.
        let mut told = self.batch.dictionary.descriptions().iter().rev();
        if !told.any(|known| known.metric == metric.name) {
            let Metric { name, kind, unit, help, .. } = *metric;
            self.batch.dictionary.describe(Description::of(name, kind, unit, help));
        }
    }
}
