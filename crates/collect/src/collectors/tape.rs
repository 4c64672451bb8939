//! Tape drives, from `/sys/class/scsi_tape/*/stats` (Documentation/scsi/st.rst).

use crate::things::Things;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "tape",
    summary: "Reads, writes, bytes and time of tape drives.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Tape::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["device"]).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).by(&["device"]).from(source)
}
const fn seconds(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "seconds", help).by(&["device"]).from(source)
}

/// The source is a file in the drive's folder.
static METRICS: [Metric; 10] = [
    count("tape_reads_total", "stats/read_cnt", "Reads completed."),
    bytes("tape_read_bytes_total", "stats/read_byte_cnt", "Bytes read."),
    seconds("tape_read_seconds_total", "stats/read_ns", "Time reads took."),
    count("tape_writes_total", "stats/write_cnt", "Writes completed."),
    bytes("tape_written_bytes_total", "stats/write_byte_cnt", "Bytes written."),
    seconds("tape_write_seconds_total", "stats/write_ns", "Time writes took."),
    count("tape_other_operations_total", "stats/other_cnt", "Other operations, as winding."),
    seconds("tape_io_seconds_total", "stats/io_ns", "Time of all operations."),
    count("tape_short_transfers_total", "stats/resid_cnt", "Reads and writes of less than was asked for."),
    Metric::gauge("tape_io_in_progress", "", "Operations under way.").by(&["device"]).from("stats/in_flight"),
];
const NANOSECONDS: f64 = 1e-9;
const FACTORS: [f64; METRICS.len()] =
    [1.0, 1.0, NANOSECONDS, 1.0, 1.0, NANOSECONDS, 1.0, NANOSECONDS, 1.0, 1.0];
/// Most drives, their other names among them.
const DRIVES_MAX: usize = 256;

struct Tape {
    drives: Things<{ METRICS.len() }>,
}

impl Tape {
    fn new(host: &Host) -> Self {
        Self { drives: Things::new(host.folder("sys/class/scsi_tape"), DRIVES_MAX) }
    }
}

impl Collector for Tape {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.drives
            .measure(pass, is_drive, |mut drive, out| drive.record(&METRICS, &FACTORS, |name| [name], out))
    }
}

/// `st0`; `nst0`, `st0a` and the like are the same drive in other modes.
fn is_drive(name: &str) -> bool {
    name.strip_prefix("st")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}
