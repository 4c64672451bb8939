//! The relay's numbers as samples: of each output in our words, and in carbon's for those whose graphs know them.

use crate::stats::{OutputStats, RECEIVED};
use model::{Batch, Description, HOST, Kind, Labels, NAME};

/// What is told of each output: name, kind, help, and where it is read.
type Row = (&'static str, Kind, &'static str, fn(&OutputStats) -> f64);

const ROWS: &[Row] = &[
    (
        "windhover_relay_output_entered_samples_total",
        Kind::Counter,
        "Samples in the log since the start, and copies of them that rules make.",
        |o| o.entered as f64,
    ),
    ("windhover_relay_output_sent_samples_total", Kind::Counter, "Samples delivered.", |o| o.sent as f64),
    ("windhover_relay_output_passed_samples_total", Kind::Counter, "Samples that rules keep from it.", |o| {
        o.passed as f64
    }),
    (
        "windhover_relay_output_rehashed_samples_total",
        Kind::Counter,
        "Samples given to other members when it left its cluster.",
        |o| o.rehashed as f64,
    ),
    (
        "windhover_relay_output_full_queue_dropped_samples_total",
        Kind::Counter,
        "Samples lost because more would have waited than may.",
        |o| o.dropped_full as f64,
    ),
    (
        "windhover_relay_output_refused_samples_total",
        Kind::Counter,
        "Samples that the other side will not have.",
        |o| o.dropped_refused as f64,
    ),
    (
        "windhover_relay_output_damaged_samples_total",
        Kind::Counter,
        "Samples that could not be read back.",
        |o| o.dropped_damaged as f64,
    ),
    (
        "windhover_relay_output_unsayable_samples_total",
        Kind::Counter,
        "Samples that its protocol cannot say.",
        |o| o.dropped_unsayable as f64,
    ),
    ("windhover_relay_output_held_samples", Kind::Gauge, "Samples that wait or are on their way.", |o| {
        o.held as f64
    }),
    (
        "windhover_relay_output_missing_samples",
        Kind::Gauge,
        "Entered less sent, passed, rehashed, dropped and held: 0 when the numbers agree.",
        |o| o.missing() as f64,
    ),
    ("windhover_relay_output_queue_bytes", Kind::Gauge, "Bytes of the log that wait.", |o| {
        o.queue_bytes as f64
    }),
    ("windhover_relay_output_sent_bytes_total", Kind::Counter, "Bytes sent.", |o| o.bytes as f64),
    ("windhover_relay_output_batches_total", Kind::Counter, "Batches sent.", |o| o.batches as f64),
    ("windhover_relay_output_retries_total", Kind::Counter, "Tries that failed.", |o| o.retries as f64),
    ("windhover_relay_output_out", Kind::Gauge, "1 while it is out of its cluster.", |o| {
        f64::from(u8::from(o.is_out))
    }),
];

/// Appends a row of each number of each output, all of `time_ms`.
pub fn tell(outputs: &[OutputStats], host: &str, time_ms: i64, batch: &mut Batch) {
    batch.begin(time_ms);
    for (name, kind, help, read) in ROWS {
        batch.dictionary.describe(Description::of(name, *kind, "", help));
        for output in outputs {
            let pairs =
                [(NAME, *name), (HOST, host), ("kind", output.kind), ("output", output.name.as_str())];
            let Ok(labels) = Labels::from_pairs(pairs) else { continue };
            let slot = batch.dictionary.add(&labels, *kind);
            batch.push(slot, read(output));
        }
    }
}

/// Numbers under carbon's names. As carbon has it, counts are of the time since the last telling.
#[derive(Debug, Default)]
pub struct Carbon {
    last: Vec<OutputStats>,
    received: u64,
    cpu_seconds: f64,
    time_ms: i64,
}

impl Carbon {
    /// Appends `carbon.relays.<host>-a.…`, given the processor time and memory of this process.
    pub fn tell(
        &mut self,
        outputs: &[OutputStats],
        host: &str,
        (cpu_seconds, memory_bytes): (f64, f64),
        time_ms: i64,
        batch: &mut Batch,
    ) {
        let prefix = format!("carbon.relays.{}-a", host.replace('.', "_"));
        batch.begin(time_ms);
        let mut push = |name: String, value: f64| {
            if let Ok(labels) = Labels::from_pairs([(NAME, name.as_str())]) {
                let slot = batch.dictionary.add(&labels, Kind::Gauge);
                batch.push(slot, value);
            }
        };
        let received = RECEIVED.get();
        let seconds = (time_ms - self.time_ms) as f64 / 1000.0;
        push(format!("{prefix}.metricsReceived"), (received - self.received) as f64);
        if self.time_ms > 0 && seconds > 0.0 {
            push(format!("{prefix}.cpuUsage"), (cpu_seconds - self.cpu_seconds) / seconds * 100.0);
        }
        push(format!("{prefix}.memUsage"), memory_bytes);
        for output in outputs {
            let before = self.last.iter().find(|last| last.name == output.name).cloned().unwrap_or_default();
            let since = |read: fn(&OutputStats) -> u64| read(output).saturating_sub(read(&before)) as f64;
            let waits =
                |connected| if (output.failures == 0) == connected { output.held as f64 } else { 0.0 };
            let name = output.name.replace(['.', ' ', '/'], "_");
            let mut push =
                |metric: &str, value| push(format!("{prefix}.destinations.{name}.{metric}"), value);
            push("attemptedRelays", since(|o| o.entered - o.passed.min(o.entered)));
            push("sent", since(|o| o.sent));
            push("batchesSent", since(|o| o.batches));
            push("fullQueueDrops", since(|o| o.dropped_full));
            push("queuedUntilConnected", waits(false));
            push("queuedUntilReady", waits(true));
            push("relayMaxQueueLength", output.held_max as f64);
        }
        self.last = outputs.to_vec();
        (self.received, self.cpu_seconds, self.time_ms) = (received, cpu_seconds, time_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_carbon_are_of_the_time_since_the_last_telling() {
        let output =
            OutputStats { name: "b.c".to_owned(), entered: 10, sent: 7, held: 3, ..OutputStats::default() };
        let (mut carbon, mut batch) = (Carbon::default(), Batch::new());
        carbon.tell(std::slice::from_ref(&output), "h.x", (1.0, 5.0), 60_000, &mut batch);
        batch.clear();
        let later = OutputStats { entered: 15, sent: 15, held: 0, ..output };
        carbon.tell(&[later], "h.x", (4.0, 5.0), 120_000, &mut batch);
        let value = |name: &str| {
            let rows = batch.groups().next().unwrap();
            let at = rows.slots.iter().position(|slot| batch.dictionary.labels(*slot).name() == name);
            rows.values[at.unwrap_or_else(|| panic!("no {name}"))]
        };
        assert_eq!(value("carbon.relays.h_x-a.destinations.b_c.sent"), 8.0);
        assert_eq!(value("carbon.relays.h_x-a.destinations.b_c.attemptedRelays"), 5.0);
        assert_eq!(value("carbon.relays.h_x-a.cpuUsage"), 5.0);
    }

    #[test]
    fn every_number_of_every_output_is_told() {
        let mut batch = Batch::new();
        let output = |name: &str| OutputStats { name: name.to_owned(), kind: "x", ..OutputStats::default() };
        tell(&[output("a"), output("b")], "h", 5, &mut batch);
        assert_eq!((batch.len(), batch.dictionary.descriptions().len()), (2 * ROWS.len(), ROWS.len()));
    }
}
