//! The way out: what all plugins gave goes through one batch, so that a series keeps its slot from run to run and an
//! outbox need not be told its labels again.

use crate::telemetry;
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Report, Sink, Slot};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Most series the batch remembers; then it starts anew.
const SERIES_MAX: usize = 20_000;
/// How a run went.
const RUN_SECONDS: &str = "windhover_plugins_run_seconds";
const RUN_SUCCESS: &str = "windhover_plugins_run_success";
/// The state a monitoring plugin ended with.
const STATE: &str = "plugin_state";

/// Whose samples they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The plugin, as a label of its series where what it printed has no names of its own.
    pub(crate) plugin: &'a str,
    pub(crate) is_named_by_plugin: bool,
}

/// Labels and gives samples to the sink.
pub(crate) struct Outlet {
    sink: Arc<dyn Sink>,
    host: String,
    batch: Batch,
    slots: HashMap<Box<[u8]>, Slot>,
    described: HashSet<Cow<'static, str>>,
    labels: LabelsBuilder,
}

impl Outlet {
    pub(crate) fn new(sink: Arc<dyn Sink>, host: String) -> Self {
        let (batch, slots, described, labels) = Default::default();
        Self { sink, host, batch, slots, described, labels }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Adds what a plugin printed. Series without a host are of this one.
    pub(crate) fn add(&mut self, samples: &Batch, source: Source<'_>, report: &mut Report) {
        self.renew_if_full();
        let of_dictionary: Vec<Option<Slot>> = (0..samples.dictionary.len())
            .map(|at| self.slot_of(samples, Slot(at as u32), source, report))
            .collect();
        for rows in samples.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                if let Some(slot) = of_dictionary[slot.0 as usize] {
                    self.batch.sample(slot, rows.time_ms, *value);
                }
            }
        }
        for description in samples.dictionary.descriptions() {
            if self.described.insert(description.metric.clone()) {
                self.batch.dictionary.describe(description.clone());
            }
        }
    }

    /// Adds how a run went.
    pub(crate) fn add_run(&mut self, time_ms: i64, plugin: &str, format: &str, seconds: f64, success: bool) {
        self.own(RUN_SECONDS, &[("plugin", plugin)], time_ms, seconds);
        let success = if success { 1.0 } else { 0.0 };
        self.own(RUN_SUCCESS, &[("plugin", plugin), ("format", format)], time_ms, success);
    }

    /// Adds the state a monitoring plugin ended with, 0 to 3.
    pub(crate) fn add_state(&mut self, time_ms: i64, plugin: &str, labels: &[(String, String)], state: u8) {
        let labels = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = [("plugin", plugin)].into_iter().chain(labels).collect();
        self.own(STATE, &all, time_ms, f64::from(state));
    }

    fn own(&mut self, name: &str, labels: &[(&str, &str)], time_ms: i64, value: f64) {
        self.labels.clear();
        self.labels.add(NAME, name).add(HOST, &self.host);
        labels.iter().for_each(|(name, value)| {
            self.labels.set(name, value);
        });
        // A name or label that is over the limits was told when the plugin was set up.
        if let Ok(key) = self.labels.key() {
            let slot = slot(&mut self.slots, &mut self.batch, key, Kind::Gauge);
            self.batch.sample(slot, time_ms, value);
        }
    }

    /// Hands everything to the sink: samples taken, or why they were not.
    pub(crate) fn pour(&mut self) -> Result<Report, String> {
        if self.batch.is_empty() {
            return Ok(Report::default());
        }
        let samples = self.batch.len() as u64;
        let outcome = self.sink.push(&self.batch);
        self.batch.clear_rows();
        match outcome {
            Ok(receipt) => {
                telemetry::SAMPLES.add(receipt.report.accepted);
                Ok(receipt.report)
            }
            Err(error) => {
                telemetry::SAMPLES_LOST.add(samples);
                Err(error.to_string())
            }
        }
    }

    fn slot_of(
        &mut self,
        samples: &Batch,
        at: Slot,
        source: Source<'_>,
        report: &mut Report,
    ) -> Option<Slot> {
        let (key, kind) = (samples.dictionary.key(at), samples.dictionary.kind(at));
        self.labels.clear();
        for (name, value) in model::labels::Iter::over_key(key) {
            self.labels.add(name, value);
        }
        if self.labels.get(HOST).is_none() {
            self.labels.add(HOST, &self.host);
        }
        if source.is_named_by_plugin && self.labels.get("plugin").is_none() {
            self.labels.add("plugin", source.plugin);
        }
        match self.labels.key() {
            Ok(key) => Some(slot(&mut self.slots, &mut self.batch, key, kind)),
            Err(error) => {
                report.reject(model::Position::Whole, error);
                None
            }
        }
    }

    fn renew_if_full(&mut self) {
        if self.slots.len() > SERIES_MAX || self.described.len() > SERIES_MAX {
            self.slots.clear();
            self.described.clear();
            self.batch.clear();
        }
    }
}

/// The slot of a series, new when it is not known.
fn slot(slots: &mut HashMap<Box<[u8]>, Slot>, batch: &mut Batch, key: &[u8], kind: Kind) -> Slot {
    if let Some(slot) = slots.get(key) {
        return *slot;
    }
    let slot = batch.dictionary.add_key(key, kind).expect("the builder checked the labels");
    slots.insert(key.into(), slot);
    slot
}
