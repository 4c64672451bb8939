//! A name: does a name server know it, and does it say what it should?

use super::common::{Common, conclude};
use super::{Check, Row};
use crate::{Given, Metric, Network, Outcome, State};
use net::dns::{self, Code, Kind, Query, Reply};
use net::probe::Watch;
use std::net::{IpAddr, SocketAddr};

static ANSWERS: Metric =
    Metric::new("check_dns_answers", "", "answers", "Records of the type that was asked for.");
static TTL: Metric = Metric::new(
    "check_dns_ttl_seconds",
    "seconds",
    "ttl",
    "How long the answer may be kept, the least of its records.",
);

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "dns",
    summary: "A name server knows a name, and what it says is right",
    target: "a name, or an address for `type = \"ptr\"`",
    options: &["name_server", "type", "values"],
    metrics: &[&ANSWERS, &TTL],
    example: "target = \"shop.example\"\nname_server = \"192.0.2.53\"\ntype = \"mx\"\nvalues = [\"10 mail.example\"]",
    open: |target, given| Ok(Box::new(Dns::open(target, given)?)),
    labels: None,
};

/// A name to check.
struct Dns {
    name: String,
    kind: Kind,
    server: Option<SocketAddr>,
    values: Vec<String>,
    common: Common,
}

impl Dns {
    fn open(target: &str, given: &dyn Given) -> Result<Self, String> {
        let kind = Kind::named(given.text("type")).ok_or("`type` is not a type of record")?;
        let address = target.parse().ok().filter(|_| kind == Kind::Ptr);
        Ok(Self {
            name: address.map_or_else(|| target.to_owned(), Kind::reverse),
            kind,
            server: server(given.text("name_server"))?,
            values: given.texts("values"),
            common: Common::read(given)?,
        })
    }

    fn judge(&self, reply: &Reply, outcome: &mut Outcome) {
        let records: Vec<_> =
            reply.message.answers.iter().filter(|record| record.data.kind() == self.kind).collect();
        let found: Vec<String> = records.iter().map(|record| record.data.to_string()).collect();
        outcome.read(&ANSWERS, "", found.len() as f64);
        if let Some(ttl_s) = records.iter().map(|record| record.ttl_s).min() {
            outcome.read(&TTL, "", f64::from(ttl_s));
        }
        let lacking = self.values.iter().find(|value| !found.iter().any(|found| is_same(found, value)));
        let all = || found.join(", ");
        if reply.message.code != Code::NoError {
            outcome.worsen(State::Critical, "dns", format!("the server says {}", reply.message.code));
        } else if found.is_empty() {
            outcome.worsen(State::Critical, "answer", format!("the name has no {} record", self.kind));
        } else if let Some(value) = lacking {
            outcome.worsen(
                State::Critical,
                "answer",
                format!("`{value}` is not among the answers: {}", all()),
            );
        } else {
            outcome.text = format!("{} {}", self.kind, all());
        }
    }
}

impl Check for Dns {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let watch = Watch::start(self.common.limits);
        let Some(server) = self.server.or_else(|| network.resolver.servers().into_iter().next()) else {
            outcome.worsen(State::Unknown, "setup", "this host has no name server; say `name_server`".into());
            return outcome;
        };
        let timeout = self.common.limits.total;
        let query = Query { server, name: &self.name, kind: self.kind, timeout, recursion: true };
        match dns::query(&query, network.interrupt) {
            Ok(reply) => self.judge(&reply, &mut outcome),
            Err(net::Error::Request(why)) => outcome.worsen(State::Unknown, "setup", why),
            Err(e) => {
                let is_late = watch.elapsed() >= timeout;
                outcome.worsen(State::Critical, if is_late { "timeout" } else { "dns" }, e.to_string());
            }
        }
        outcome.time(&watch, self.common.time);
        let (text, seconds) = (outcome.text.clone(), watch.elapsed().as_secs_f64());
        conclude(outcome, || format!("{text} from {} in {seconds:.3} s", server.ip()))
    }
}

/// `address`, `address:port` or `[address]:port`; `None` for "".
fn server(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.trim_matches(['[', ']']).parse().map(|ip: IpAddr| (ip, dns::PORT).into());
    let address = address.or_else(|_| text.parse());
    address
        .map(Some)
        .map_err(|_| format!("`name_server`: `{text}` is not an address such as 192.0.2.53 or 192.0.2.53:53"))
}

/// Names are the same in any case and with or without the dot at their end.
fn is_same(found: &str, wanted: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    found == wanted || bare(found) == bare(wanted)
}

#[cfg(test)]
mod tests;
