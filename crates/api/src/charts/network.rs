//! The network.

use super::{Section, by, chart, part};

pub(super) const SECTION: Section = Section {
    id: "network",
    title: "Network",
    reason: "No network interface was seen on this host.",
    charts: &[
        chart(
            "network_received",
            "Received",
            "bytes/s",
            "network_receive_bytes_total",
            &[by("rate:network_receive_bytes_total", "interface", "$1")],
        ),
        chart(
            "network_sent",
            "Sent",
            "bytes/s",
            "network_transmit_bytes_total",
            &[by("rate:network_transmit_bytes_total", "interface", "$1")],
        ),
        chart("tcp", "TCP connections", "", "tcp_connections", &[by("avg:tcp_connections", "state", "$1")]),
        chart(
            "tcp_trouble",
            "TCP segments sent again",
            "/s",
            "tcp_retransmitted_segments_total",
            &[part("rate:tcp_retransmitted_segments_total", "retransmitted")],
        ),
    ],
};
