//! The tables of neighbours (ARP, neighbour discovery): when one is full, hosts of the same net are not reached.

use crate::core_table::CoreTable;
use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, number, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "neighbours",
    summary: "Neighbours known by address (ARP, neighbour discovery), how many there may be, and what was lost for want of one.",
    interval_ms: 10_000,
    metrics: &[TABLE[0], TABLE[1], TABLE[2], TABLE[3], TABLE[4], LIMIT, OF_INTERFACE],
    open: |host, _| Box::new(Neighbours::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["family"]).from(source)
}

/// The columns of `/proc/net/stat/arp_cache` and `ndisc_cache`.
static TABLE: [Metric; 5] = [
    Metric::gauge("neighbours", "", "Entries of the table, stale ones among them.")
        .by(&["family"])
        .from("entries"),
    count("neighbour_failures_total", "res_failed", "Neighbours that did not answer."),
    count("neighbour_forced_collections_total", "forced_gc_runs", "Searches for entries to throw out."),
    count(
        "neighbour_discards_total",
        "unresolved_discards",
        "Packets thrown away while their neighbour did not answer.",
    ),
    count("neighbour_overflows_total", "table_fulls", "Entries refused because the table was full."),
];
const LIMIT: Metric =
    Metric::gauge("neighbours_limit", "", "Most entries there may be.").by(&["family"]).from("gc_thresh3");
const OF_INTERFACE: Metric =
    Metric::gauge("neighbours_by_interface", "", "IPv4 neighbours (ARP) behind the interface.")
        .by(&["interface"])
        .from("/proc/net/arp");

/// The families, their tables' files and those of their limits.
const FAMILIES: [(&str, &str, &str); 2] = [
    ("ipv4", "proc/net/stat/arp_cache", "proc/sys/net/ipv4/neigh/default/gc_thresh3"),
    ("ipv6", "proc/net/stat/ndisc_cache", "proc/sys/net/ipv6/neigh/default/gc_thresh3"),
];
/// Most interfaces.
const INTERFACES_MAX: usize = 128;
/// Column of the interface in `/proc/net/arp`.
const INTERFACE: usize = 5;

struct Neighbours {
    families: [Family; FAMILIES.len()],
    arp: KeptFile,
    interfaces: Entities<1>,
}

struct Family {
    name: &'static str,
    table: CoreTable<{ TABLE.len() }>,
    limit: KeptFile,
    cell: SeriesCell,
}

impl Neighbours {
    fn new(host: &Host) -> Self {
        let families = FAMILIES.map(|(name, table, limit)| Family {
            name,
            table: CoreTable::new(host.file(table), None),
            limit: host.file(limit),
            cell: SeriesCell::default(),
        });
        Self { families, arp: host.file("proc/net/arp"), interfaces: Entities::new(INTERFACES_MAX) }
    }
}

impl Collector for Neighbours {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        for Family { name, table, limit, cell } in &mut self.families {
            table.collect(pass, &TABLE, &[name])?;
            if let Some(most) = limit.read_if_there(pass.buffer)?.map(trim).and_then(number) {
                pass.out.push(cell, &LIMIT, &[name], most as f64);
            }
        }
        let Some(text) = self.arp.read_if_there(pass.buffer)? else { return Ok(()) };
        self.interfaces.begin();
        for interface in lines(text).skip(1).filter_map(|line| fields(line).nth(INTERFACE)) {
            if let Some(entity) = self.interfaces.meet(interface, super::network::is_followed) {
                entity.sum += 1;
            }
        }
        for entity in self.interfaces.met() {
            pass.out.push(&mut entity.cells[0], &OF_INTERFACE, &[&entity.name], entity.sum as f64);
        }
        self.interfaces.finish(&mut pass.out);
        Ok(())
    }
}
