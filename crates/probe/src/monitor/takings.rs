//! What was believed since samples were last handed on, and where they go.

use crate::{guard, telemetry};
use model::{Batch, PushError, Sink};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use wire::Context;

/// See the module's text.
pub(super) struct Takings {
    sink: Arc<dyn Sink>,
    batch: Batch,
    /// Which network a host was heard in last, and when; only where there are several.
    hosts: BTreeMap<Box<str>, (u64, i64)>,
    hold_ms: Option<i64>,
    lines: Vec<u8>,
    /// What was wrong last, for people.
    pub(super) problem: String,
}

impl Takings {
    pub(super) fn new(sink: Arc<dyn Sink>) -> Self {
        Self {
            sink,
            batch: Batch::new(),
            hosts: BTreeMap::new(),
            hold_ms: None,
            lines: Vec::new(),
            problem: String::new(),
        }
    }

    /// There are several networks: a host that is in two of them is asked in both, and is to be kept once. It is of the
    /// network where it was heard first, until it has been silent there for so long.
    pub(super) fn share(&mut self, hold_ms: Option<i64>) {
        self.hold_ms = hold_ms;
        if hold_ms.is_none() {
            self.hosts.clear();
        }
    }

    /// Takes the lines of a probe in a network (its number, and now); how many samples they gave.
    pub(super) fn take(&mut self, of: (u64, i64), unix_ms: i64, from: IpAddr, lines: &[u8]) -> u64 {
        let mut own = std::mem::take(&mut self.lines);
        let lines = match self.hold_ms {
            Some(hold_ms) => {
                own.clear();
                for line in lines.split_inclusive(|byte| *byte == b'\n') {
                    if guard::host(line).is_none_or(|host| self.is_of(of, hold_ms, host)) {
                        own.extend_from_slice(line);
                    }
                }
                &own
            }
            None => lines,
        };
        let taken = self.decode(unix_ms, from, lines);
        self.lines = own;
        taken
    }

    fn is_of(&mut self, (network, now_ms): (u64, i64), hold_ms: i64, host: &str) -> bool {
        if let Some((known, last_ms)) = self.hosts.get_mut(host) {
            if *known != network && now_ms - *last_ms <= hold_ms {
                telemetry::HOST_OF_ANOTHER_NETWORK.add(1);
                return false;
            }
            (*known, *last_ms) = (network, now_ms);
            return true;
        }
        if self.hosts.len() >= guard::HOSTS_MAX {
            self.hosts.retain(|_, (_, last_ms)| now_ms - *last_ms <= hold_ms);
        }
        // Each network's guard has bounded its hosts, so that there is always room for those of one.
        if self.hosts.len() < guard::HOSTS_MAX {
            self.hosts.insert(host.into(), (network, now_ms));
        }
        true
    }

    fn decode(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]) -> u64 {
        let report = wire::protocols::probe::decode(lines, &Context::at(unix_ms), &mut self.batch);
        telemetry::LINES_REFUSED.add(report.rejected);
        self.problem = match report.reasons.first() {
            Some(first) => format!("{from} answered, {}: {}", first.position, first.reason),
            None => String::new(),
        };
        report.accepted
    }

    /// Pushes what was taken.
    pub(super) fn hand_on(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        match self.sink.push(&self.batch) {
            Ok(receipt) => {
                if let Some(first) = receipt.report.reasons.first() {
                    self.problem = format!("a sample was refused: {}", first.reason);
                }
            }
            Err(PushError::Busy(why) | PushError::Failed(why)) => {
                self.problem = format!("samples are lost: {why}")
            }
        }
        self.batch.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Receipt;

    struct Nowhere;

    impl Sink for Nowhere {
        fn push(&self, _: &Batch) -> Result<Receipt, PushError> {
            Ok(Receipt::default())
        }
    }

    #[test]
    fn a_host_in_two_networks_is_kept_once() {
        let mut takings = Takings::new(Arc::new(Nowhere));
        let from = IpAddr::from([192, 0, 2, 7]);
        let mut take = |of: (u64, i64), lines: &str| takings.take(of, 5, from, lines.as_bytes());
        assert_eq!(
            (take((1, 0), "web:load:1:GAUGE\n"), take((2, 0), "web:load:1:GAUGE\n")),
            (1, 1),
            "one net each"
        );
        takings.share(Some(3000));
        let mut take = |of: (u64, i64), lines: &str| takings.take(of, 5, from, lines.as_bytes());
        assert_eq!(take((1, 0), "web:load:1:GAUGE\nweb:b:1:GAUGE\n"), 2);
        assert_eq!(take((2, 10), "web:load:1:GAUGE\ndb:load:1:GAUGE\n"), 1);
        assert_eq!(take((1, 1000), "web:load:1:GAUGE\ndb:load:1:GAUGE\n"), 1);
        assert_eq!(take((2, 4001), "web:load:1:GAUGE\n"), 1, "it was silent in the other");
        assert_eq!(take((1, 4002), "web:load:1:GAUGE\n"), 0);
    }
}
