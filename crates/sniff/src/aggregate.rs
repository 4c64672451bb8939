//! From the tally to samples. Counts are told as sums that grow from 0, so that a batch that is lost loses nothing; the
//! first time also as the 0 they were before, as nobody could see otherwise what they began with. Quantiles are of the
//! requests since the batch before.

mod metrics;

use crate::tally::{Service, Tally};
use crate::telemetry;
use crate::wiretap::Wiretap;
pub use metrics::metrics;
use metrics::{
    CODES, LATENCY, LATENCY_MAX, OPEN, PAIR_METRICS, SERVICE_METRICS, pair_values, service_values,
};
use model::{Batch, Description, HOST, LabelsBuilder, Metric, NAME, STALE, Slot};

/// What an administrator may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The label `host`.
    pub host: String,
    /// Quantiles of times, between 0 and 1, rising.
    pub quantiles: Vec<f64>,
    /// Batches without news after which an operation or client is told no longer.
    pub idle_batches: u32,
}

impl Options {
    /// The usual choices for a host.
    pub fn for_host(host: impl Into<String>) -> Self {
        Self { host: host.into(), quantiles: vec![0.5, 0.9, 0.95, 0.99], idle_batches: 60 }
    }
}

/// Which slots belong to what. Dense: the n-th of the tally has the n-th entry.
#[derive(Debug, Default)]
struct Layout {
    services: Vec<Slot>,
    pairs: Vec<Option<Slot>>,
    operations: Vec<Option<Slot>>,
    codes: Vec<Slot>,
}

/// What was told of before, and needs no 0 any more.
#[derive(Debug, Default)]
struct Told {
    services: usize,
    pairs: Vec<bool>,
    codes: usize,
}

/// See the module's text.
#[derive(Debug)]
pub struct Aggregate {
    options: Options,
    batch: Batch,
    labels: LabelsBuilder,
    layout: Layout,
    told: Told,
    /// When the batch before was, or the start.
    before_ms: i64,
    folded: u64,
    unseen_bytes: u64,
}

impl Aggregate {
    /// Begins now.
    pub fn new(options: Options, now_ms: i64) -> Self {
        Self {
            options,
            batch: Batch::new(),
            labels: LabelsBuilder::default(),
            layout: Layout::default(),
            told: Told::default(),
            before_ms: now_ms,
            folded: 0,
            unseen_bytes: 0,
        }
    }

    /// The samples as of `now_ms`; what was silent for long ends with a marker and is forgotten.
    pub fn batch(&mut self, tap: &mut Wiretap, now_ms: i64) -> &Batch {
        if std::mem::take(&mut tap.tally.has_changed) {
            self.lay_out(&tap.tally);
        }
        self.batch.clear_rows();
        self.zeros(&tap.tally);
        self.batch.begin(now_ms);
        self.services(tap);
        self.pairs(&tap.tally);
        self.operations(&tap.tally);
        for (code, slot) in tap.tally.codes.iter().zip(&self.layout.codes) {
            self.batch.push(*slot, code.count as f64);
        }
        self.before_ms = now_ms;
        self.own_numbers(&tap.tally);
        tap.tally.forget(self.options.idle_batches);
        &self.batch
    }

    fn own_numbers(&mut self, tally: &Tally) {
        let unseen = tally.services().iter().map(|service| service.unseen_bytes).sum();
        telemetry::UNSEEN_BYTES.add(unseen - std::mem::replace(&mut self.unseen_bytes, unseen));
        telemetry::FOLDED.add(tally.folded() - std::mem::replace(&mut self.folded, tally.folded()));
    }

    /// Counts that are told for the first time were 0 before.
    fn zeros(&mut self, tally: &Tally) {
        self.told.pairs.resize(tally.pairs.len(), false);
        if self.told.services == tally.services().len()
            && self.told.codes == tally.codes.len()
            && self.told.pairs.iter().zip(&tally.pairs).all(|(told, pair)| *told || pair.is_free)
        {
            return;
        }
        self.batch.begin(self.before_ms);
        for slot in &self.layout.services[self.told.services..] {
            self.batch.push_run(Slot(slot.0 + 1), &[0.0; SERVICE_METRICS.len()]);
        }
        self.layout.codes[self.told.codes..].iter().for_each(|slot| self.batch.push(*slot, 0.0));
        for (told, slot) in self.told.pairs.iter_mut().zip(&self.layout.pairs) {
            if let (false, Some(slot)) = (*told, slot) {
                self.batch.push_run(*slot, &[0.0; PAIR_METRICS.len()]);
                *told = true;
            }
        }
        self.told.services = tally.services().len();
        self.told.codes = tally.codes.len();
    }

