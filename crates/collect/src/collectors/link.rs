//! State and speed of network interfaces, from `/sys/class/net`.

use crate::entities::{Entities, Entity};
use crate::folder::Folder;
use crate::record::Recorder;
use crate::text::{number, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row};
use rustix::io::Errno;
use std::fmt::Write;

pub(super) static ROW: Row = Row {
    name: "link",
    summary: "Whether each network interface is up, how fast its link is, and how often it was lost.",
    // Asking for the speed takes the kernel's network lock.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Link::new(host)),
};

/// The source is a file in the interface's folder.
static METRICS: [Metric; 4] = [
    Metric::gauge("network_up", "", "1 when the interface works, 0 when it does not.")
        .by(&["interface"])
        .from("operstate"),
    Metric::gauge(
        "network_speed_bytes_per_second",
        "bytes_per_second",
        "Speed of the link, where it has one.",
    )
    .by(&["interface"])
    .from("speed"),
    Metric::counter("network_carrier_changes_total", "", "Times the link came or went.")
        .by(&["interface"])
        .from("carrier_changes"),
    Metric::gauge("network_mtu_bytes", "bytes", "Largest packet.").by(&["interface"]).from("mtu"),
];
const SPEED: usize = 1;
const SPEED_UNIT_BYTES: f64 = 1e6 / 8.0;
/// Most interfaces, those left out among them.
const INTERFACES_MAX: usize = 2048;

struct Link {
    folder: Folder,
    interfaces: Entities<{ METRICS.len() }>,
    /// Names found in a pass, each followed by a slash.
    names: Vec<u8>,
    path: String,
}

impl Link {
    fn new(host: &Host) -> Self {
        Self {
            folder: host.folder("sys/class/net"),
            interfaces: Entities::new(INTERFACES_MAX),
            names: Vec::new(),
            path: String::new(),
        }
    }
}

impl Collector for Link {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.names.clear();
        let names = &mut self.names;
        let listed = self.folder.list(pass.buffer, |name| {
            if !name.starts_with(b".") {
                names.extend_from_slice(name);
                names.push(b'/');
            }
        });
        match listed {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => {
                return Err(Error::Read { path: self.folder.path().to_owned(), source: error.into() });
            }
        }
        self.interfaces.begin();
        for name in self.names.split(|byte| *byte == b'/') {
            let Some(interface) = self.interfaces.meet(name, super::network::is_followed) else { continue };
            let mut reader = Reader { folder: &mut self.folder, path: &mut self.path, buffer: pass.buffer };
            reader.record(interface, &mut pass.out);
        }
        self.interfaces.finish(&mut pass.out);
        Ok(())
    }
}

struct Reader<'a> {
    folder: &'a mut Folder,
    path: &'a mut String,
    buffer: &'a mut Vec<u8>,
}

impl Reader<'_> {
    fn record(&mut self, interface: &mut Entity<{ METRICS.len() }>, out: &mut Recorder<'_>) {
        for (at, metric) in METRICS.iter().enumerate() {
            let value = match at {
                0 => self.is_up(&interface.name).map(f64::from),
                // Interfaces without a link say -1 or fail.
                SPEED => self.number(&interface.name, metric.source).map(|speed| speed * SPEED_UNIT_BYTES),
                _ => self.number(&interface.name, metric.source),
            };
            match value {
                Some(value) => out.push(&mut interface.cells[at], metric, &[&interface.name], value),
                None => out.end(&mut interface.cells[at]),
            }
        }
    }

    fn is_up(&mut self, name: &str) -> Option<bool> {
        match self.read(name, "operstate")? {
            b"up" => Some(true),
            // Loopback and simple virtual devices do not keep a state.
            b"unknown" => Some(self.number(name, "carrier").is_none_or(|carrier| carrier > 0.0)),
            b"" => None,
            _ => Some(false),
        }
    }

    fn number(&mut self, name: &str, file: &str) -> Option<f64> {
        self.read(name, file).and_then(number).map(|n| n as f64)
    }

    fn read(&mut self, name: &str, file: &str) -> Option<&[u8]> {
        self.path.clear();
        let _ = write!(self.path, "{name}/{file}");
        self.folder.read(self.path.as_bytes(), self.buffer).ok().map(trim)
    }
}
