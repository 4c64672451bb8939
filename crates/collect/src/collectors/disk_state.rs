//! What disks are and whether the kernel gave them up, from `/sys/block`.

use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "disk_state",
    summary: "Size, model and kind of each disk, whether the kernel still talks to it, and requests that failed.",
    interval_ms: 60_000,
    metrics: &[NUMBERS[0], NUMBERS[1], NUMBERS[2], NUMBERS[3], INFO],
    open: |host, _| Box::new(DiskState::new(host)),
};

/// The source is a file in the disk's folder.
static NUMBERS: [Metric; 4] = [
    Metric::gauge("disk_size_bytes", "bytes", "Size.").by(&["device"]).from("size"),
    Metric::gauge("disk_online", "", "1 when the kernel can use the disk, 0 when it gave it up.")
        .by(&["device"])
        .from("device/state"),
    Metric::counter("disk_io_errors_total", "", "Requests that ended in an error (SCSI and SATA).")
        .by(&["device"])
        .from("device/ioerr_cnt"),
    Metric::counter("disk_io_timeouts_total", "", "Requests that were not answered in time (kernel 6.0).")
        .by(&["device"])
        .from("device/iotmo_cnt"),
];
const SIZE: usize = 0;
const ONLINE: usize = 1;
const INFO: Metric = Metric::gauge(
    "disk_info",
    "",
    "Always 1; the labels tell (kind: `rotational` or `solid`, `unknown` where a hypervisor may lie).",
)
.by(&["device", "model", "serial", "firmware", "kind"]);

/// A sector in this file, whatever the disk's own are.
const SECTOR_BYTES: f64 = 512.0;
/// Most disks, those left out among them.
const DISKS_MAX: usize = 2048;
const CELLS: usize = NUMBERS.len() + 1;

struct DiskState {
    host: Host,
    disks: Things<CELLS>,
}

impl DiskState {
    fn new(host: &Host) -> Self {
        Self { host: host.clone(), disks: Things::new(host.folder("sys/block"), DISKS_MAX) }
    }
}

impl Collector for DiskState {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let host = &self.host;
        self.disks.measure(
            pass,
            |name| super::disk::is_disk(host, name),
            |mut disk, out| {
                for (at, metric) in NUMBERS.iter().enumerate() {
                    let value = value(&mut disk, at);
                    disk.push(at, metric, |name| [name], value, out);
                }
                let facts = facts(&mut disk);
                let [model, serial, firmware, kind] = &facts;
                disk.push(NUMBERS.len(), &INFO, |name| [name, model, serial, firmware, kind], Some(1.0), out);
            },
        )
    }
}

fn value(disk: &mut Thing<'_, CELLS>, at: usize) -> Option<f64> {
    let source = NUMBERS[at].source;
    match at {
        SIZE => disk.number(source).map(|sectors| sectors * SECTOR_BYTES),
        // SCSI says `running`, NVMe `live`, and both other words.
        ONLINE => disk.read(source).map(|state| f64::from([&b"running"[..], b"live"].contains(&state))),
        _ => disk.quantity(source),
    }
}

/// Model, serial number, firmware and kind; what is not known is empty.
fn facts(disk: &mut Thing<'_, CELLS>) -> [String; 4] {
    let mut word = |file: &str| String::from_utf8_lossy(disk.read(file).unwrap_or_default()).into_owned();
    // The serial number of a virtio disk is a file too, but reading it asks the disk, which may hang.
    let [model, serial] = ["device/model", "device/serial"].map(&mut word);
    let firmware = ["device/firmware_rev", "device/rev"].map(&mut word).concat();
    let rotational = word("queue/rotational");
    let kind = match (&*rotational, &*model) {
        // Without a model it is a driver of a hypervisor, which says "rotational" of all.
        (_, "") | ("", _) => "unknown",
        ("0", _) => "solid",
        _ => "rotational",
    };
    [model, serial, firmware, kind.to_owned()]
}
