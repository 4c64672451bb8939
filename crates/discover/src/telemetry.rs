//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static INSTANCES: Gauge =
    Gauge::new("windhover_discover_instances", "Services that were found and are followed.");
pub(crate) static PLUGINS: Gauge =
    Gauge::new("windhover_discover_plugins", "Plugins at work: logs that are read, services that are asked.");
pub(crate) static LOOKS: Counter =
    Counter::new("windhover_discover_processes_total", "Processes looked at to see what they are.");
pub(crate) static INSPECTIONS: Counter =
    Counter::new("windhover_discover_inspections_total", "Times the configuration of a service was read.");
pub(crate) static STARTS: Counter =
    Counter::new("windhover_discover_plugin_starts_total", "Plugins started.");
pub(crate) static CHANGES: Counter =
    Counter::new("windhover_discover_plugin_changes_total", "Plugins given other settings while they ran.");
pub(crate) static STOPS: Counter = Counter::new("windhover_discover_plugin_stops_total", "Plugins stopped.");
pub(crate) static PANICS: Counter = Counter::new(
    "windhover_discover_panics_total",
    "Readings of a service's configuration, and askings of a service, that panicked.",
);
pub(crate) static SAMPLES: Counter = Counter::new(
    "windhover_discover_samples_total",
    "Numbers of services handed to the sink and taken by it.",
);
pub(crate) static SAMPLES_LOST: Counter =
    Counter::new("windhover_discover_samples_lost_total", "Numbers of services that the sink did not take.");
pub(crate) static FILES_REFUSED: Counter = Counter::new(
    "windhover_discover_files_refused_total",
    "Configuration files not read because they are too long or too many.",
);
pub(crate) static ENTRIES_REFUSED: Counter = Counter::new(
    "windhover_discover_entries_refused_total",
    "Folders of which not every entry was looked at.",
);
pub(crate) static INSTANCES_REFUSED: Counter = Counter::new(
    "windhover_discover_instances_refused_total",
    "Services not followed because there were too many.",
);
pub(crate) static PLUGINS_REFUSED: Counter = Counter::new(
    "windhover_discover_plugins_refused_total",
    "Plugins not started because a service wished for too many.",
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Gauge(&INSTANCES),
    Item::Gauge(&PLUGINS),
    Item::Counter(&LOOKS),
    Item::Counter(&INSPECTIONS),
    Item::Counter(&STARTS),
    Item::Counter(&CHANGES),
    Item::Counter(&STOPS),
    Item::Counter(&PANICS),
    Item::Counter(&SAMPLES),
    Item::Counter(&SAMPLES_LOST),
    Item::Counter(&FILES_REFUSED),
    Item::Counter(&ENTRIES_REFUSED),
    Item::Counter(&INSTANCES_REFUSED),
    Item::Counter(&PLUGINS_REFUSED),
];
