//! The host as a server of NFS, from `/proc/net/rpc/nfsd` (fs/nfsd/stats.c).

use crate::file::KeptFile;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "nfs_server",
    summary: "Calls, bytes, threads and errors of the host's own NFS server.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(NfsServer::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

/// The source is a line of the file and the place of the number in it.
static METRICS: [Metric; 13] = [
    count("nfs_server_cache_hits_total", "rc 0", "Calls seen before and answered as then."),
    count("nfs_server_cache_misses_total", "rc 1", "Calls that had to be done."),
    Metric::counter("nfs_server_read_bytes_total", "bytes", "Bytes read for clients.").from("io 0"),
    Metric::counter("nfs_server_written_bytes_total", "bytes", "Bytes written for clients.").from("io 1"),
    Metric::gauge("nfs_server_threads", "", "Threads that serve.").from("th 0"),
    count("nfs_server_udp_packets_total", "net 1", "Packets received by UDP."),
    count("nfs_server_tcp_packets_total", "net 2", "Packets received by TCP."),
    count("nfs_server_tcp_connections_total", "net 3", "Connections accepted."),
    count("nfs_server_calls_total", "rpc 0", "Calls received."),
    count("nfs_server_bad_calls_total", "rpc 1", "Calls refused for whatever reason."),
    count("nfs_server_bad_formats_total", "rpc 2", "Calls refused because they were malformed."),
    count("nfs_server_bad_authentications_total", "rpc 3", "Calls refused because of who made them."),
    count("nfs_server_stale_handles_total", "fh 0", "Calls for files that are gone."),
];

struct NfsServer {
    file: KeptFile,
    cells: [SeriesCell; METRICS.len()],
}

impl NfsServer {
    fn new(host: &Host) -> Self {
        Self { file: host.file("proc/net/rpc/nfsd"), cells: Default::default() }
    }
}

impl Collector for NfsServer {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        for line in lines(text) {
            let Some(key) = fields(line).next() else { continue };
            for (cell, metric) in self.cells.iter_mut().zip(&METRICS) {
                let (name, place) = metric.source.split_once(' ').expect("sources are `line place`");
                let place = number(place.as_bytes()).unwrap_or_default() as usize;
                if name.as_bytes() == key
                    && let Some(value) = fields(line).nth(1 + place).and_then(number)
                {
                    pass.out.push(cell, metric, &[], value as f64);
                }
            }
        }
        Ok(())
    }
}
