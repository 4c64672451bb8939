//! How the cores keep up with received packets, from `/proc/net/softnet_stat`.

use crate::core_table::CoreTable;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "softnet",
    summary: "Received packets as the kernel works them off: how many were lost because a core was too slow, and how often it ran out of time.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Softnet::new(host)),
};

/// The file does not name its columns (net/core/net-procfs.c does).
const HEADING: &str = "processed dropped time_squeeze - - - - - cpu_collision received_rps flow_limit_count \
                       backlog_len cpu";

static METRICS: [Metric; 6] = [
    Metric::counter("softnet_processed_packets_total", "", "Packets worked off.").from("processed"),
    Metric::counter("softnet_dropped_packets_total", "", "Packets lost because a core's queue was full.")
        .from("dropped"),
    Metric::counter(
        "softnet_squeezes_total",
        "",
        "Times a core ran out of its share of time with packets still waiting.",
    )
    .from("time_squeeze"),
    Metric::counter("softnet_steered_packets_total", "", "Packets handed over from another core (RPS).")
        .from("received_rps"),
    Metric::counter("softnet_flow_limit_drops_total", "", "Packets of busy flows dropped to spare others.")
        .from("flow_limit_count"),
    Metric::gauge("softnet_backlog_packets", "", "Longest queue of a core (kernel 5.10).")
        .from("backlog_len"),
];

struct Softnet {
    table: CoreTable<{ METRICS.len() }>,
}

impl Softnet {
    fn new(host: &Host) -> Self {
        Self { table: CoreTable::new(host.file("proc/net/softnet_stat"), Some(HEADING)) }
    }
}

impl Collector for Softnet {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.table.collect(pass, &METRICS, &[])
    }
}
