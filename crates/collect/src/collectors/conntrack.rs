//! What the packet filter's connection tracking did, from `/proc/net/stat/nf_conntrack`. Kernels built without that file
//! tell it by netlink to administrators of the network only; nothing is said there.

use crate::core_table::CoreTable;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "conntrack",
    summary: "Connection tracking: connections found, refused and lost (how many there are is in `limits`).",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Conntrack::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

/// In the order of the file (net/netfilter/nf_conntrack_standalone.c).
static METRICS: [Metric; 10] = [
    count("conntrack_clashes_total", "clashres", "Insertions that met an equal entry and were resolved."),
    count("conntrack_found_total", "found", "Packets of a connection that was known."),
    count("conntrack_invalid_total", "invalid", "Packets that belong to no connection there can be."),
    count("conntrack_chains_too_long_total", "chainlength", "Entries refused because a chain was too long."),
    count("conntrack_insertions_total", "insert", "Entries made."),
    count("conntrack_insertion_failures_total", "insert_failed", "Entries that could not be made."),
    count("conntrack_drops_total", "drop", "Packets dropped because no entry could be made."),
    count("conntrack_early_drops_total", "early_drop", "Entries thrown out to make room in a full table."),
    count("conntrack_icmp_errors_total", "icmp_error", "ICMP messages that could not be tracked."),
    count("conntrack_search_restarts_total", "search_restart", "Searches repeated because the table grew."),
];

struct Conntrack {
    table: CoreTable<{ METRICS.len() }>,
}

impl Conntrack {
    fn new(host: &Host) -> Self {
        Self { table: CoreTable::new(host.file("proc/net/stat/nf_conntrack"), None) }
    }
}

impl Collector for Conntrack {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.table.collect(pass, &METRICS, &[])
    }
}
