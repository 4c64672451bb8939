//! The sniffer's own numbers.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static PACKETS: Counter =
    Counter::new("windhover_sniff_packets_total", "TCP segments that the sniffer read.");
pub(crate) static DROPPED: Counter = Counter::new(
    "windhover_sniff_packets_dropped_total",
    "Packets that the kernel threw away because the ring was full.",
);
pub(crate) static CONNECTIONS: Gauge =
    Gauge::new("windhover_sniff_connections", "Connections that the sniffer follows.");
pub(crate) static NETWORKS: Gauge =
    Gauge::new("windhover_sniff_networks", "Networks that the sniffer listens to, this host's among them.");
pub(crate) static CONNECTIONS_EVICTED: Counter = Counter::new(
    "windhover_sniff_connections_evicted_total",
    "Connections that were forgotten for new ones, as there were too many.",
);
pub(crate) static HELD_DISCARDED: Counter = Counter::new(
    "windhover_sniff_held_discarded_total",
    "Times that segments were no longer waited for, as too much was held for all connections together.",
);
pub(crate) static UNSEEN_BYTES: Counter = Counter::new(
    "windhover_sniff_unseen_bytes_total",
    "Bytes of watched connections that were on the wire and not in the capture, those beyond the snap length among them.",
);
pub(crate) static FOLDED: Counter = Counter::new(
    "windhover_sniff_folded_total",
    "Times that an operation or client was counted under `other`, as a table was full.",
);

/// All of them.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&PACKETS),
    Item::Counter(&DROPPED),
    Item::Gauge(&CONNECTIONS),
    Item::Gauge(&NETWORKS),
    Item::Counter(&CONNECTIONS_EVICTED),
    Item::Counter(&HELD_DISCARDED),
    Item::Counter(&UNSEEN_BYTES),
    Item::Counter(&FOLDED),
];
