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

pub(crate) static FIND_CUT: Counter = Counter::new(
    "windhover_api_graphite_find_cut_total",
    "Answers of Graphite's find that told only the first nodes, for there were more than the limit",
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] =
    &[Item::Counter(&FALCON_REQUESTS), Item::Counter(&FALCON_REFUSED), Item::Counter(&FIND_CUT)];
