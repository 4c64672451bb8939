//! The protocols, one row each. To add one: its file in `protocols/`, its row here, its folder in `fixtures/wire/`.

pub mod collectd;
pub mod collectd_json;
pub mod csv;
pub mod falcon;
pub mod graphite;
pub mod icinga;
pub mod influx;
pub mod native;
pub mod nsca;
pub mod opentsdb;
pub mod opentsdb_telnet;
pub mod otlp;
pub mod perfdata;
pub mod pickle;
pub mod probe;
pub mod prometheus_text;
pub mod putval;
pub mod remote_write;
pub mod remote_write_v2;
pub mod statsd;
pub mod zabbix;

use crate::Context;
use model::{Batch, Report};

/// A protocol as the doors, the documentation and the tests see it.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    /// Short name: label value of counters, folder of fixtures.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Media types that senders use.
    pub media_types: &'static [&'static str],
    /// Paths of the HTTP doors; none where the bytes do not say whose samples they are.
    pub paths: &'static [&'static str],
    /// A small input that is good.
    pub example: &'static [u8],
    /// Adds what is good in the input to the batch and reports what was not.
    pub decode: fn(&[u8], &Context<'_>, &mut Batch) -> Report,
}

impl Protocol {
    /// The row of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROTOCOLS.iter().find(|protocol| protocol.name == name)
    }
}

/// Every protocol.
pub static PROTOCOLS: &[Protocol] = &[
    remote_write::PROTOCOL,
    remote_write_v2::PROTOCOL,
    otlp::PROTOCOL,
    opentsdb::PROTOCOL,
    collectd_json::PROTOCOL,
    csv::PROTOCOL,
    prometheus_text::PROTOCOL,
    influx::PROTOCOL,
    falcon::PROTOCOL,
    falcon::telnet::PROTOCOL,
    probe::PROTOCOL,
    graphite::PROTOCOL,
    pickle::PROTOCOL,
    opentsdb_telnet::PROTOCOL,
    putval::PROTOCOL,
    zabbix::PROTOCOL,
    collectd::PROTOCOL,
    perfdata::PROTOCOL,
    icinga::PROTOCOL,
];
