//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static RUNS: Counter = Counter::new("windhover_checks_runs_total", "Checks made.");
pub(crate) static FAILURES: Counter =
    Counter::new("windhover_checks_failures_total", "Checks that did not find what they should.");
pub(crate) static PANICS: Counter = Counter::new("windhover_checks_panics_total", "Checks that panicked.");
pub(crate) static OVERRUNS: Counter =
    Counter::new("windhover_checks_overruns_total", "Checks that took longer than their interval.");
pub(crate) static SKIPPED: Counter = Counter::new(
    "windhover_checks_skipped_total",
    "Turns of checks that passed unused: the check was still at work, no thread was free, or the clock jumped.",
);
pub(crate) static LATE: Counter = Counter::new(
    "windhover_checks_late_total",
    "Checks that began more than a second after their turn because no thread was free.",
);
pub(crate) static SAMPLES: Counter =
    Counter::new("windhover_checks_samples_total", "Samples of checks handed to the sink and taken by it.");
pub(crate) static SAMPLES_LOST: Counter =
    Counter::new("windhover_checks_samples_lost_total", "Samples of checks that the sink did not take.");
pub(crate) static SERIES_REFUSED: Counter = Counter::new(
    "windhover_checks_series_refused_total",
    "Series of checks whose labels are over the limits.",
);
pub(crate) static BODIES_CUT: Counter = Counter::new(
    "windhover_checks_bodies_cut_total",
    "Bodies that were longer than a check reads (`body_bytes_max`).",
);
pub(crate) static CONFIGURED: Gauge =
    Gauge::new("windhover_checks_configured", "Checks there are, by target.");
pub(crate) static THREADS: Gauge = Gauge::new("windhover_checks_threads", "Threads that make checks.");

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&RUNS),
    Item::Counter(&FAILURES),
    Item::Counter(&PANICS),
    Item::Counter(&OVERRUNS),
    Item::Counter(&SKIPPED),
    Item::Counter(&LATE),
    Item::Counter(&SAMPLES),
    Item::Counter(&SAMPLES_LOST),
    Item::Counter(&SERIES_REFUSED),
    Item::Counter(&BODIES_CUT),
    Item::Gauge(&CONFIGURED),
    Item::Gauge(&THREADS),
];
