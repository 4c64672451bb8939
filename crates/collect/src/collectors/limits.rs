//! Tables of the kernel that can fill up: how full they are and how much they hold. One number from each small file.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{fields, number, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "limits",
    summary: "Open files, tracked connections, entropy, and the most there may be of files, connections, threads and pids.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Limits::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).from(source)
}

/// The source is a file below `/proc/sys`.
static METRICS: [Metric; 7] = [
    count("file_descriptors_allocated", "fs/file-nr", "Open files of all processes."),
    count("file_descriptors_limit", "fs/file-max", "Most files that may be open."),
    count(
        "conntrack_entries",
        "net/netfilter/nf_conntrack_count",
        "Connections the packet filter keeps track of.",
    ),
    count("conntrack_entries_limit", "net/netfilter/nf_conntrack_max", "Most connections it keeps track of."),
    Metric::gauge("entropy_available_bits", "bits", "Randomness the kernel holds.")
        .from("kernel/random/entropy_avail"),
    count("threads_limit", "kernel/threads-max", "Most threads there may be."),
    count("pids_limit", "kernel/pid_max", "Largest process number."),
];

struct Limits {
    files: [KeptFile; METRICS.len()],
    cells: [SeriesCell; METRICS.len()],
}

impl Limits {
    fn new(host: &Host) -> Self {
        Self {
            files: std::array::from_fn(|at| host.file(&format!("proc/sys/{}", METRICS[at].source))),
            cells: Default::default(),
        }
    }
}

impl Collector for Limits {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        for ((file, cell), metric) in self.files.iter_mut().zip(&mut self.cells).zip(&METRICS) {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            if let Some(value) = fields(trim(text)).next().and_then(number) {
                pass.out.push(cell, metric, &[], value as f64);
            }
        }
        Ok(())
    }
}
