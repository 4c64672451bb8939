//! The statsd door's own numbers.

use stdx::telemetry::{Counter, Gauge, Item};

pub(super) static PACKETS: Counter = Counter::new(
    "windhover_doors_statsd_packets_total",
    "Datagrams, and reads of TCP connections, that the statsd door took.",
);
pub(super) static BYTES: Counter =
    Counter::new("windhover_doors_statsd_bytes_total", "Bytes that the statsd door took.");
pub(super) static SAMPLES: Counter = Counter::new(
    "windhover_doors_statsd_lines_total",
    "Lines with measurements that the statsd door took; values packed into one line count once.",
);
pub(super) static REFUSED: Counter = Counter::new(
    "windhover_doors_statsd_refused_total",
    "Lines that the statsd door refused, whatever the reason.",
);
pub(super) static OVERFLOWN: Counter = Counter::new(
    "windhover_doors_statsd_overflown_total",
    "Lines refused because there was no room for more series.",
);
pub(super) static EVENTS: Counter =
    Counter::new("windhover_doors_statsd_events_total", "DogStatsD events that the statsd door took.");
pub(super) static LOST: Counter = Counter::new(
    "windhover_doors_statsd_lost_total",
    "Samples that could not be handed on at a flush, or had no room to wait for one.",
);
pub(super) static SERIES: Gauge =
    Gauge::new("windhover_doors_statsd_series", "Series that come out of the statsd door.");
pub(super) static MEMORY_BYTES: Gauge = Gauge::new(
    "windhover_doors_statsd_memory_bytes",
    "Memory that names, series and sketches of the statsd door take.",
);
pub(super) static FLUSH_SECONDS: Gauge =
    Gauge::new("windhover_doors_statsd_flush_seconds", "How long the last flush of the statsd door took.");

/// The numbers of this file.
pub(crate) static TELEMETRY: [Item; 10] = [
    Item::Counter(&PACKETS),
    Item::Counter(&BYTES),
    Item::Counter(&SAMPLES),
    Item::Counter(&REFUSED),
    Item::Counter(&OVERFLOWN),
    Item::Counter(&EVENTS),
    Item::Counter(&LOST),
    Item::Gauge(&SERIES),
    Item::Gauge(&MEMORY_BYTES),
    Item::Gauge(&FLUSH_SECONDS),
];
