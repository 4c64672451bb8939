//! What the memory management did, from `/proc/vmstat`: swapping, page faults, kills.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{fields, lines, number, place_of};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "vmstat",
    summary: "Swapping, paging, page faults, and processes killed for want of memory.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Vmstat::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).from(source)
}

/// In the order of the file.
pub(super) static METRICS: [Metric; 11] = [
    bytes("memory_paged_in_bytes_total", "pgpgin", "Bytes read from disks into memory."),
    bytes("memory_paged_out_bytes_total", "pgpgout", "Bytes written from memory to disks."),
    bytes("swap_in_bytes_total", "pswpin", "Memory brought back from swap."),
    bytes("swap_out_bytes_total", "pswpout", "Memory moved to swap."),
    count("memory_faults_total", "pgfault", "Page faults, cheap ones among them."),
    count("memory_major_faults_total", "pgmajfault", "Page faults that had to wait for a disk."),
    count("memory_scanned_pages_total", "pgscan_kswapd", "Pages looked at in the background to free memory."),
    count(
        "memory_scanned_direct_pages_total",
        "pgscan_direct",
        "Pages looked at to free memory while a program waited for it.",
    ),
    count("memory_oom_kills_total", "oom_kill", "Processes killed because memory ran out (kernel 4.13)."),
    count(
        "memory_compaction_stalls_total",
        "compact_stall",
        "Times a program waited for memory to be compacted.",
    ),
    count("memory_huge_faults_total", "thp_fault_alloc", "Page faults served with a huge page."),
];

struct Vmstat {
    file: KeptFile,
    page_bytes: f64,
    keys: [&'static str; METRICS.len()],
    cells: [SeriesCell; METRICS.len()],
}

impl Vmstat {
    fn new(host: &Host) -> Self {
        Self {
            file: host.file("proc/vmstat"),
            page_bytes: host.page_bytes as f64,
            keys: std::array::from_fn(|at| METRICS[at].source),
            cells: Default::default(),
        }
    }
}

impl Collector for Vmstat {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut cursor = 0;
        for line in lines(text) {
            let mut fields = fields(line);
            let Some(at) = fields.next().and_then(|key| place_of(key, &self.keys, &mut cursor)) else {
                continue;
            };
            let Some(value) = fields.next().and_then(number) else { continue };
            pass.out.push(
                &mut self.cells[at],
                &METRICS[at],
                &[],
                value as f64 * scale(METRICS[at].source, self.page_bytes),
            );
        }
        Ok(())
    }
}

// Swapping is counted in pages, paging in units of 1024 bytes.
fn scale(source: &str, page_bytes: f64) -> f64 {
    match source {
        "pswpin" | "pswpout" => page_bytes,
        "pgpgin" | "pgpgout" => 1024.0,
        _ => 1.0,
    }
}
