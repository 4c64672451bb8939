//! What of the answers is believed, and how much. UDP lets anybody say anything; on a network where anybody can also
//! ping, what can be had is: only from the network that was asked, only when asked, only so much, and no host under two
//! addresses at a time. Whatever is refused is counted by its reason.

use crate::range::Range;
use crate::telemetry;
use std::collections::BTreeMap;
use std::net::IpAddr;
use stdx::telemetry::Counter;

/// Most that one source may say a period, in bytes.
pub const SOURCE_BYTES_MAX: usize = 256 * 1024;
/// Most that all sources may say a period, in bytes.
pub const TOTAL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most sources a period.
pub const SOURCES_MAX: usize = 8 * 1024;
/// Most hosts whose address is remembered.
pub const HOSTS_MAX: usize = 32 * 1024;
/// How long a host that is silent keeps its address, in milliseconds; ten periods when those are longer.
pub const HOST_HOLD_MS_MIN: i64 = 60_000;
/// How many periods a host that is silent keeps its address.
const HOST_HOLD_PERIODS: i64 = 10;
/// Longest name of a host that is looked at, in bytes; longer ones are refused by whoever decodes the line.
const HOST_BYTES_MAX: usize = 255;

/// Believes or refuses, for one network.
#[derive(Debug)]
pub struct Guard {
    ranges: Vec<Range>,
    period_ms: i64,
    window_ms: i64,
    total_bytes: usize,
    /// What each source has said in this window.
    sources: BTreeMap<IpAddr, usize>,
    hosts: BTreeMap<Box<str>, Holder>,
}

#[derive(Debug, Clone, Copy)]
struct Holder {
    address: IpAddr,
    last_ms: i64,
}

impl Guard {
    /// A guard that believes these networks.
    pub fn new(ranges: Vec<Range>, period_ms: u64) -> Self {
        Self {
            ranges,
            period_ms: period_ms as i64,
            window_ms: i64::MIN / 2,
            total_bytes: 0,
            sources: BTreeMap::new(),
            hosts: BTreeMap::new(),
        }
    }

    /// Whether the address is of a network that is believed.
    pub fn is_inside(&self, address: IpAddr) -> bool {
        let is_inside = self.ranges.iter().any(|range| range.contains(address));
        is_inside || refuse(&telemetry::OUTSIDE_RANGE)
    }

    /// Whether that much more may come from there now.
    pub fn has_room(&mut self, now_ms: i64, from: IpAddr, bytes: usize) -> bool {
        if now_ms - self.window_ms >= self.period_ms {
            self.window_ms = now_ms;
            self.total_bytes = 0;
            self.sources.clear();
        }
        if self.total_bytes + bytes > TOTAL_BYTES_MAX {
            return refuse(&telemetry::FLOOD_TOTAL);
        }
        if self.sources.len() >= SOURCES_MAX && !self.sources.contains_key(&from) {
            return refuse(&telemetry::SOURCES_FULL);
        }
        let said = self.sources.entry(from).or_default();
        if *said + bytes > SOURCE_BYTES_MAX {
            return refuse(&telemetry::FLOOD_SOURCE);
        }
        *said += bytes;
        self.total_bytes += bytes;
        true
    }

