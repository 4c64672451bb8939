//! What the doors of servers count of what they took.

use super::Counters;
use stdx::telemetry::{Counter, Item, Labels};

/// What is counted of the samples of a door.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) samples: Counter,
    pub(crate) refused: Counter,
    pub(crate) skipped: Counter,
    pub(crate) deferred: Counter,
    pub(crate) lost: Counter,
}

impl Taken {
    pub(crate) const fn new(labels: Labels) -> Self {
        const fn counter(name: &'static str, help: &'static str, labels: Labels) -> Counter {
            Counter::labelled(name, help, labels)
        }
        Self {
            samples: counter("windhover_doors_samples_total", "Samples that a door took.", labels),
            refused: counter(
                "windhover_doors_refused_total",
                "Lines, items and messages that a door refused; its standing tells the first.",
                labels,
            ),
            skipped: counter(
                "windhover_doors_skipped_total",
                "What a door understood and left out, as it is no sample, such as values that are not a number.",
                labels,
            ),
            deferred: counter(
                "windhover_doors_deferred_total",
                "How often a door kept its samples and took no more for a while, as nothing could be written.",
                labels,
            ),
            lost: counter(
                "windhover_doors_lost_total",
                "Samples that a door had taken and could not hand on before its end, or because writing failed.",
                labels,
            ),
        }
    }

    pub(crate) const fn items(&'static self) -> [Item; 5] {
        [
            Item::Counter(&self.samples),
            Item::Counter(&self.refused),
            Item::Counter(&self.skipped),
            Item::Counter(&self.deferred),
            Item::Counter(&self.lost),
        ]
    }
}

pub(crate) static GRAPHITE: Counters = Counters::new(&[("door", "graphite")]);
pub(crate) static GRAPHITE_TAKEN: Taken = Taken::new(&[("door", "graphite")]);
pub(crate) static PICKLE: Counters = Counters::new(&[("door", "pickle")]);
pub(crate) static PICKLE_TAKEN: Taken = Taken::new(&[("door", "pickle")]);
pub(crate) static FALCON_RPC: Counters = Counters::new(&[("door", "falcon_rpc")]);
pub(crate) static FALCON_RPC_TAKEN: Taken = Taken::new(&[("door", "falcon_rpc")]);
pub(crate) static FALCON_TELNET: Counters = Counters::new(&[("door", "falcon_telnet")]);
pub(crate) static FALCON_TELNET_TAKEN: Taken = Taken::new(&[("door", "falcon_telnet")]);
pub(crate) static COLLECTD: Counters = Counters::new(&[("door", "collectd")]);
pub(crate) static COLLECTD_TAKEN: Taken = Taken::new(&[("door", "collectd")]);
pub(crate) static OPENTSDB: Counters = Counters::new(&[("door", "opentsdb")]);
pub(crate) static OPENTSDB_TAKEN: Taken = Taken::new(&[("door", "opentsdb")]);
pub(crate) static ZABBIX: Counters = Counters::new(&[("door", "zabbix")]);
pub(crate) static ZABBIX_TAKEN: Taken = Taken::new(&[("door", "zabbix")]);
pub(crate) static NSCA: Counters = Counters::new(&[("door", "nsca")]);
pub(crate) static NSCA_TAKEN: Taken = Taken::new(&[("door", "nsca")]);
