//! What btrfs has set aside and used for data, metadata and itself, from `/sys/fs/btrfs`. It can run out of room for
//! metadata while `df` shows space.

use crate::entities::Entity;
use crate::record::Recorder;
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "btrfs",
    summary: "Space of btrfs file systems by what it is set aside for, and how much of it is used.",
    interval_ms: 10_000,
    metrics: &[METRICS[0], METRICS[1]],
    open: |host, _| Box::new(Btrfs::new(host)),
};

/// The source is a file in the folder of the kind; the file system is named by its UUID.
static METRICS: [Metric; 2] = [
    Metric::gauge("btrfs_allocated_bytes", "bytes", "Space set aside, copies counted once.")
        .by(&["filesystem", "kind"])
        .from("total_bytes"),
    Metric::gauge("btrfs_used_bytes", "bytes", "Space used of what is set aside.")
        .by(&["filesystem", "kind"])
        .from("bytes_used"),
];
const KINDS: [&str; 3] = ["data", "metadata", "system"];
/// The files, each kind's together, in the order of the cells.
const FILES: [&str; METRICS.len() * KINDS.len()] = [
    "allocation/data/total_bytes",
    "allocation/data/bytes_used",
    "allocation/metadata/total_bytes",
    "allocation/metadata/bytes_used",
    "allocation/system/total_bytes",
    "allocation/system/bytes_used",
];
/// Digits and dashes of a UUID; other folders are about the module.
const UUID_LENGTH: usize = 36;
/// Most file systems.
const FILE_SYSTEMS_MAX: usize = 64;

struct Btrfs {
    file_systems: Things<{ FILES.len() }>,
}

impl Btrfs {
    fn new(host: &Host) -> Self {
        Self { file_systems: Things::new(host.folder("sys/fs/btrfs"), FILE_SYSTEMS_MAX) }
    }
}

impl Collector for Btrfs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.file_systems.measure(pass, |name| name.len() == UUID_LENGTH, record)
    }
}

fn record(mut file_system: Thing<'_, { FILES.len() }>, out: &mut Recorder<'_>) {
    for (at, file) in FILES.iter().enumerate() {
        let Some(value) = file_system.number(file) else { continue };
        let (metric, kind) = (&METRICS[at % METRICS.len()], KINDS[at / METRICS.len()]);
        let Entity { name, cells, .. } = &mut *file_system.entity;
        out.push(&mut cells[at], metric, &[name, kind], value);
    }
}
