//! Errors ext4 found on disks, and what was written, from `/sys/fs/ext4` (Documentation/ABI/testing/sysfs-fs-ext4).

use crate::things::Things;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "ext4",
    summary: "Errors of ext4 file systems since they were last checked, and bytes written to them in their life.",
    interval_ms: 60_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Ext4::new(host)),
};

/// The source is a file in the file system's folder.
static METRICS: [Metric; 4] = [
    Metric::gauge("ext4_errors", "", "Errors found since the last check (e2fsck); they outlast a restart.")
        .by(&["device"])
        .from("errors_count"),
    Metric::gauge("ext4_last_error_time_seconds", "seconds", "When the last error was found, in Unix time.")
        .by(&["device"])
        .from("last_error_time"),
    Metric::counter("ext4_warnings_total", "", "Warnings since it was mounted (kernel 5.10).")
        .by(&["device"])
        .from("warning_count"),
    Metric::counter("ext4_written_bytes_total", "bytes", "Bytes written since it was made.")
        .by(&["device"])
        .from("lifetime_write_kbytes"),
];
const FACTORS: [f64; METRICS.len()] = [1.0, 1.0, 1.0, 1024.0];
const LAST_ERROR: usize = 1;
/// Most file systems.
const FILE_SYSTEMS_MAX: usize = 64;

struct Ext4 {
    file_systems: Things<{ METRICS.len() }>,
}

impl Ext4 {
    fn new(host: &Host) -> Self {
        Self { file_systems: Things::new(host.folder("sys/fs/ext4"), FILE_SYSTEMS_MAX) }
    }
}

impl Collector for Ext4 {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        // One folder is about the module.
        self.file_systems.measure(
            pass,
            |name| name != "features",
            |mut file_system, out| {
                for (at, (metric, factor)) in METRICS.iter().zip(FACTORS).enumerate() {
                    let value = file_system.quantity(metric.source);
                    // No error has no time.
                    let value = value.filter(|value| at != LAST_ERROR || *value > 0.0);
                    file_system.push(at, metric, |name| [name], value.map(|value| value * factor), out);
                }
            },
        )
    }
}
