//! What the read dialects count about themselves; expressions are counted by the query engine.

use stdx::telemetry::{Counter, Item};

pub(crate) static FALCON_REQUESTS: Counter = Counter::labelled(
    "windhover_api_dialect_requests_total",
    "Requests in another system's way of asking.",
    &[("dialect", "falcon")],
);
pub(crate) static FALCON_REFUSED: Counter = Counter::labelled(
    "windhover_api_dialect_refused_total",
    "Requests in another system's way of asking that were wrong or too large.",
    &[("dialect", "falcon")],
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[Item::Counter(&FALCON_REQUESTS), Item::Counter(&FALCON_REFUSED)];
