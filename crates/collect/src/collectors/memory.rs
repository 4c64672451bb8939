//! Memory and swap as `/proc/meminfo` tells them.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{fields, lines, number, place_of};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "memory",
    summary: "Memory and swap: size, use, and what it is used for.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Memory::new(host)),
};

const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).from(source)
}

/// Those with a source are lines of the file; the last ones are computed.
pub(super) static METRICS: [Metric; LISTED + 3] = [
    bytes("memory_total_bytes", "MemTotal", "Memory the kernel can use."),
    bytes("memory_free_bytes", "MemFree", "Memory used for nothing."),
    bytes(
        "memory_available_bytes",
        "MemAvailable",
        "Memory that programs can get without swapping; on kernels before 3.14 estimated as free + buffers + cached + reclaimable slab - shared.",
    ),
    bytes("memory_buffers_bytes", "Buffers", "Cached blocks of raw devices."),
    bytes("memory_cached_bytes", "Cached", "Cached pages of files, shared memory among them."),
    bytes("memory_swap_cached_bytes", "SwapCached", "Memory that is also in swap."),
    bytes("memory_active_bytes", "Active", "Memory used lately."),
    bytes("memory_inactive_bytes", "Inactive", "Memory not used lately, the first to be given up."),
    bytes("memory_unevictable_bytes", "Unevictable", "Memory that cannot be given up."),
    bytes("swap_total_bytes", "SwapTotal", "Size of swap."),
    bytes("swap_free_bytes", "SwapFree", "Swap used for nothing."),
    bytes("memory_dirty_bytes", "Dirty", "File pages waiting to be written."),
    bytes("memory_writeback_bytes", "Writeback", "File pages being written."),
    bytes("memory_anonymous_bytes", "AnonPages", "Programs' own memory, backed by no file."),
    bytes("memory_mapped_bytes", "Mapped", "File pages mapped into programs."),
    bytes("memory_shared_bytes", "Shmem", "Shared memory and tmpfs."),
    bytes("memory_slab_reclaimable_bytes", "SReclaimable", "Kernel structures that can be given up."),
    bytes("memory_slab_unreclaimable_bytes", "SUnreclaim", "Kernel structures that cannot be given up."),
    bytes("memory_kernel_stack_bytes", "KernelStack", "Stacks of threads inside the kernel."),
    bytes("memory_page_tables_bytes", "PageTables", "Page tables."),
    bytes(
        "memory_commit_limit_bytes",
        "CommitLimit",
        "Most memory that may be promised in strict accounting.",
    ),
    bytes("memory_committed_bytes", "Committed_AS", "Memory promised to programs."),
    bytes("memory_hardware_corrupted_bytes", "HardwareCorrupted", "Memory taken out of use as broken."),
    bytes("memory_anonymous_huge_bytes", "AnonHugePages", "Programs' own memory in huge pages."),
    Metric::gauge("memory_huge_pages", "", "Huge pages set aside.").from("HugePages_Total"),
    Metric::gauge("memory_huge_pages_free", "", "Huge pages set aside and unused.").from("HugePages_Free"),
    bytes("memory_huge_page_size_bytes", "Hugepagesize", "Size of a huge page."),
    bytes("memory_used_bytes", "", "Memory that programs cannot get: total - available."),
    bytes("swap_used_bytes", "", "Swap in use: total - free."),
    Metric::gauge("memory_used_ratio", "ratio", "Used memory as a part of the total."),
];
const LISTED: usize = 27;

const TOTAL: usize = 0;
const FREE: usize = 1;
const AVAILABLE: usize = 2;
const BUFFERS: usize = 3;
const CACHED: usize = 4;
const SWAP_TOTAL: usize = 9;
const SWAP_FREE: usize = 10;
const SHARED: usize = 15;
const RECLAIMABLE: usize = 16;
const USED: usize = LISTED;
const SWAP_USED: usize = LISTED + 1;
const USED_RATIO: usize = LISTED + 2;

struct Memory {
    file: KeptFile,
    keys: [&'static str; LISTED],
    cells: [SeriesCell; METRICS.len()],
}

impl Memory {
    fn new(host: &Host) -> Self {
        Self {
            file: host.file("proc/meminfo"),
            keys: std::array::from_fn(|at| METRICS[at].source),
            cells: [SeriesCell::default(); METRICS.len()],
        }
    }
}

impl Collector for Memory {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let mut values = parse(self.file.read(pass.buffer)?, &self.keys);
        derive(&mut values);
        if values[TOTAL].is_none() {
            return Err(self.file.malformed("MemTotal"));
        }
        for ((cell, metric), value) in self.cells.iter_mut().zip(&METRICS).zip(values) {
            if let Some(value) = value {
                pass.out.push(cell, metric, &[], value);
            }
        }
        Ok(())
    }
}

fn parse(text: &[u8], keys: &[&str]) -> [Option<f64>; METRICS.len()] {
    let mut values = [None; METRICS.len()];
    let mut cursor = 0;
    for line in lines(text) {
        let mut fields = fields(line);
        let Some(key) = fields.next().and_then(|key| key.strip_suffix(b":")) else { continue };
        let Some(at) = place_of(key, keys, &mut cursor) else { continue };
        let scale = |unit| if unit == Some(&b"kB"[..]) { 1024.0 } else { 1.0 };
        values[at] = fields.next().and_then(number).map(|n| n as f64 * scale(fields.next()));
    }
    values
}

fn derive(values: &mut [Option<f64>; METRICS.len()]) {
    let of = |at: usize| values[at].unwrap_or(0.0);
    let estimate = of(FREE) + of(BUFFERS) + of(CACHED) + of(RECLAIMABLE) - of(SHARED);
    let available = values[AVAILABLE].unwrap_or(estimate.max(0.0));
    let used = values[TOTAL].map(|total| (total - available).max(0.0));
    let swap_used = values[SWAP_TOTAL].map(|total| (total - of(SWAP_FREE)).max(0.0));
    let ratio = used.zip(values[TOTAL]).filter(|(_, total)| *total > 0.0).map(|(used, total)| used / total);
    values[AVAILABLE] = Some(available);
    values[USED] = used;
    values[SWAP_USED] = swap_used;
    values[USED_RATIO] = ratio;
}
