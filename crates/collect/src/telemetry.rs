//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static TICKS: Counter =
    Counter::new("windhover_collect_ticks_total", "Ticks at which collectors were run.");
pub(crate) static TICKS_SKIPPED: Counter = Counter::new(
    "windhover_collect_ticks_skipped_total",
    "Ticks that passed unused: the round before took too long, or the clock jumped forward.",
);
pub(crate) static CLOCK_BACKWARD: Counter =
    Counter::new("windhover_collect_clock_backward_total", "Jumps of the clock into the past.");
pub(crate) static SAMPLES: Counter =
    Counter::new("windhover_collect_samples_total", "Samples handed to the sink and taken by it.");
pub(crate) static SAMPLES_LOST: Counter = Counter::new(
    "windhover_collect_samples_lost_total",
    "Samples of rounds the sink did not take (busy or failed).",
);
pub(crate) static ERRORS: Counter =
    Counter::new("windhover_collect_errors_total", "Passes of collectors that failed.");
pub(crate) static PANICS: Counter = Counter::new(
    "windhover_collect_panics_total",
    "Passes of collectors that panicked; the collector is opened anew.",
);
pub(crate) static SERIES: Gauge =
    Gauge::new("windhover_collect_series", "Series in the dictionary, dead ones among them.");
pub(crate) static SERIES_REFUSED: Counter =
    Counter::new("windhover_collect_series_refused_total", "Series whose labels are over the limits.");
pub(crate) static RENEWALS: Counter = Counter::new(
    "windhover_collect_dictionary_renewals_total",
    "Times the dictionary was started anew because most of its series were dead.",
);
pub(crate) static FILES_CUT: Counter = Counter::new(
    "windhover_collect_files_cut_total",
    "Reads that stopped at the limit on the size of a kernel file.",
);
pub(crate) static ENTITIES_REFUSED: Counter = Counter::new(
    "windhover_collect_entities_refused_total",
    "Devices, interfaces, sensors and the like left out because a collector's limit was reached.",
);
pub(crate) static FILE_SYSTEMS_SILENT: Gauge = Gauge::new(
    "windhover_collect_file_systems_silent",
    "File systems that did not answer in time when last asked.",
);
pub(crate) static FILE_SYSTEMS_SKIPPED: Counter = Counter::new(
    "windhover_collect_file_systems_skipped_total",
    "Times a file system was left out of a tick because it did not answer.",
);
pub(crate) static SOCKET_WALKS_SKIPPED: Counter = Counter::new(
    "windhover_collect_socket_walks_skipped_total",
    "Ticks at which there were too many TCP sockets to count them by state.",
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&TICKS),
    Item::Counter(&TICKS_SKIPPED),
    Item::Counter(&CLOCK_BACKWARD),
    Item::Counter(&SAMPLES),
    Item::Counter(&SAMPLES_LOST),
    Item::Counter(&ERRORS),
    Item::Counter(&PANICS),
    Item::Gauge(&SERIES),
    Item::Counter(&SERIES_REFUSED),
    Item::Counter(&RENEWALS),
    Item::Counter(&FILES_CUT),
    Item::Counter(&ENTITIES_REFUSED),
    Item::Gauge(&FILE_SYSTEMS_SILENT),
    Item::Counter(&FILE_SYSTEMS_SKIPPED),
    Item::Counter(&SOCKET_WALKS_SKIPPED),
];
