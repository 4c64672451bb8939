//! Memory of each node of a host that has several, from `/sys/devices/system/node`
//! (Documentation/admin-guide/numastat.rst).

use crate::entities::Entity;
use crate::file::KeptFile;
use crate::record::Recorder;
use crate::text::{fields, lines, number, place_of, trim};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "numa",
    summary: "Memory of each NUMA node and how often it came from another than wanted; nothing where there is one node.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Numa::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["node"]).from(source)
}

/// First those of `meminfo`, then those of `numastat`.
static METRICS: [Metric; 7] = [
    Metric::gauge("numa_memory_total_bytes", "bytes", "Memory of the node.").by(&["node"]).from("MemTotal:"),
    Metric::gauge("numa_memory_free_bytes", "bytes", "Memory of the node used for nothing.")
        .by(&["node"])
        .from("MemFree:"),
    count("numa_hits_total", "numa_hit", "Pages the node gave to those who wanted them from it."),
    count("numa_misses_total", "numa_miss", "Pages the node gave to those who wanted them from another."),
    count("numa_foreign_total", "numa_foreign", "Pages wanted from the node that another gave."),
    count("numa_local_total", "local_node", "Pages the node gave to its own cores."),
    count("numa_remote_total", "other_node", "Pages the node gave to cores of other nodes."),
];
const OF_MEMINFO: usize = 2;
/// Most nodes.
const NODES_MAX: usize = 256;

struct Numa {
    /// The nodes that are online: `0`, or `0-3,6`.
    online: KeptFile,
    nodes: Things<{ METRICS.len() }>,
    keys: [&'static str; METRICS.len()],
}

impl Numa {
    fn new(host: &Host) -> Self {
        Self {
            online: host.file("sys/devices/system/node/online"),
            nodes: Things::new(host.folder("sys/devices/system/node"), NODES_MAX),
            keys: std::array::from_fn(|at| METRICS[at].source),
        }
    }
}

impl Collector for Numa {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let online = self.online.read_if_there(pass.buffer)?.map(trim).unwrap_or_default();
        if !online.iter().any(|byte| b"-,".contains(byte)) {
            return Ok(());
        }
        let keys = &self.keys;
        self.nodes.measure(pass, is_node, |node, out| record(node, keys, out))
    }
}

fn is_node(name: &str) -> bool {
    name.strip_prefix("node").is_some_and(|digits| number(digits.as_bytes()).is_some())
}

fn record(mut node: Thing<'_, { METRICS.len() }>, keys: &[&str], out: &mut Recorder<'_>) {
    let mut values = [None; METRICS.len()];
    // `Node 0 MemTotal:  1024 kB`
    let meminfo = node.read("meminfo").unwrap_or_default();
    take(meminfo, 2, &keys[..OF_MEMINFO], 1024.0, &mut values[..OF_MEMINFO]);
    let numastat = node.read("numastat").unwrap_or_default();
    take(numastat, 0, &keys[OF_MEMINFO..], 1.0, &mut values[OF_MEMINFO..]);
    let Entity { name, cells, .. } = &mut *node.entity;
    let number = name.strip_prefix("node").expect("only nodes are followed");
    for ((cell, metric), value) in cells.iter_mut().zip(&METRICS).zip(values) {
        if let Some(value) = value {
            out.push(cell, metric, &[number], value);
        }
    }
}

fn take(text: &[u8], skip: usize, keys: &[&str], unit: f64, values: &mut [Option<f64>]) {
    let mut cursor = 0;
    for line in lines(text) {
        let mut fields = fields(line).skip(skip);
        if let Some(at) = fields.next().and_then(|key| place_of(key, keys, &mut cursor)) {
            values[at] = fields.next().and_then(number).map(|n| n as f64 * unit);
        }
    }
}
