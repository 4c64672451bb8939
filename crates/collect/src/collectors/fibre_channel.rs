//! Fibre Channel ports, from `/sys/class/fc_host` (drivers/scsi/scsi_transport_fc.c).

use crate::text::{decimal, fields};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "fibre_channel",
    summary: "Fibre Channel ports: whether they are online, their speed, traffic and errors.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(FibreChannel::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["port"]).from(source)
}

/// The source is a file in the port's folder.
static METRICS: [Metric; 13] = [
    Metric::gauge("fibre_channel_online", "", "1 when the port is online, else 0.")
        .by(&["port"])
        .from("port_state"),
    Metric::gauge("fibre_channel_speed_bytes_per_second", "bytes_per_second", "Speed of the link.")
        .by(&["port"])
        .from("speed"),
    Metric::counter("fibre_channel_received_bytes_total", "bytes", "Bytes received.")
        .by(&["port"])
        .from("statistics/rx_words"),
    Metric::counter("fibre_channel_sent_bytes_total", "bytes", "Bytes sent.")
        .by(&["port"])
        .from("statistics/tx_words"),
    count("fibre_channel_received_frames_total", "statistics/rx_frames", "Frames received."),
    count("fibre_channel_sent_frames_total", "statistics/tx_frames", "Frames sent."),
    count("fibre_channel_error_frames_total", "statistics/error_frames", "Frames received broken."),
    count("fibre_channel_dumped_frames_total", "statistics/dumped_frames", "Frames lost for want of room."),
    count("fibre_channel_crc_errors_total", "statistics/invalid_crc_count", "Frames with a wrong checksum."),
    count(
        "fibre_channel_invalid_words_total",
        "statistics/invalid_tx_word_count",
        "Words received that cannot be.",
    ),
    count("fibre_channel_link_failures_total", "statistics/link_failure_count", "Times the link failed."),
    count(
        "fibre_channel_signal_losses_total",
        "statistics/loss_of_signal_count",
        "Times the light was gone.",
    ),
    count("fibre_channel_sync_losses_total", "statistics/loss_of_sync_count", "Times the rhythm was lost."),
];
const STATE: usize = 0;
const SPEED: usize = 1;
const WORD_BYTES: f64 = 4.0;
const GIGABIT_BYTES: f64 = 1e9 / 8.0;
/// Most ports.
const PORTS_MAX: usize = 128;

struct FibreChannel {
    ports: Things<{ METRICS.len() }>,
}

impl FibreChannel {
    fn new(host: &Host) -> Self {
        Self { ports: Things::new(host.folder("sys/class/fc_host"), PORTS_MAX) }
    }
}

impl Collector for FibreChannel {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.ports.measure(
            pass,
            |_| true,
            |mut port, out| {
                for (at, metric) in METRICS.iter().enumerate() {
                    let value = value(&mut port, at);
                    port.push(at, metric, |name| [name], value, out);
                }
            },
        )
    }
}

fn value(port: &mut Thing<'_, { METRICS.len() }>, at: usize) -> Option<f64> {
    let source = METRICS[at].source;
    match at {
        STATE => port.read(source).map(|state| f64::from(state == b"Online")),
        // `16 Gbit`, `unknown`
        SPEED => {
            port.read(source).and_then(|speed| decimal(fields(speed).next()?)).map(|n| n * GIGABIT_BYTES)
        }
        _ if METRICS[at].unit == "bytes" => port.quantity(source).map(|words| words * WORD_BYTES),
        _ => port.quantity(source),
    }
}
