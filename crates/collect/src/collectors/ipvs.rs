//! The kernel's load balancer (IPVS), from `/proc/net/ip_vs_stats` and `/proc/net/ip_vs`.

mod table;

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, hexadecimal, lines};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use std::fmt::Write;

pub(super) static ROW: Row = Row {
    name: "ipvs",
    summary: "The kernel's load balancer: its traffic, and connections and weight of each real server.",
    interval_ms: 10_000,
    metrics: &[TOTALS[0], TOTALS[1], TOTALS[2], TOTALS[3], TOTALS[4], SERVER[0], SERVER[1], SERVER[2]],
    open: |host, _| Box::new(Ipvs::new(host)),
};

/// In the order of the line of totals.
static TOTALS: [Metric; 5] = [
    Metric::counter("ipvs_connections_total", "", "Connections passed on."),
    Metric::counter("ipvs_received_packets_total", "", "Packets from clients."),
    Metric::counter("ipvs_sent_packets_total", "", "Packets from servers."),
    Metric::counter("ipvs_received_bytes_total", "bytes", "Bytes from clients."),
    Metric::counter("ipvs_sent_bytes_total", "bytes", "Bytes from servers."),
];
/// In the order of the line of a real server.
static SERVER: [Metric; 3] = [
    Metric::gauge("ipvs_server_weight", "", "Weight of the server; 0 gets no new connections.").by(LABELS),
    Metric::gauge("ipvs_server_active_connections", "", "Connections that are open.").by(LABELS),
    Metric::gauge("ipvs_server_inactive_connections", "", "Connections in any other state.").by(LABELS),
];
const LABELS: &[&str] = &["protocol", "service", "server"];
/// Most real servers.
const SERVERS_MAX: usize = 256;
/// The totals are in the third line.
const TOTALS_LINE: usize = 2;

struct Ipvs {
    stats: KeptFile,
    table: KeptFile,
    totals: [SeriesCell; TOTALS.len()],
    servers: Entities<{ SERVER.len() }>,
    name: String,
}

impl Ipvs {
    fn new(host: &Host) -> Self {
        Self {
            stats: host.file("proc/net/ip_vs_stats"),
            table: host.file("proc/net/ip_vs"),
            totals: Default::default(),
            servers: Entities::new(SERVERS_MAX),
            name: String::new(),
        }
    }
}

impl Collector for Ipvs {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.stats.read_if_there(pass.buffer)? else { return Ok(()) };
        let line = lines(text).nth(TOTALS_LINE).unwrap_or_default();
        for ((cell, metric), field) in self.totals.iter_mut().zip(&TOTALS).zip(fields(line)) {
            if let Some(value) = hexadecimal(field) {
                pass.out.push(cell, metric, &[], value as f64);
            }
        }
        let Some(text) = self.table.read_if_there(pass.buffer)? else { return Ok(()) };
        let Self { servers, name, .. } = self;
        servers.begin();
        table::visit(text, |server| {
            name.clear();
            // Writing into a String never fails.
            let _ = write!(name, "{} {} {}", server.protocol, server.service, server.address);
            let Some(entity) = servers.meet(name.as_bytes(), |_| true) else { return };
            let mut words = entity.name.splitn(3, ' ');
            let labels: [&str; 3] = std::array::from_fn(|_| words.next().unwrap_or_default());
            for ((cell, metric), value) in entity.cells.iter_mut().zip(&SERVER).zip(server.values) {
                pass.out.push(cell, metric, &labels, value as f64);
            }
        });
        servers.finish(&mut pass.out);
        Ok(())
    }
}
