//! The cache of ZFS, from `/proc/spl/kstat/zfs/arcstats`.

use crate::file::KeptFile;
use crate::text::{fields, lines, number, place_of};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "zfs",
    summary: "Size of ZFS's cache (ARC), what it wants to be, and how often it had what was asked for.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Zfs::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).from(source)
}

/// In the order of the file.
static METRICS: [Metric; 13] = [
    count("zfs_arc_hits_total", "hits", "Reads answered by the cache."),
    count("zfs_arc_misses_total", "misses", "Reads that the cache could not answer."),
    count("zfs_arc_demand_data_hits_total", "demand_data_hits", "Reads of data by programs answered by it."),
    count("zfs_arc_demand_data_misses_total", "demand_data_misses", "Those it could not answer."),
    count(
        "zfs_arc_evictions_skipped_total",
        "evict_skip",
        "Times it could not make room for want of anything to drop.",
    ),
    bytes("zfs_arc_target_bytes", "c", "The size it wants to have."),
    bytes("zfs_arc_target_min_bytes", "c_min", "The least it may want."),
    bytes("zfs_arc_target_max_bytes", "c_max", "The most it may want."),
    bytes("zfs_arc_size_bytes", "size", "Its size."),
    count("zfs_l2arc_hits_total", "l2_hits", "Reads answered by the cache on disk."),
    count("zfs_l2arc_misses_total", "l2_misses", "Reads that the cache on disk could not answer."),
    bytes("zfs_l2arc_size_bytes", "l2_size", "Size of what the cache on disk holds, uncompressed."),
    count(
        "zfs_arc_throttles_total",
        "memory_throttle_count",
        "Times writes were slowed down for want of memory.",
    ),
];

struct Zfs {
    file: KeptFile,
    keys: [&'static str; METRICS.len()],
    cells: [SeriesCell; METRICS.len()],
}

impl Zfs {
    fn new(host: &Host) -> Self {
        Self {
            file: host.file("proc/spl/kstat/zfs/arcstats"),
            keys: std::array::from_fn(|at| METRICS[at].source),
            cells: Default::default(),
        }
    }
}

impl Collector for Zfs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut cursor = 0;
        // `name type data`; two lines before are about the file.
        for line in lines(text).skip(2) {
            let mut fields = fields(line);
            let Some(at) = fields.next().and_then(|key| place_of(key, &self.keys, &mut cursor)) else {
                continue;
            };
            if let Some(value) = fields.nth(1).and_then(number) {
                pass.out.push(&mut self.cells[at], &METRICS[at], &[], value as f64);
            }
        }
        Ok(())
    }
}
