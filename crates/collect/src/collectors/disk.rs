//! Input and output of block devices, from `/proc/diskstats`.

use crate::collector::EVERY_TICK;
use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, numbers};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "disk",
    summary: "Reads, writes, bytes, busy time and queue of each disk; partitions, loop and RAM disks are left out.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Disk::new(host)),
};

const fn count(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["device"])
}
const fn bytes(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).by(&["device"])
}
const fn seconds(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "seconds", help).by(&["device"])
}

/// In the order of the columns after the name (Documentation/admin-guide/iostats.rst).
static METRICS: [Metric; 17] = [
    count("disk_reads_total", "Reads completed."),
    count("disk_reads_merged_total", "Reads that were joined with others before they reached the disk."),
    bytes("disk_read_bytes_total", "Bytes read."),
    seconds(
        "disk_read_seconds_total",
        "Time reads took, summed over reads; divided by their number, the mean wait.",
    ),
    count("disk_writes_total", "Writes completed."),
    count("disk_writes_merged_total", "Writes that were joined with others before they reached the disk."),
    bytes("disk_written_bytes_total", "Bytes written."),
    seconds(
        "disk_write_seconds_total",
        "Time writes took, summed over writes; divided by their number, the mean wait.",
    ),
    Metric::gauge("disk_io_in_progress", "", "Requests under way.").by(&["device"]),
    seconds(
        "disk_io_seconds_total",
        "Time with at least one request under way; its rate is the utilisation.",
    ),
    seconds(
        "disk_io_weighted_seconds_total",
        "Time times requests under way; its rate is the mean queue length.",
    ),
    count("disk_discards_total", "Discards completed."),
    count("disk_discards_merged_total", "Discards that were joined with others."),
    bytes("disk_discarded_bytes_total", "Bytes discarded."),
    seconds("disk_discard_seconds_total", "Time discards took, summed over discards."),
    count("disk_flushes_total", "Flushes completed."),
    seconds("disk_flush_seconds_total", "Time flushes took, summed over flushes."),
];

/// A sector in this file, whatever the disk's own are.
const SECTOR_BYTES: f64 = 512.0;
/// Most devices, those left out among them.
const DEVICES_MAX: usize = 2048;

struct Disk {
    host: Host,
    file: KeptFile,
    devices: Entities<{ METRICS.len() }>,
}

impl Disk {
    fn new(host: &Host) -> Self {
        Self { host: host.clone(), file: host.file("proc/diskstats"), devices: Entities::new(DEVICES_MAX) }
    }
}

impl Collector for Disk {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        self.devices.begin();
        for line in lines(text) {
            let Some(name) = fields(line).nth(2) else { continue };
            let Some(device) = self.devices.meet(name, |name| is_disk(&self.host, name)) else { continue };
            let mut values = [0; METRICS.len()];
            let rest = &line[name.as_ptr() as usize - line.as_ptr() as usize + name.len()..];
            let count = numbers(rest, &mut values);
            for (at, cell) in device.cells.iter_mut().enumerate().take(count) {
                let value = in_unit(values[at] as f64, METRICS[at].unit);
                pass.out.push(cell, &METRICS[at], &[&device.name], value);
            }
        }
        self.devices.finish(&mut pass.out);
        Ok(())
    }
}

fn in_unit(value: f64, unit: &str) -> f64 {
    match unit {
        "bytes" => value * SECTOR_BYTES,
        "seconds" => value / 1000.0,
        _ => value,
    }
}

pub(super) fn is_disk(host: &Host, name: &str) -> bool {
    let is_numbered = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_left_out = ["loop", "ram", "fd", "sr"].into_iter().any(is_numbered);
    !is_left_out && !host.path("sys/class/block").join(name).join("partition").exists()
}
