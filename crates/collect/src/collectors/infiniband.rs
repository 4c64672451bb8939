//! InfiniBand and RoCE ports, from `/sys/class/infiniband` (Documentation/ABI/stable/sysfs-class-infiniband).

use crate::text::{decimal, fields};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "infiniband",
    summary: "InfiniBand and RoCE ports: whether they are active, their rate, traffic and errors.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Infiniband::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(LABELS).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).by(LABELS).from(source)
}
const LABELS: &[&str] = &["device", "port"];

/// The source is a file in the port's folder.
static METRICS: [Metric; 16] = [
    Metric::gauge("infiniband_port_active", "", "1 when the port carries traffic, else 0.")
        .by(LABELS)
        .from("state"),
    Metric::gauge("infiniband_rate_bytes_per_second", "bytes_per_second", "Speed of the link.")
        .by(LABELS)
        .from("rate"),
    bytes("infiniband_received_bytes_total", "counters/port_rcv_data", "Bytes received."),
    bytes("infiniband_sent_bytes_total", "counters/port_xmit_data", "Bytes sent."),
    count("infiniband_received_packets_total", "counters/port_rcv_packets", "Packets received."),
    count("infiniband_sent_packets_total", "counters/port_xmit_packets", "Packets sent."),
    count("infiniband_receive_errors_total", "counters/port_rcv_errors", "Packets received broken."),
    count("infiniband_send_discards_total", "counters/port_xmit_discards", "Packets not sent."),
    count("infiniband_send_waits_total", "counters/port_xmit_wait", "Ticks with data to send and no credit."),
    count("infiniband_symbol_errors_total", "counters/symbol_error", "Small errors on the wire."),
    count("infiniband_link_downs_total", "counters/link_downed", "Times the link was lost."),
    count("infiniband_link_recoveries_total", "counters/link_error_recovery", "Times the link was mended."),
    count(
        "infiniband_integrity_errors_total",
        "counters/local_link_integrity_errors",
        "Times there were too many errors on the wire.",
    ),
    count(
        "infiniband_overruns_total",
        "counters/excessive_buffer_overrun_errors",
        "Times the receive buffer was full too long.",
    ),
    count("infiniband_constraint_errors_total", "counters/port_rcv_constraint_errors", "Packets refused."),
    count("infiniband_vl15_drops_total", "counters/VL15_dropped", "Packets of management lost."),
];
const STATE: usize = 0;
const RATE: usize = 1;
/// Data is counted in words of four bytes.
const WORD_BYTES: f64 = 4.0;
const GIGABIT_BYTES: f64 = 1e9 / 8.0;
/// Most ports.
const PORTS_MAX: usize = 128;

struct Infiniband {
    ports: Things<{ METRICS.len() }>,
}

impl Infiniband {
    fn new(host: &Host) -> Self {
        Self { ports: Things::nested(host.folder("sys/class/infiniband"), "ports", PORTS_MAX) }
    }
}

impl Collector for Infiniband {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.ports.measure(
            pass,
            |_| true,
            |mut port, out| {
                for (at, metric) in METRICS.iter().enumerate() {
                    let value = value(&mut port, at);
                    port.push(at, metric, labels, value, out);
                }
            },
        )
    }
}

fn value(port: &mut Thing<'_, { METRICS.len() }>, at: usize) -> Option<f64> {
    let source = METRICS[at].source;
    match at {
        // `4: ACTIVE`
        STATE => port.read(source).map(|state| f64::from(state.ends_with(b" ACTIVE"))),
        // `100 Gb/sec (4X EDR)`
        RATE => port.read(source).and_then(|rate| decimal(fields(rate).next()?)).map(|n| n * GIGABIT_BYTES),
        _ if METRICS[at].unit == "bytes" => port.number(source).map(|words| words * WORD_BYTES),
        _ => port.number(source),
    }
}

/// `mlx5_0/ports/1`
fn labels(path: &str) -> [&str; 2] {
    let (device, rest) = path.split_once('/').unwrap_or((path, ""));
    [device, rest.rsplit('/').next().unwrap_or_default()]
}
