//! The relay's numbers as samples: of each output in our words, and in carbon's for those whose graphs know them.

mod carbon;

pub use carbon::Carbon;

use crate::stats::OutputStats;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_every_output_is_told() {
        let mut batch = Batch::new();
        let output = |name: &str| OutputStats { name: name.to_owned(), kind: "x", ..OutputStats::default() };
        tell(&[output("a"), output("b")], "h", 5, &mut batch);
        assert_eq!((batch.len(), batch.dictionary.descriptions().len()), (2 * ROWS.len(), ROWS.len()));
    }
}
