//! Counters of IPv6, from `/proc/net/snmp6` (RFC 4293, 4113). TCP's are those of both families, in `tcp`.

use crate::file::KeptFile;
use crate::text::{fields, lines, number, place_of};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "snmp6",
    summary: "Packets, errors and lost datagrams of IPv6, ICMPv6 and UDP over IPv6.",
    // The kernel adds up a hundred counters over all cores.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Snmp6::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).from(source)
}

/// In the order of the file.
pub(super) static METRICS: [Metric; 20] = [
    count("ip6_received_packets_total", "Ip6InReceives", "Packets received."),
    count("ip6_header_errors_total", "Ip6InHdrErrors", "Packets received with a broken header."),
    count("ip6_too_big_errors_total", "Ip6InTooBigErrors", "Packets too big to be passed on."),
    count(
        "ip6_no_route_packets_total",
        "Ip6InNoRoutes",
        "Packets received that there was no way to pass on.",
    ),
    count("ip6_address_errors_total", "Ip6InAddrErrors", "Packets received for an address that is not ours."),
    count("ip6_receive_discards_total", "Ip6InDiscards", "Packets received and lost for want of room."),
    count("ip6_forwarded_packets_total", "Ip6OutForwDatagrams", "Packets passed on."),
    count("ip6_sent_packets_total", "Ip6OutRequests", "Packets sent from here."),
    count("ip6_send_discards_total", "Ip6OutDiscards", "Packets not sent for want of room."),
    count("ip6_send_no_route_packets_total", "Ip6OutNoRoutes", "Packets not sent because there was no way."),
    count("ip6_reassembly_failures_total", "Ip6ReasmFails", "Packets whose parts did not come together."),
    bytes("ip6_received_bytes_total", "Ip6InOctets", "Bytes received."),
    bytes("ip6_sent_bytes_total", "Ip6OutOctets", "Bytes sent."),
    count("icmp6_received_messages_total", "Icmp6InMsgs", "ICMPv6 messages received."),
    count(
        "icmp6_receive_errors_total",
        "Icmp6InErrors",
        "ICMPv6 messages received that tell nothing of use.",
    ),
    count("udp6_received_datagrams_total", "Udp6InDatagrams", "Datagrams received (IPv6)."),
    count("udp6_no_port_datagrams_total", "Udp6NoPorts", "Datagrams to a port nobody listens at (IPv6)."),
    count("udp6_receive_errors_total", "Udp6InErrors", "Datagrams received and lost (IPv6)."),
    count("udp6_sent_datagrams_total", "Udp6OutDatagrams", "Datagrams sent (IPv6)."),
    count(
        "udp6_receive_buffer_errors_total",
        "Udp6RcvbufErrors",
        "Datagrams lost because a program was too slow (IPv6).",
    ),
];

struct Snmp6 {
    file: KeptFile,
    keys: [&'static str; METRICS.len()],
    cells: [SeriesCell; METRICS.len()],
}

impl Snmp6 {
    fn new(host: &Host) -> Self {
        Self {
            file: host.file("proc/net/snmp6"),
            keys: std::array::from_fn(|at| METRICS[at].source),
            cells: Default::default(),
        }
    }
}

impl Collector for Snmp6 {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut cursor = 0;
        for line in lines(text) {
            let mut fields = fields(line);
            let Some(at) = fields.next().and_then(|key| place_of(key, &self.keys, &mut cursor)) else {
                continue;
            };
            if let Some(value) = fields.next().and_then(number) {
                pass.out.push(&mut self.cells[at], &METRICS[at], &[], value as f64);
            }
        }
        Ok(())
    }
}
