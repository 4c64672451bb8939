//! The host as a client of NFS: calls of all mounts, from `/proc/net/rpc/nfs`, and how each mount fares, from
//! `/proc/PID/mountstats`. Neither asks a server.

mod mountstats;

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use mountstats::Mount;

pub(super) static ROW: Row = Row {
    name: "nfs",
    summary: "NFS mounts: bytes, operations, time waited for the server, and what had to be sent again.",
    interval_ms: 10_000,
    metrics: &ALL,
    open: |host, _| Box::new(Nfs::new(host)),
};

static ALL: [Metric; CALLS.len() + MOUNT.len()] =
    [CALLS[0], CALLS[1], CALLS[2], MOUNT[0], MOUNT[1], MOUNT[2], MOUNT[3], MOUNT[4], MOUNT[5]];

const fn count(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help)
}

/// In the order of the line `rpc`.
static CALLS: [Metric; 3] = [
    count("nfs_calls_total", "Calls made to servers.").from("rpc"),
    count("nfs_retransmissions_total", "Calls made again because no answer came.").from("rpc"),
    count("nfs_authentication_refreshes_total", "Times credentials were renewed.").from("rpc"),
];

/// In the order of [`Mount::values`].
static MOUNT: [Metric; 6] = [
    Metric::counter("nfs_mount_read_bytes_total", "bytes", "Bytes read from the server.").by(&["mount"]),
    Metric::counter("nfs_mount_written_bytes_total", "bytes", "Bytes written to the server.").by(&["mount"]),
    count("nfs_mount_operations_total", "Operations asked for.").by(&["mount"]),
    count("nfs_mount_retransmissions_total", "Requests sent again.").by(&["mount"]),
    count("nfs_mount_timeouts_total", "Requests whose answer did not come in time.").by(&["mount"]),
    Metric::counter(
        "nfs_mount_response_seconds_total",
        "seconds",
        "Time servers took to answer, summed over operations; divided by their number, the mean wait.",
    )
    .by(&["mount"]),
];
/// Most mounts.
const MOUNTS_MAX: usize = 64;

struct Nfs {
    calls: KeptFile,
    mountstats: KeptFile,
    cells: [SeriesCell; CALLS.len()],
    mounts: Entities<{ MOUNT.len() }>,
}

impl Nfs {
    fn new(host: &Host) -> Self {
        // In another's root, `self` is a process that sees our mounts and not the host's.
        let mountstats = if host.is_own() { "proc/self/mountstats" } else { "proc/1/mountstats" };
        Self {
            calls: host.file("proc/net/rpc/nfs"),
            mountstats: host.file(mountstats),
            cells: Default::default(),
            mounts: Entities::new(MOUNTS_MAX),
        }
    }
}

impl Collector for Nfs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        // A kernel that never mounted a server has no such file, and no statistics of mounts.
        let Some(text) = self.calls.read_if_there(pass.buffer)? else { return Ok(()) };
        if let Some(line) = lines(text).find_map(|line| line.strip_prefix(b"rpc ")) {
            for ((cell, metric), value) in self.cells.iter_mut().zip(&CALLS).zip(fields(line)) {
                if let Some(value) = number(value) {
                    pass.out.push(cell, metric, &[], value as f64);
                }
            }
        }
        let Some(text) = self.mountstats.read_if_there(pass.buffer)? else { return Ok(()) };
        self.mounts.begin();
        mountstats::visit(text, |mount: Mount<'_>| {
            let Some(entity) = self.mounts.meet(mount.path, |_| true) else { return };
            for ((cell, metric), value) in entity.cells.iter_mut().zip(&MOUNT).zip(mount.values()) {
                pass.out.push(cell, metric, &[&entity.name], value);
            }
        });
        self.mounts.finish(&mut pass.out);
        Ok(())
    }
}
