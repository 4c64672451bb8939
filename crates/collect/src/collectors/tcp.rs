//! Counters of TCP and UDP, from `/proc/net/snmp` (RFC 4022, 4113) and `/proc/net/netstat` (the kernel's own).

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::record::Recorder;
use crate::text::{fields, lines, number, place_of};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "tcp",
    summary: "Traffic and troubles of TCP and UDP: retransmissions, overflowing accept queues, resets, lost datagrams.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Tcp::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

/// The source is `Section:Field`; sections stay together, fields in the order of the file.
pub(super) static METRICS: [Metric; 33] = [
    count("tcp_active_opens_total", "Tcp:ActiveOpens", "Connections opened from here."),
    count("tcp_passive_opens_total", "Tcp:PassiveOpens", "Connections accepted."),
    count("tcp_failed_opens_total", "Tcp:AttemptFails", "Connections that failed while being opened."),
    count("tcp_established_resets_total", "Tcp:EstabResets", "Open connections that ended in a reset."),
    Metric::gauge("tcp_established", "", "Open connections (states ESTABLISHED and CLOSE_WAIT).")
        .from("Tcp:CurrEstab"),
    count("tcp_received_segments_total", "Tcp:InSegs", "Segments received."),
    count("tcp_sent_segments_total", "Tcp:OutSegs", "Segments sent, repeated ones not counted."),
    count("tcp_retransmitted_segments_total", "Tcp:RetransSegs", "Segments sent again."),
    count("tcp_receive_errors_total", "Tcp:InErrs", "Segments received broken."),
    count("tcp_sent_resets_total", "Tcp:OutRsts", "Resets sent."),
    count("udp_received_datagrams_total", "Udp:InDatagrams", "Datagrams received (IPv4)."),
    count("udp_no_port_datagrams_total", "Udp:NoPorts", "Datagrams to a port nobody listens at (IPv4)."),
    count("udp_receive_errors_total", "Udp:InErrors", "Datagrams received and lost (IPv4)."),
    count("udp_sent_datagrams_total", "Udp:OutDatagrams", "Datagrams sent (IPv4)."),
    count(
        "udp_receive_buffer_errors_total",
        "Udp:RcvbufErrors",
        "Datagrams lost because a program was too slow (IPv4).",
    ),
    count("udp_send_buffer_errors_total", "Udp:SndbufErrors", "Datagrams not sent for want of room (IPv4)."),
    count(
        "tcp_syn_cookies_sent_total",
        "TcpExt:SyncookiesSent",
        "Cookies sent because a queue of half-open connections was full.",
    ),
    count("tcp_syn_cookies_failed_total", "TcpExt:SyncookiesFailed", "Cookies that came back wrong."),
    count(
        "tcp_receive_pruned_segments_total",
        "TcpExt:RcvPruned",
        "Segments dropped because a receive queue outgrew its memory.",
    ),
    count(
        "tcp_listen_overflows_total",
        "TcpExt:ListenOverflows",
        "Connections lost because an accept queue was full.",
    ),
    count(
        "tcp_listen_drops_total",
        "TcpExt:ListenDrops",
        "Connections lost by a listening socket for any reason.",
    ),
    count(
        "tcp_lost_retransmissions_total",
        "TcpExt:TCPLostRetransmit",
        "Repeated segments that were lost again.",
    ),
    count(
        "tcp_fast_retransmissions_total",
        "TcpExt:TCPFastRetrans",
        "Segments repeated because acknowledgements said so.",
    ),
    count("tcp_timeouts_total", "TcpExt:TCPTimeouts", "Times an acknowledgement did not come in time."),
    count(
        "tcp_backlog_drops_total",
        "TcpExt:TCPBacklogDrop",
        "Segments dropped because a busy socket's queue was full.",
    ),
    count(
        "tcp_aborts_on_data_total",
        "TcpExt:TCPAbortOnData",
        "Connections reset because data came after they were closed.",
    ),
    count(
        "tcp_aborts_on_close_total",
        "TcpExt:TCPAbortOnClose",
        "Connections reset because they were closed with data unread.",
    ),
    count("tcp_aborts_on_memory_total", "TcpExt:TCPAbortOnMemory", "Connections reset for want of memory."),
    count(
        "tcp_aborts_on_timeout_total",
        "TcpExt:TCPAbortOnTimeout",
        "Connections given up because the other side was silent.",
    ),
    count("tcp_memory_pressures_total", "TcpExt:TCPMemoryPressures", "Times TCP began to save memory."),
    count(
        "tcp_request_queue_drops_total",
        "TcpExt:TCPReqQFullDrop",
        "Connection requests dropped because the queue was full.",
    ),
    count(
        "tcp_retransmission_failures_total",
        "TcpExt:TCPRetransFail",
        "Segments that could not be sent again.",
    ),
    count("tcp_syn_retransmissions_total", "TcpExt:TCPSynRetrans", "Connection requests sent again."),
];

struct Tcp {
    files: [KeptFile; 2],
    sections: Vec<Section>,
    cells: [SeriesCell; METRICS.len()],
}

/// The metrics of one section of the files.
struct Section {
    prefix: &'static str,
    fields: Vec<&'static str>,
    /// Place of the first in the table.
    first: usize,
}

impl Tcp {
    fn new(host: &Host) -> Self {
        let files = ["proc/net/snmp", "proc/net/netstat"].map(|path| host.file(path));
        Self { files, sections: sections(), cells: [SeriesCell::default(); METRICS.len()] }
    }
}

fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, metric) in METRICS.iter().enumerate() {
        let (prefix, field) = metric.source.split_once(':').expect("sources are Section:Field");
        match sections.last_mut().filter(|section| section.prefix == prefix) {
            Some(section) => section.fields.push(field),
            None => sections.push(Section { prefix, fields: vec![field], first: at }),
        }
    }
    sections
}

impl Collector for Tcp {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        for file in &mut self.files {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            let mut lines = lines(text);
            // A line of names, then a line of numbers.
            while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
                let prefix = fields(names).next().and_then(|prefix| prefix.strip_suffix(b":"));
                let Some(section) = self.sections.iter().find(|s| prefix == Some(s.prefix.as_bytes())) else {
                    continue;
                };
                let established = section.record(names, values, &mut self.cells, &mut pass.out);
                pass.shared.tcp_established = pass.shared.tcp_established.or(established);
            }
        }
        Ok(())
    }
}

/// The field that other collectors want to know too.
const ESTABLISHED: &str = "Tcp:CurrEstab";

impl Section {
    /// Records the section's numbers; returns how many connections are open, if it tells.
    fn record(
        &self,
        names: &[u8],
        values: &[u8],
        cells: &mut [SeriesCell],
        out: &mut Recorder<'_>,
    ) -> Option<u64> {
        let mut established = None;
        let mut cursor = 0;
        for (name, value) in fields(names).zip(fields(values)).skip(1) {
            let Some(at) = place_of(name, &self.fields, &mut cursor) else { continue };
            let at = self.first + at;
            let Some(value) = number(value) else { continue };
            out.push(&mut cells[at], &METRICS[at], &[], value as f64);
            if METRICS[at].source == ESTABLISHED {
                established = Some(value);
            }
        }
        established
    }
}