    fn services(&mut self, tap: &Wiretap) {
        let open = tap.connections_by_service();
        for ((service, slot), open) in tap.tally.services().iter().zip(&self.layout.services).zip(open) {
            self.batch.push(*slot, open as f64);
            self.batch.push_run(Slot(slot.0 + 1), &service_values(service));
        }
    }

    fn pairs(&mut self, tally: &Tally) {
        for (at, (pair, slot)) in tally.pairs.iter().zip(&self.layout.pairs).enumerate() {
            let Some(slot) = *slot else { continue };
            if !pair.has_news && pair.idle_flushes >= self.options.idle_batches {
                self.batch.push_run(slot, &[STALE; PAIR_METRICS.len()]);
                self.told.pairs[at] = false;
            } else {
                self.batch.push_run(slot, &pair_values(&pair.counts));
            }
        }
    }

    /// Times, of operations that had some.
    fn operations(&mut self, tally: &Tally) {
        for (operation, slot) in tally.operations.iter().zip(&self.layout.operations) {
            let Some(slot) = *slot else { continue };
            let max = Slot(slot.0 + self.options.quantiles.len() as u32);
            if operation.slowest_ns > 0 {
                let batch = &mut self.batch;
                operation.times.quantiles(&self.options.quantiles, |i, value| {
                    batch.push(Slot(slot.0 + i as u32), value)
                });
                batch.push(max, operation.slowest_ns as f64 / 1e9);
            } else if !operation.has_news && operation.idle_flushes == 0 {
                // The first time without any: a line that goes on would be a lie.
                (slot.0..=max.0).for_each(|slot| self.batch.push(Slot(slot), STALE));
            }
        }
    }

    /// Gives everything of the tally its slots.
    fn lay_out(&mut self, tally: &Tally) {
        self.batch.clear();
        for metric in metrics() {
            let description = Description {
                metric: metric.name.into(),
                kind: metric.kind,
                unit: metric.unit.into(),
                help: metric.help.into(),
            };
            self.batch.dictionary.describe(description);
        }
        self.layout = Layout::default();
        for service in tally.services() {
            let first = self.add(&OPEN, service, &[]);
            SERVICE_METRICS.iter().for_each(|metric| _ = self.add(metric, service, &[]));
            self.layout.services.push(first);
        }
        for pair in &tally.pairs {
            let slot = (!pair.is_free).then(|| self.add_pair(tally, pair.peer.0, pair.operation.0));
            self.layout.pairs.push(slot);
        }
        for at in 0..tally.operations.len() {
            let slot = (!tally.operations[at].is_free).then(|| self.add_operation(tally, at));
            self.layout.operations.push(slot);
        }
        for code in &tally.codes {
            let slot =
                self.add(&CODES, &tally.services()[usize::from(code.service.0)], &[("code", &code.text)]);
            self.layout.codes.push(slot);
        }
    }

    fn add_pair(&mut self, tally: &Tally, peer: u16, operation: u32) -> Slot {
        let operation = &tally.operations[operation as usize];
        let (name, target) = operation.names();
        let service = &tally.services()[usize::from(operation.service.0)];
        let peer = &tally.peers[usize::from(peer)].text;
        let labels = [("peer", peer.as_str()), ("operation", name), ("target", target)];
        let first = Slot(self.batch.dictionary.len() as u32);
        PAIR_METRICS.iter().for_each(|metric| _ = self.add(metric, service, &labels));
        first
    }

    fn add_operation(&mut self, tally: &Tally, at: usize) -> Slot {
        let operation = &tally.operations[at];
        let (name, target) = operation.names();
        let service = &tally.services()[usize::from(operation.service.0)];
        let first = Slot(self.batch.dictionary.len() as u32);
        for i in 0..self.options.quantiles.len() {
            let quantile = self.options.quantiles[i].to_string();
            let labels = [("operation", name), ("target", target), ("quantile", &quantile)];
            self.add(&LATENCY, service, &labels);
        }
        self.add(&LATENCY_MAX, service, &[("operation", name), ("target", target)]);
        first
    }

    fn add(&mut self, metric: &Metric, service: &Service, labels: &[(&str, &str)]) -> Slot {
        self.labels.clear();
        self.labels.add(NAME, metric.name).add(HOST, &self.options.host).add("protocol", service.protocol);
        self.labels.add("port", &service.port.to_string());
        if !service.container.is_empty() {
            self.labels.add("container", &service.container);
        }
        labels.iter().for_each(|(name, value)| _ = self.labels.add(name, value));
        self.batch.dictionary.add_built(&mut self.labels, metric.kind).expect("names are short text")
    }
}

#[cfg(test)]
mod tests;
