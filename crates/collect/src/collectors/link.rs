//! State and speed of network interfaces, from `/sys/class/net`.

use crate::entities::Entity;
use crate::record::Recorder;
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

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
    interfaces: Things<{ METRICS.len() }>,
}

impl Link {
    fn new(host: &Host) -> Self {
        Self { interfaces: Things::new(host.folder("sys/class/net"), INTERFACES_MAX) }
    }
}

impl Collector for Link {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.interfaces.measure(pass, super::network::is_followed, record)
    }
}

type Interface<'a> = Thing<'a, { METRICS.len() }>;

fn record(mut interface: Interface<'_>, out: &mut Recorder<'_>) {
    for (at, metric) in METRICS.iter().enumerate() {
        let value = match at {
            0 => is_up(&mut interface).map(f64::from),
            // Interfaces without a link say -1 or fail.
            SPEED => interface.number(metric.source).map(|speed| speed * SPEED_UNIT_BYTES),
            _ => interface.number(metric.source),
        };
        let Entity { name, cells, .. } = &mut *interface.entity;
        match value {
            Some(value) => out.push(&mut cells[at], metric, &[name], value),
            None => out.end(&mut cells[at]),
        }
    }
}

fn is_up(interface: &mut Interface<'_>) -> Option<bool> {
    match interface.read("operstate")? {
        b"up" => Some(true),
        // Loopback and simple virtual devices do not keep a state.
        b"unknown" => Some(interface.number("carrier").is_none_or(|carrier| carrier > 0.0)),
        b"" => None,
        _ => Some(false),
    }
}