    /// Appends to `out` the lines whose host belongs to that address. A host belongs to the address that named it first,
    /// until it is silent for a while: so nobody speaks for a host that speaks for itself.
    pub fn lines_of(&mut self, now_ms: i64, from: IpAddr, lines: &[u8], out: &mut Vec<u8>) {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let is_believed = match host(line) {
                Some(host) => self.holds(now_ms, from, host),
                // Not a line of the dialect: whoever decodes it says why.
                None => true,
            };
            if is_believed {
                out.extend_from_slice(line);
            }
        }
    }

    fn holds(&mut self, now_ms: i64, from: IpAddr, host: &str) -> bool {
        let hold_ms = HOST_HOLD_MS_MIN.max(HOST_HOLD_PERIODS * self.period_ms);
        if let Some(holder) = self.hosts.get_mut(host) {
            if holder.address != from && now_ms - holder.last_ms <= hold_ms {
                return refuse(&telemetry::HOST_OF_ANOTHER);
            }
            *holder = Holder { address: from, last_ms: now_ms };
            return true;
        }
        if self.hosts.len() >= HOSTS_MAX {
            self.hosts.retain(|_, holder| now_ms - holder.last_ms <= hold_ms);
            if self.hosts.len() >= HOSTS_MAX {
                return refuse(&telemetry::HOSTS_FULL);
            }
        }
        self.hosts.insert(host.into(), Holder { address: from, last_ms: now_ms });
        true
    }
}

/// The host that a line names, if it is of the dialect.
pub(crate) fn host(line: &[u8]) -> Option<&str> {
    let host = std::str::from_utf8(line).ok()?.rsplitn(4, ':').nth(3)?.trim_ascii();
    (!host.is_empty() && host.len() <= HOST_BYTES_MAX).then_some(host)
}

fn refuse(reason: &Counter) -> bool {
    reason.add(1);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(vec!["192.0.2.0/24".parse().unwrap()], 1000)
    }

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn lines(guard: &mut Guard, now_ms: i64, from: u8, text: &str) -> String {
        let mut out = Vec::new();
        guard.lines_of(now_ms, address(from), text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_source_is_bounded_without_harm_to_others() {
        let mut guard = guard();
        assert!(guard.has_room(0, address(1), SOURCE_BYTES_MAX));
        assert!(!guard.has_room(1, address(1), 1));
        assert!(guard.has_room(2, address(2), 1));
        assert!(guard.has_room(1000, address(1), 1), "the next period begins anew");
    }

    #[test]
    fn all_sources_together_are_bounded() {
        let mut guard = guard();
        let taken = (0..=255).filter(|n| guard.has_room(0, address(*n), SOURCE_BYTES_MAX)).count();
        assert_eq!(taken, TOTAL_BYTES_MAX / SOURCE_BYTES_MAX);
        assert!(!guard.has_room(999, address(77), SOURCE_BYTES_MAX));
    }

    #[test]
    fn sources_that_are_too_many_are_refused() {
        let mut guard = guard();
        let of = |n: usize| IpAddr::from([10, 0, (n >> 8) as u8, n as u8]);
        assert!((0..SOURCES_MAX).all(|n| guard.has_room(0, of(n), 1)));
        assert!(!guard.has_room(0, of(SOURCES_MAX), 1) && guard.has_room(0, of(0), 1));
    }

    #[test]
    fn nobody_speaks_for_a_host_that_speaks_for_itself() {
        let mut guard = guard();
        assert_eq!(lines(&mut guard, 0, 1, "web:load:1:GAUGE\n"), "web:load:1:GAUGE\n");
        assert_eq!(lines(&mut guard, 60_000, 2, "web:load:9:GAUGE\ndb:load:2:GAUGE"), "db:load:2:GAUGE");
        assert_eq!(lines(&mut guard, 60_001, 2, "web:load:9:GAUGE\n"), "web:load:9:GAUGE\n", "it was silent");
        assert_eq!(lines(&mut guard, 60_002, 1, "web:load:1:GAUGE\nnonsense\n"), "nonsense\n");
    }

    #[test]
    fn names_of_hosts_cannot_fill_the_memory() {
        let mut guard = guard();
        for n in 0..HOSTS_MAX {
            assert!(!lines(&mut guard, 0, 1, &format!("h{n}:a:1:GAUGE\n")).is_empty());
        }
        assert_eq!(lines(&mut guard, 10, 1, "new:a:1:GAUGE\n"), "");
        assert_eq!(lines(&mut guard, 100_000, 1, "new:a:1:GAUGE\n"), "new:a:1:GAUGE\n");
    }
}
