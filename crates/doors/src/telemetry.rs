//! The doors' own numbers: a set for each door, and what a door counts for itself.

use crate::{falcon_agent, statsd};
use stdx::telemetry::{Counter, Gauge, Item, Labels};

/// What is counted of every door.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) connections: Gauge,
    pub(crate) connections_total: Counter,
    pub(crate) connections_refused: Counter,
    pub(crate) connections_expired: Counter,
    pub(crate) datagrams_lost: Counter,
    pub(crate) datagrams_cut: Counter,
}

/// How many numbers a door has.
const ITEMS: usize = 6;

impl Counters {
    pub(crate) const fn new(labels: Labels) -> Self {
        const fn counter(name: &'static str, help: &'static str, labels: Labels) -> Counter {
            Counter::labelled(name, help, labels)
        }
        Self {
            connections: Gauge::labelled(
                "windhover_doors_connections",
                "TCP connections to a local door.",
                labels,
            ),
            connections_total: counter(
                "windhover_doors_connections_total",
                "TCP connections that a local door took.",
                labels,
            ),
            connections_refused: counter(
                "windhover_doors_connections_refused_total",
                "TCP connections that a local door closed at once, as there were too many.",
                labels,
            ),
            connections_expired: counter(
                "windhover_doors_connections_expired_total",
                "TCP connections that a local door closed because they were silent, or half through, for too long.",
                labels,
            ),
            datagrams_lost: counter(
                "windhover_doors_datagrams_lost_total",
                "UDP datagrams that the kernel threw away because they came faster than a local door took them.",
                labels,
            ),
            datagrams_cut: counter(
                "windhover_doors_datagrams_cut_total",
                "Datagrams that were larger than UDP's largest and lost their end.",
                labels,
            ),
        }
    }

    const fn items(&'static self) -> [Item; ITEMS] {
        [
            Item::Gauge(&self.connections),
            Item::Counter(&self.connections_total),
            Item::Counter(&self.connections_refused),
            Item::Counter(&self.connections_expired),
            Item::Counter(&self.datagrams_lost),
            Item::Counter(&self.datagrams_cut),
        ]
    }
}

pub(crate) static STATSD: Counters = Counters::new(&[("door", "statsd")]);
pub(crate) static FALCON_AGENT: Counters = Counters::new(&[("door", "falcon_agent")]);

#[cfg(feature = "server")]
mod taken;

#[cfg(feature = "server")]
pub(crate) use taken::*;

/// What is listed: each door's numbers, one slice after the other.
const ALL: &[&[Item]] = &[
    &STATSD.items(),
    &FALCON_AGENT.items(),
    &statsd::TELEMETRY,
    &falcon_agent::TELEMETRY,
    #[cfg(feature = "server")]
    &GRAPHITE.items(),
    #[cfg(feature = "server")]
    &GRAPHITE_TAKEN.items(),
    #[cfg(feature = "server")]
    &PICKLE.items(),
    #[cfg(feature = "server")]
    &PICKLE_TAKEN.items(),
    #[cfg(feature = "server")]
    &FALCON_RPC.items(),
    #[cfg(feature = "server")]
    &FALCON_RPC_TAKEN.items(),
    #[cfg(feature = "server")]
    &FALCON_TELNET.items(),
    #[cfg(feature = "server")]
    &FALCON_TELNET_TAKEN.items(),
    #[cfg(feature = "server")]
    &COLLECTD.items(),
    #[cfg(feature = "server")]
    &COLLECTD_TAKEN.items(),
    #[cfg(feature = "server")]
    &OPENTSDB.items(),
    #[cfg(feature = "server")]
    &OPENTSDB_TAKEN.items(),
    #[cfg(feature = "server")]
    &ZABBIX.items(),
    #[cfg(feature = "server")]
    &ZABBIX_TAKEN.items(),
    #[cfg(feature = "server")]
    &NSCA.items(),
    #[cfg(feature = "server")]
    &NSCA_TAKEN.items(),
];

const fn len() -> usize {
    let (mut len, mut i) = (0, 0);
    while i < ALL.len() {
        len += ALL[i].len();
        i += 1;
    }
    len
}

/// The numbers of all doors.
pub static TELEMETRY: &[Item] = &flat();

const fn flat() -> [Item; len()] {
    let mut flat = [ALL[0][0]; len()];
    let (mut at, mut list) = (0, 0);
    while list < ALL.len() {
        let mut i = 0;
        while i < ALL[list].len() {
            flat[at] = ALL[list][i];
            (at, i) = (at + 1, i + 1);
        }
        list += 1;
    }
    flat
}
