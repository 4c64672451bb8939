//! What XFS file systems do, from `/sys/fs/xfs/*/stats/stats` (fs/xfs/xfs_stats.h).

use crate::text::{fields, lines, number};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "xfs",
    summary: "Reads, writes, log and extents of XFS file systems (its errors are among `kernel_troubles_total`).",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Xfs::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["device"]).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).by(&["device"]).from(source)
}

/// The source is a line of the file and the place of the number in it.
static METRICS: [Metric; 11] = [
    count("xfs_allocated_extents_total", "extent_alloc 0", "Extents allocated."),
    count("xfs_freed_extents_total", "extent_alloc 2", "Extents freed."),
    count("xfs_log_writes_total", "log 0", "Writes of the log."),
    count("xfs_log_forces_total", "log 3", "Times the log was forced to disk."),
    count("xfs_log_waits_total", "log 2", "Times a writer waited for a buffer of the log."),
    count("xfs_write_calls_total", "rw 0", "Writes asked for."),
    count("xfs_read_calls_total", "rw 1", "Reads asked for."),
    count("xfs_inode_cache_hits_total", "ig 1", "Inodes found in the cache."),
    count("xfs_inode_cache_misses_total", "ig 3", "Inodes that had to be read."),
    bytes("xfs_written_bytes_total", "xpc 1", "Bytes written."),
    bytes("xfs_read_bytes_total", "xpc 2", "Bytes read."),
];
/// Most file systems.
const FILE_SYSTEMS_MAX: usize = 64;

struct Xfs {
    file_systems: Things<{ METRICS.len() }>,
}

impl Xfs {
    fn new(host: &Host) -> Self {
        Self { file_systems: Things::new(host.folder("sys/fs/xfs"), FILE_SYSTEMS_MAX) }
    }
}

impl Collector for Xfs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        // A folder and two files are about the module.
        self.file_systems.measure(
            pass,
            |name| !["stats", "debug"].contains(&name),
            |mut file_system, out| {
                let values = values(&mut file_system);
                for (at, metric) in METRICS.iter().enumerate() {
                    file_system.push(at, metric, |name| [name], values[at], out);
                }
            },
        )
    }
}

fn values(file_system: &mut Thing<'_, { METRICS.len() }>) -> [Option<f64>; METRICS.len()] {
    let mut values = [None; METRICS.len()];
    for line in file_system.read("stats/stats").map(lines).into_iter().flatten() {
        let Some(key) = fields(line).next() else { continue };
        for (value, metric) in values.iter_mut().zip(&METRICS) {
            let Some((line_name, place)) = metric.source.split_once(' ') else { continue };
            if line_name.as_bytes() == key {
                let place = number(place.as_bytes()).unwrap_or_default() as usize;
                *value = fields(line).nth(1 + place).and_then(number).map(|n| n as f64);
            }
        }
    }
    values
}
