//! What the read side counts about itself.

use stdx::telemetry::{Counter, Item};

pub(crate) static QUERIES: Counter =
    Counter::new("windhover_api_queries_total", "Requests with expressions, live frames included.");
pub(crate) static QUERY_SAMPLES: Counter =
    Counter::new("windhover_api_query_samples_total", "Samples that expressions touched.");
pub(crate) static QUERY_MICROSECONDS: Counter =
    Counter::new("windhover_api_query_microseconds_total", "Time spent on finding, reading and computing.");
pub(crate) static QUERY_FAILURES: Counter =
    Counter::new("windhover_api_query_failures_total", "Expressions that had no answer.");

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&QUERIES),
    Item::Counter(&QUERY_SAMPLES),
    Item::Counter(&QUERY_MICROSECONDS),
    Item::Counter(&QUERY_FAILURES),
];
