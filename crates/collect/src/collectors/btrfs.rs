//! What btrfs has set aside and used for data, metadata and itself, from `/sys/fs/btrfs`. It can run out of room for
//! metadata while `df` shows space.

use crate::entities::Entity;
use crate::record::Recorder;
use crate::text::{fields, lines, number};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "btrfs",
    summary: "Space of btrfs file systems by what it is set aside for, how much of it is used, and errors of their devices.",
    interval_ms: 10_000,
    metrics: &[METRICS[0], METRICS[1], ERRORS],
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
const ERRORS: Metric = Metric::counter(
    "btrfs_device_errors_total",
    "",
    "Errors of a device since its counters were last set back (kernel 5.14).",
)
.by(&["filesystem", "device", "kind"])
.from("error_stats");
/// Lines of the file, and label values.
const ERROR_KINDS: [(&str, &str); 5] = [
    ("write_errs", "write"),
    ("read_errs", "read"),
    ("flush_errs", "flush"),
    ("corruption_errs", "corruption"),
    ("generation_errs", "generation"),
];
/// Most devices of all.
const DEVICES_MAX: usize = 256;
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
    devices: Things<{ ERROR_KINDS.len() }>,
}

impl Btrfs {
    fn new(host: &Host) -> Self {
        let folder = || host.folder("sys/fs/btrfs");
        Self {
            file_systems: Things::new(folder(), FILE_SYSTEMS_MAX),
            devices: Things::nested(folder(), "devinfo", DEVICES_MAX),
        }
    }
}

impl Collector for Btrfs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.file_systems.measure(pass, |name| name.len() == UUID_LENGTH, record)?;
        self.devices.measure(pass, |_| true, record_errors)
    }
}

/// `write_errs 0`, a line for each kind.
fn record_errors(mut device: Thing<'_, { ERROR_KINDS.len() }>, out: &mut Recorder<'_>) {
    let mut values = [None; ERROR_KINDS.len()];
    for line in device.read(ERRORS.source).map(lines).into_iter().flatten() {
        let mut words = fields(line);
        let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) else { continue };
        if let Some(at) = ERROR_KINDS.iter().position(|(kind, _)| kind.as_bytes() == name) {
            values[at] = Some(value as f64);
        }
    }
    for (at, ((_, kind), value)) in ERROR_KINDS.into_iter().zip(values).enumerate() {
        // `UUID/devinfo/1`
        device.push(
            at,
            &ERRORS,
            |path| {
                let (file_system, rest) = path.split_once('/').unwrap_or_default();
                [file_system, rest.rsplit('/').next().unwrap_or_default(), kind]
            },
            value,
            out,
        );
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
