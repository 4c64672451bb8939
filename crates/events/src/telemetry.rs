//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static WRITTEN: Counter =
    Counter::new("windhover_events_written_total", "Events written to the event log.");
pub(crate) static REPEATED: Counter = Counter::new(
    "windhover_events_repeated_total",
    "Events passed over because the same place of the same agent's stream was written before.",
);
pub(crate) static WRITE_FAILURES: Counter =
    Counter::new("windhover_events_write_failures_total", "Writes, syncs and seals that the disk refused.");
pub(crate) static DAMAGED: Counter = Counter::new(
    "windhover_events_damaged_records_total",
    "Records of the event log that did not match their checksum.",
);
pub(crate) static TORN_BYTES: Counter = Counter::new(
    "windhover_events_torn_bytes_total",
    "Bytes at the end of a log that were cut while they were written.",
);
pub(crate) static FORGOTTEN_SEGMENTS: Counter = Counter::new(
    "windhover_events_forgotten_segments_total",
    "Segments removed because they were old, or the log too large.",
);
pub(crate) static HOSTS_REFUSED: Counter = Counter::new(
    "windhover_events_standings_refused_total",
    "Statements of standings refused because there are too many hosts.",
);
pub(crate) static BYTES: Gauge = Gauge::new("windhover_events_disk_bytes", "Bytes of the event log on disk.");
pub(crate) static SEGMENTS: Gauge =
    Gauge::new("windhover_events_segments", "Sealed segments of the event log.");
pub(crate) static MEMORY_BYTES: Gauge =
    Gauge::new("windhover_events_memory_bytes", "Bytes of the event log in memory: what is not sealed yet.");

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&WRITTEN),
    Item::Counter(&REPEATED),
    Item::Counter(&WRITE_FAILURES),
    Item::Counter(&DAMAGED),
    Item::Counter(&TORN_BYTES),
    Item::Counter(&FORGOTTEN_SEGMENTS),
    Item::Counter(&HOSTS_REFUSED),
    Item::Gauge(&BYTES),
    Item::Gauge(&SEGMENTS),
    Item::Gauge(&MEMORY_BYTES),
];
