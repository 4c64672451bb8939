//! Every counter of the network protocols that has no metric of its own: from `/proc/net/snmp`, `netstat`, `snmp6`,
//! `sctp/snmp` and `xfrm_stat`. Their names are the kernel's (Documentation/networking/snmp_counter.rst), which has some
//! three hundred; most are 0 for ever, so that each is said from the moment on it is not.

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::record::Recorder;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "protocols",
    summary: "All other counters of IP, ICMP, TCP, UDP, SCTP and IPsec, by the kernel's names for them; those that are 0 are left out until they are not.",
    // The kernel adds up hundreds of counters over all cores.
    interval_ms: 10_000,
    metrics: &[EVENTS],
    open: |host, _| Box::new(Protocols::new(host)),
};

const EVENTS: Metric = Metric::counter(
    "protocol_events_total",
    "",
    "What the counter `field` of `protocol` stands at; counters with a metric of their own (`tcp_*`, `udp_*`, `ip6_*` …) are not repeated.",
)
.by(&["protocol", "field"]);

/// Files of pairs of lines, names and numbers, each led by the protocol.
const PAIRED: [&str; 2] = ["proc/net/snmp", "proc/net/netstat"];
/// Files with a name and a number in each line.
const LISTED: [&str; 3] = ["proc/net/snmp6", "proc/net/sctp/snmp", "proc/net/xfrm_stat"];
/// Not counters.
const SETTINGS: [&str; 6] =
    ["Tcp:RtoAlgorithm", "Tcp:RtoMin", "Tcp:RtoMax", "Tcp:MaxConn", "Ip:Forwarding", "Ip:DefaultTTL"];
/// What names in listed files begin with.
const PREFIXES: [&str; 6] = ["Ip6", "Icmp6", "UdpLite6", "Udp6", "Sctp", "Xfrm"];
/// Most counters that are not 0, those with a metric of their own among them.
const COUNTERS_MAX: usize = 512;

struct Protocols {
    paired: [KeptFile; PAIRED.len()],
    listed: [KeptFile; LISTED.len()],
    counters: Entities<1>,
    name: Vec<u8>,
}

impl Protocols {
    fn new(host: &Host) -> Self {
        Self {
            paired: PAIRED.map(|path| host.file(path)),
            listed: LISTED.map(|path| host.file(path)),
            counters: Entities::new(COUNTERS_MAX),
            name: Vec::new(),
        }
    }
}

impl Collector for Protocols {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Self { paired, listed, counters, name } = self;
        counters.begin();
        for file in paired {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            let mut lines = lines(text);
            while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
                let Some(protocol) = fields(names).next().filter(|word| word.ends_with(b":")) else {
                    continue;
                };
                for (field, value) in fields(names).zip(fields(values)).skip(1) {
                    name.clear();
                    name.extend_from_slice(protocol);
                    name.extend_from_slice(field);
                    record(counters, name, value, &mut pass.out);
                }
            }
        }
        for file in listed {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            for line in lines(text) {
                let mut words = fields(line);
                let (Some(word), Some(value)) = (words.next(), words.next()) else { continue };
                let prefix = PREFIXES.into_iter().find(|prefix| word.starts_with(prefix.as_bytes()));
                let Some(prefix) = prefix else { continue };
                name.clear();
                name.extend_from_slice(prefix.as_bytes());
                name.push(b':');
                name.extend_from_slice(&word[prefix.len()..]);
                record(counters, name, value, &mut pass.out);
            }
        }
        counters.finish(&mut pass.out);
        Ok(())
    }
}

fn record(counters: &mut Entities<1>, name: &[u8], value: &[u8], out: &mut Recorder<'_>) {
    let Some(value) = number(value).filter(|value| *value > 0) else { return };
    let Some(counter) = counters.meet(name, is_without_metric) else { return };
    let (protocol, field) = counter.name.split_once(':').unwrap_or_default();
    out.push(&mut counter.cells[0], &EVENTS, &[protocol, field], value as f64);
}

fn is_without_metric(name: &str) -> bool {
    let is_own = |source: &str| {
        // IPv6 has no colon in its sources.
        source == name || name.split_once(':').is_some_and(|(p, f)| source.strip_prefix(p) == Some(f))
    };
    !SETTINGS.contains(&name)
        && !super::tcp::METRICS.iter().chain(&super::snmp6::METRICS).any(|m| is_own(m.source))
}
