//! From outcomes to rows. All checks share one dictionary; each keeps the places of its series, which are few and known, so
//! it never grows beyond what is configured.

use crate::metric::{FAILED, STATE, UP};
use crate::{Metric, Outcome, Reading, State, telemetry};
use model::{Batch, Description, HOST, Kind, LabelsBuilder, NAME, STALE, Sink, Slot};

/// Who the series of a check are.
#[derive(Debug)]
pub struct Identity {
    /// Labels besides the host and the metrics' own.
    pub labels: Vec<(String, String)>,
    /// Whether its own numbers are all it says.
    pub is_bare: bool,
    cells: Vec<Cell>,
}

/// A series of a check.
#[derive(Debug)]
struct Cell {
    metric: &'static Metric,
    detail: &'static str,
    /// `None` when its labels are over the limits.
    slot: Option<Slot>,
    /// Whether it had a value at the last turn.
    is_live: bool,
    /// Whether it has one at this turn.
    is_given: bool,
}

impl Identity {
    pub(super) fn new(labels: Vec<(String, String)>, is_bare: bool) -> Self {
        Self { labels, is_bare, cells: Vec::new() }
    }
}

/// Writes outcomes down and hands them on.
#[derive(Debug)]
pub(super) struct Recorder {
    host: String,
    checks: Vec<Identity>,
    batch: Batch,
    builder: LabelsBuilder,
}

impl Recorder {
    pub(super) fn new(host: String, checks: Vec<Identity>) -> Self {
        Self { host, checks, batch: Batch::new(), builder: LabelsBuilder::default() }
    }

    /// Hands the samples of one outcome to `sink`; gives how many there are.
    pub(super) fn record(&mut self, at: usize, turn_ms: i64, outcome: &Outcome, sink: &dyn Sink) -> u64 {
        self.batch.clear_rows();
        self.batch.begin(turn_ms);
        if !self.checks[at].is_bare {
            let is_up = matches!(outcome.state, State::Ok | State::Warning);
            self.push(at, &UP, "", f64::from(u8::from(is_up)));
            self.push(at, &STATE, "", f64::from(outcome.state as u8));
            if !is_up {
                self.push(at, &FAILED, outcome.reason, 1.0);
            }
        }
        for Reading { metric, detail, value, .. } in &outcome.readings {
            self.push(at, metric, detail, *value);
        }
        let samples = self.batch.len() as u64;
        self.end(at);
        match sink.push(&self.batch) {
            Ok(receipt) => telemetry::SAMPLES.add(receipt.report.accepted),
            Err(_) => telemetry::SAMPLES_LOST.add(samples),
        }
        samples
    }

    fn push(&mut self, at: usize, metric: &'static Metric, detail: &'static str, value: f64) {
        let is_it = |cell: &Cell| std::ptr::eq(cell.metric, metric) && cell.detail == detail;
        let found = self.checks[at].cells.iter().position(is_it);
        let cell = found.unwrap_or_else(|| self.admit(at, metric, detail));
        let cell = &mut self.checks[at].cells[cell];
        // Of several values at one turn the first counts.
        if let Some(slot) = cell.slot.filter(|_| !cell.is_given) {
            self.batch.push(slot, value);
        }
        cell.is_given = true;
    }

    /// Says of series that had a value at the last turn and have none now that they end.
    fn end(&mut self, at: usize) {
        for cell in &mut self.checks[at].cells {
            if let Some(slot) = cell.slot.filter(|_| cell.is_live && !cell.is_given) {
                self.batch.push(slot, STALE);
            }
            cell.is_live = std::mem::take(&mut cell.is_given);
        }
    }

    fn admit(&mut self, at: usize, metric: &'static Metric, detail: &'static str) -> usize {
        self.describe(metric);
        self.builder.clear();
        self.builder.add(NAME, metric.name).add(HOST, &self.host);
        if !metric.label.is_empty() {
            self.builder.add(metric.label, detail);
        }
        for (name, value) in &self.checks[at].labels {
            self.builder.add(name, value);
        }
        let slot = self.batch.dictionary.add_built(&mut self.builder, Kind::Gauge).ok();
        telemetry::SERIES_REFUSED.add(u64::from(slot.is_none()));
        let cells = &mut self.checks[at].cells;
        cells.push(Cell { metric, detail, slot, is_live: false, is_given: false });
        cells.len() - 1
    }

    fn describe(&mut self, metric: &Metric) {
        if self.batch.dictionary.descriptions().iter().all(|known| known.metric != metric.name) {
            let description = Description::of(metric.name, Kind::Gauge, metric.unit, metric.help);
            self.batch.dictionary.describe(description);
        }
    }
}
