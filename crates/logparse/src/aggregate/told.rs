//! Series as they are handed on: labels made once, counters that begin at zero, series that end.

use model::{Batch, Description, LabelsBuilder, Metric, NAME, STALE, Sink, Slot};

/// A series that may have been told before.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Series {
    /// The dictionary's round and the slot in it.
    slot: Option<(u32, Slot)>,
}

/// The rows of one flush, and the series of all.
#[derive(Debug)]
pub(crate) struct Told {
    labels: Vec<(String, String)>,
    batch: Batch,
    builder: LabelsBuilder,
    rows: Vec<(Slot, f64)>,
    /// Counters told for the first time: at the flush before they were zero.
    born: Vec<Slot>,
    described: Vec<&'static str>,
    last_ms: i64,
    /// Which dictionary slots belong to; it begins anew when most of its slots are dead.
    round: u32,
    dead: usize,
}

/// So many dead slots are kept in any case.
const DEAD_KEPT: usize = 256;

impl Told {
    pub(crate) fn new(labels: &[(String, String)], now_ms: i64) -> Self {
        Self {
            labels: labels.to_vec(),
            batch: Batch::new(),
            builder: LabelsBuilder::default(),
            rows: Vec::new(),
            born: Vec::new(),
            described: Vec::new(),
            last_ms: now_ms,
            round: 0,
            dead: 0,
        }
    }

    /// Begins a flush.
    pub(crate) fn begin(&mut self) {
        self.rows.clear();
        self.born.clear();
        if self.dead > DEAD_KEPT.max(self.batch.dictionary.len() / 2) {
            self.batch.clear();
            self.described.clear();
            (self.round, self.dead) = (self.round + 1, 0);
        }
    }

    /// Tells a series that was told under this dictionary; false when it was not.
    #[inline]
    pub(crate) fn again(&mut self, series: &Series, value: f64) -> bool {
        let slot = series.slot.filter(|(round, _)| *round == self.round);
        self.rows.extend(slot.map(|(_, slot)| (slot, value)));
        slot.is_some()
    }

    /// Tells a sum that grows.
    pub(crate) fn counter(
        &mut self,
        series: &mut Series,
        metric: &Metric,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        let is_new = series.slot.is_none();
        if let Some(slot) = self.slot(series, metric, labels) {
            if is_new {
                self.born.push(slot);
            }
            self.rows.push((slot, value));
        }
    }

    /// Tells a value as it is now.
    pub(crate) fn gauge(
        &mut self,
        series: &mut Series,
        metric: &Metric,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        if let Some(slot) = self.slot(series, metric, labels) {
            self.rows.push((slot, value));
        }
    }

    /// Ends a series, if it was ever told.
    pub(crate) fn end(&mut self, series: &mut Series) {
        // Under a new dictionary the old slot means nothing; it would have to be told again to be ended.
        if let Some((_, slot)) = series.slot.take().filter(|(round, _)| *round == self.round) {
            self.rows.push((slot, STALE));
            self.dead += 1;
        }
    }

    /// Notes that a gauge has no value for now.
    pub(crate) fn pause(&mut self, series: &Series) {
        if let Some((_, slot)) = series.slot.filter(|(round, _)| *round == self.round) {
            self.rows.push((slot, STALE));
        }
    }

    fn slot(&mut self, series: &mut Series, metric: &Metric, labels: &[(&str, &str)]) -> Option<Slot> {
        if let Some((round, slot)) = series.slot
            && round == self.round
        {
            return Some(slot);
        }
        self.builder.clear();
        self.builder.add(NAME, metric.name);
        self.labels.iter().for_each(|(name, value)| _ = self.builder.add(name, value));
        labels.iter().for_each(|(name, value)| _ = self.builder.set(name, value));
        // Labels of the settings are checked there; ours are within the limits.
        let slot = self.batch.dictionary.add_built(&mut self.builder, metric.kind).ok()?;
        series.slot = Some((self.round, slot));
        if !self.described.contains(&metric.name) {
            self.described.push(metric.name);
            self.batch.dictionary.describe(Description {
                metric: metric.name.into(),
                kind: metric.kind,
                unit: metric.unit.into(),
                help: metric.help.into(),
            });
        }
        Some(slot)
    }

    /// Hands the rows on: how many, and why they were not taken where they were not.
    pub(crate) fn push(&mut self, time_ms: i64, sink: &dyn Sink) -> (u64, String) {
        self.batch.clear_rows();
        if !self.born.is_empty() && self.last_ms + 1 < time_ms {
            // Not at the same time as the end of a series that was told before under these labels.
            self.batch.begin(self.last_ms + 1);
            self.born.iter().for_each(|slot| self.batch.push(*slot, 0.0));
        }
        self.batch.begin(time_ms);
        self.rows.iter().for_each(|(slot, value)| self.batch.push(*slot, *value));
        self.last_ms = time_ms;
        match sink.push(&self.batch) {
            Ok(receipt) if receipt.report.rejected > 0 => {
                let reasons = &receipt.report.reasons;
                let why = reasons.first().map_or_else(String::new, |reason| reason.reason.to_string());
                (self.rows.len() as u64, format!("{} samples were refused: {why}", receipt.report.rejected))
            }
            Ok(_) => (self.rows.len() as u64, String::new()),
            Err(why) => (0, why.to_string()),
        }
    }

    /// Ends every series.
    pub(crate) fn end_all(&mut self, time_ms: i64, sink: &dyn Sink) {
        self.batch.clear_rows();
        self.batch.begin(time_ms);
        (0..self.batch.dictionary.len() as u32).for_each(|slot| self.batch.push(Slot(slot), STALE));
        // What is not taken ends by itself some minutes later.
        let _ = sink.push(&self.batch);
    }
}
