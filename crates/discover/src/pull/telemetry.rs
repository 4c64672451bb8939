//! What pulls count about themselves.

use stdx::telemetry::{Counter, Item};

pub(super) static PULLS: Counter =
    Counter::new("windhover_discover_pulls_total", "Times a service was asked for its numbers.");
pub(super) static FAILURES: Counter =
    Counter::new("windhover_discover_pull_failures_total", "Times a service gave none, or not all.");
pub(super) static SERIES_REFUSED: Counter = Counter::new(
    "windhover_discover_series_refused_total",
    "Values of services left out because their labels or their number are over the limits.",
);

/// What pulls count.
pub static TELEMETRY: &[Item] =
    &[Item::Counter(&PULLS), Item::Counter(&FAILURES), Item::Counter(&SERIES_REFUSED)];
