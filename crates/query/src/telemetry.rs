//! What the engine counts of itself.

use crate::{QueryError, Stats};
use stdx::telemetry::{Counter, Item};

static EXPRESSIONS: Counter =
    Counter::new("windhover_query_expressions_total", "Expressions answered or refused");
static REFUSED: Counter = Counter::new(
    "windhover_query_expressions_refused_total",
    "Expressions that were wrong or could not be read",
);
static LIMITED: Counter = Counter::new(
    "windhover_query_expressions_limited_total",
    "Expressions that hit a limit or were cancelled",
);
static SERIES: Counter = Counter::new("windhover_query_series_total", "Series read");
static SAMPLES: Counter = Counter::new("windhover_query_samples_total", "Samples touched");
static BUSY: Counter =
    Counter::new("windhover_query_busy_microseconds_total", "Time spent finding, reading and computing");

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&EXPRESSIONS),
    Item::Counter(&REFUSED),
    Item::Counter(&LIMITED),
    Item::Counter(&SERIES),
    Item::Counter(&SAMPLES),
    Item::Counter(&BUSY),
];

/// Counts a request that came to its end.
pub(crate) fn count<T>(stats: &Stats, results: &[Result<T, QueryError>]) {
    EXPRESSIONS.add(results.len() as u64);
    let errors = || results.iter().filter_map(|result| result.as_ref().err());
    let limited = errors().filter(|error| matches!(error, QueryError::Limit(_))).count();
    LIMITED.add(limited as u64);
    REFUSED.add((errors().count() - limited) as u64);
    SERIES.add(stats.series);
    SAMPLES.add(stats.samples);
    BUSY.add(stats.find_us + stats.read_us + stats.compute_us);
}
