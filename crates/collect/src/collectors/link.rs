//! State and speed of network interfaces, from `/sys/class/net`.

use crate::record::Recorder;
use crate::text::lines;
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
static METRICS: [Metric; 10] = [
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
    Metric::gauge("network_full_duplex", "", "1 when the link sends and receives at a time, 0 when not.")
        .by(&["interface"])
        .from("duplex"),
    Metric::gauge(
        "network_dormant",
        "",
        "1 when the interface waits for an event, as to be let in (802.1X).",
    )
    .by(&["interface"])
    .from("dormant"),
    Metric::gauge("network_transmit_queue_limit", "", "Most packets that may wait to be sent.")
        .by(&["interface"])
        .from("tx_queue_len"),
    Metric::counter(
        "network_receive_unhandled_total",
        "",
        "Packets received for a protocol or by a link that nobody listens to.",
    )
    .by(&["interface"])
    .from("statistics/rx_nohandler"),
    Metric::counter("network_carrier_losses_total", "", "Times the link went (kernel 4.16).")
        .by(&["interface"])
        .from("carrier_down_count"),
    INFO,
];
const INFO: Metric =
    Metric::gauge("network_info", "", "Always 1; the labels tell.").by(&["interface", "address", "driver"]);
const SPEED: usize = 1;
const DUPLEX: usize = 4;
const INFO_AT: usize = METRICS.len() - 1;
const SPEED_UNIT_BYTES: f64 = 1e6 / 8.0;
/// Most interfaces, those left out among them.
const INTERFACES_MAX: usize = 2048;

struct Link {
    interfaces: Things<{ METRICS.len() }>,
    words: Words,
}

/// Room for the label values of an interface.
#[derive(Default)]
struct Words {
    address: String,
    driver: String,
}

impl Link {
    fn new(host: &Host) -> Self {
        let interfaces = Things::new(host.folder("sys/class/net"), INTERFACES_MAX);
        Self { interfaces, words: Words::default() }
    }
}

impl Collector for Link {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Self { interfaces, words } = self;
        interfaces.measure(pass, super::network::is_followed, |interface, out| record(interface, words, out))
    }
}

type Interface<'a> = Thing<'a, { METRICS.len() }>;

fn record(mut interface: Interface<'_>, words: &mut Words, out: &mut Recorder<'_>) {
    for (at, metric) in METRICS.iter().enumerate().take(INFO_AT) {
        let value = match at {
            0 => is_up(&mut interface).map(f64::from),
            // Interfaces without a link say -1 or fail.
            SPEED => interface.number(metric.source).map(|speed| speed * SPEED_UNIT_BYTES),
            DUPLEX => is_full_duplex(&mut interface).map(f64::from),
            _ => interface.number(metric.source),
        };
        interface.push(at, metric, |name| [name], value, out);
    }
    let Words { address, driver } = words;
    put(driver, driver_of(interface.read("device/uevent").unwrap_or_default()));
    let is_interface = interface.read("address").map(|text| put(address, text)).is_some();
    let value = is_interface.then_some(1.0);
    interface.push(INFO_AT, &INFO, |name| [name, address, driver], value, out);
}

fn put(word: &mut String, text: &[u8]) {
    word.clear();
    word.push_str(std::str::from_utf8(text).unwrap_or_default());
}

/// `DRIVER=virtio_net`; a device without a driver of its own has none.
fn driver_of(uevent: &[u8]) -> &[u8] {
    lines(uevent).find_map(|line| line.strip_prefix(b"DRIVER=")).unwrap_or_default()
}

fn is_full_duplex(interface: &mut Interface<'_>) -> Option<bool> {
    match interface.read("duplex")? {
        b"full" => Some(true),
        b"half" => Some(false),
        _ => None,
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
