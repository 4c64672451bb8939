//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static INSTANCES: Gauge = Gauge::new("windhover_plugins_instances", "Plugins that are to be run.");
pub(crate) static RUNNING: Gauge = Gauge::new("windhover_plugins_running", "Plugins that run now.");
pub(crate) static RUNS: Counter = Counter::new("windhover_plugins_runs_total", "Runs of plugins that ended.");
pub(crate) static FAILURES: Counter = Counter::new(
    "windhover_plugins_failures_total",
    "Runs that ended with something to complain about: an exit code, a limit, output that cannot be read.",
);
pub(crate) static STARTS_FAILED: Counter =
    Counter::new("windhover_plugins_starts_failed_total", "Plugins that could not be started.");
pub(crate) static STARTS_HUNG: Counter = Counter::new(
    "windhover_plugins_starts_hung_total",
    "Starts that hung because a file system did not answer.",
);
pub(crate) static TIMEOUTS: Counter =
    Counter::new("windhover_plugins_timeouts_total", "Runs that were ended because they took too long.");
pub(crate) static SKIPPED: Counter = Counter::new(
    "windhover_plugins_runs_skipped_total",
    "Starts that were left out because the run before was still going on, or because their time had passed.",
);
pub(crate) static DELAYED: Counter = Counter::new(
    "windhover_plugins_runs_delayed_total",
    "Starts that had to wait because too many plugins ran at the same time.",
);
pub(crate) static RESTARTS: Counter = Counter::new(
    "windhover_plugins_restarts_total",
    "Times a plugin that should stay ended and is started again after a while.",
);
pub(crate) static OUTPUT_BYTES: Counter =
    Counter::new("windhover_plugins_output_bytes_total", "Bytes that plugins printed.");
pub(crate) static OUTPUT_CUT: Counter = Counter::new(
    "windhover_plugins_output_discarded_bytes_total",
    "Bytes that plugins printed beyond their limit.",
);
pub(crate) static SAMPLES: Counter =
    Counter::new("windhover_plugins_samples_total", "Samples of plugins that were taken.");
pub(crate) static SAMPLES_LOST: Counter =
    Counter::new("windhover_plugins_samples_lost_total", "Samples of plugins that the sink did not take.");
pub(crate) static REJECTED: Counter = Counter::new(
    "windhover_plugins_rejected_total",
    "Lines, items or samples of plugins that could not be read.",
);
pub(crate) static LEFT_BEHIND: Counter = Counter::new(
    "windhover_plugins_left_behind_total",
    "Runs that ended and left processes which held their output open; those were ended, too.",
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Gauge(&INSTANCES),
    Item::Gauge(&RUNNING),
    Item::Counter(&RUNS),
    Item::Counter(&FAILURES),
    Item::Counter(&STARTS_FAILED),
    Item::Counter(&STARTS_HUNG),
    Item::Counter(&TIMEOUTS),
    Item::Counter(&SKIPPED),
    Item::Counter(&DELAYED),
    Item::Counter(&RESTARTS),
    Item::Counter(&OUTPUT_BYTES),
    Item::Counter(&OUTPUT_CUT),
    Item::Counter(&SAMPLES),
    Item::Counter(&SAMPLES_LOST),
    Item::Counter(&REJECTED),
    Item::Counter(&LEFT_BEHIND),
];
