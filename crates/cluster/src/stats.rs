//! What is counted.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static RENEWALS: Counter =
    Counter::new("windhover_cluster_renewals_total", "Times that this program wrote its lease.");
pub(crate) static RENEWAL_FAILURES: Counter =
    Counter::new("windhover_cluster_renewal_failures_total", "Times that it could not write its lease.");
pub(crate) static LOOKS: Counter =
    Counter::new("windhover_cluster_looks_total", "Times that the members of a group were listed.");
pub(crate) static LOOK_FAILURES: Counter = Counter::new(
    "windhover_cluster_look_failures_total",
    "Times that they could not be listed; membership stays as it was.",
);
pub(crate) static JOINED: Counter =
    Counter::new("windhover_cluster_members_joined_total", "Members that came to a group that is watched.");
pub(crate) static LEFT_RELEASED: Counter = Counter::labelled(
    "windhover_cluster_members_left_total",
    "Members that went from a group that is watched.",
    &[("reason", "released")],
);
pub(crate) static LEFT_SILENT: Counter = Counter::labelled(
    "windhover_cluster_members_left_total",
    "Members that went from a group that is watched.",
    &[("reason", "silent")],
);
pub(crate) static MEMBERS: Gauge =
    Gauge::new("windhover_cluster_members", "Members of the groups that are watched.");
pub(crate) static REGISTERED: Gauge =
    Gauge::new("windhover_cluster_registered", "1 while this program holds its lease.");

/// What this crate counts.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&RENEWALS),
    Item::Counter(&RENEWAL_FAILURES),
    Item::Counter(&LOOKS),
    Item::Counter(&LOOK_FAILURES),
    Item::Counter(&JOINED),
    Item::Counter(&LEFT_RELEASED),
    Item::Counter(&LEFT_SILENT),
    Item::Gauge(&MEMBERS),
    Item::Gauge(&REGISTERED),
];
