//! The doors' own numbers, a set for each protocol.

use crate::{native, senders};
use stdx::telemetry::{Counter, Item, Labels};

/// The numbers of one protocol.
pub(crate) struct Counters {
    pub(crate) protocol: &'static str,
    pub(crate) requests: Counter,
    pub(crate) body_bytes: Counter,
    pub(crate) samples: Counter,
    pub(crate) rejected: Counter,
    pub(crate) skipped: Counter,
    pub(crate) deferred: Counter,
}

/// How many numbers a protocol has.
const ITEMS: usize = 6;

impl Counters {
    const fn new(protocol: &'static str, labels: Labels) -> Self {
        const fn counter(name: &'static str, help: &'static str, labels: Labels) -> Counter {
            Counter::labelled(name, help, labels)
        }
        let deferred = "Requests sent away to come again, as nothing could be stored.";
        let skipped =
            "Parts left out on purpose, as they are no samples: text fields, exemplars, unknown values.";
        Self {
            protocol,
            requests: counter("windhover_ingest_requests_total", "Requests to a door.", labels),
            body_bytes: counter("windhover_ingest_body_bytes_total", "Bytes of bodies, unpacked.", labels),
            samples: counter("windhover_ingest_samples_total", "Samples taken.", labels),
            rejected: counter("windhover_ingest_rejected_total", "Lines, items or samples refused.", labels),
            skipped: counter("windhover_ingest_skipped_total", skipped, labels),
            deferred: counter("windhover_ingest_deferred_total", deferred, labels),
        }
    }

    const fn items(&'static self) -> [Item; ITEMS] {
        [
            Item::Counter(&self.requests),
            Item::Counter(&self.body_bytes),
            Item::Counter(&self.samples),
            Item::Counter(&self.rejected),
            Item::Counter(&self.skipped),
            Item::Counter(&self.deferred),
        ]
    }
}

static REMOTE_WRITE: Counters = Counters::new("remote_write", &[("protocol", "remote_write")]);
static REMOTE_WRITE_V2: Counters = Counters::new("remote_write_v2", &[("protocol", "remote_write_v2")]);
static OTLP: Counters = Counters::new("otlp", &[("protocol", "otlp")]);
static OPENTSDB: Counters = Counters::new("opentsdb", &[("protocol", "opentsdb")]);
static COLLECTD_JSON: Counters = Counters::new("collectd_json", &[("protocol", "collectd_json")]);
static CSV: Counters = Counters::new("csv", &[("protocol", "csv")]);
static PROMETHEUS_TEXT: Counters = Counters::new("prometheus_text", &[("protocol", "prometheus_text")]);
static INFLUX: Counters = Counters::new("influx", &[("protocol", "influx")]);
static FALCON: Counters = Counters::new("falcon", &[("protocol", "falcon")]);
static PROBE: Counters = Counters::new("probe", &[("protocol", "probe")]);
static GRAPHITE: Counters = Counters::new("graphite", &[("protocol", "graphite")]);
static PUTVAL: Counters = Counters::new("putval", &[("protocol", "putval")]);

/// One set for each protocol that has a door.
pub(crate) static ALL: [&Counters; 12] = [
    &REMOTE_WRITE,
    &REMOTE_WRITE_V2,
    &OTLP,
    &CSV,
    &COLLECTD_JSON,
    &OPENTSDB,
    &PROMETHEUS_TEXT,
    &INFLUX,
    &FALCON,
    &PROBE,
    &GRAPHITE,
    &PUTVAL,
];

/// The numbers of all doors, the native one's and those of remembered senders last.
pub static TELEMETRY: &[Item] = &flat();

const DOORS_LEN: usize = ITEMS * ALL.len();
const NATIVE_END: usize = DOORS_LEN + native::TELEMETRY.len();
const FLAT_LEN: usize = NATIVE_END + senders::TELEMETRY.len();

const fn flat() -> [Item; FLAT_LEN] {
    let mut flat = [native::TELEMETRY[0]; FLAT_LEN];
    let mut at = 0;
    while at < FLAT_LEN {
        flat[at] = if at < DOORS_LEN {
            ALL[at / ITEMS].items()[at % ITEMS]
        } else if at < NATIVE_END {
            native::TELEMETRY[at - DOORS_LEN]
        } else {
            senders::TELEMETRY[at - NATIVE_END]
        };
        at += 1;
    }
    flat
}
