//! The doors' own numbers, a set for each protocol.

use crate::native;
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
static PROMETHEUS_TEXT: Counters = Counters::new("prometheus_text", &[("protocol", "prometheus_text")]);
static INFLUX: Counters = Counters::new("influx", &[("protocol", "influx")]);
static FALCON: Counters = Counters::new("falcon", &[("protocol", "falcon")]);
static PROBE: Counters = Counters::new("probe", &[("protocol", "probe")]);

/// One set for each protocol that has a door.
pub(crate) static ALL: [&Counters; 5] = [&REMOTE_WRITE, &PROMETHEUS_TEXT, &INFLUX, &FALCON, &PROBE];

/// The numbers of all doors, the native one's last.
pub static TELEMETRY: &[Item] = &flat();

const FLAT_LEN: usize = ITEMS * ALL.len() + native::TELEMETRY.len();

const fn flat() -> [Item; FLAT_LEN] {
    let mut flat = [native::TELEMETRY[0]; FLAT_LEN];
    let mut at = 0;
    while at < FLAT_LEN {
        flat[at] = match at.checked_sub(ITEMS * ALL.len()) {
            None => ALL[at / ITEMS].items()[at % ITEMS],
            Some(at) => native::TELEMETRY[at],
        };
        at += 1;
    }
    flat
}
