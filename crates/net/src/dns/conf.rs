//! `/etc/resolv.conf`: whom to ask and what to put behind short names (see resolv.conf(5)).

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};
use std::path::Path;
use std::time::Duration;

/// Most servers that are asked, as in the C library.
const SERVERS_MAX: usize = 3;
/// Most names of the search list.
const SEARCH_MAX: usize = 16;
/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conf {
    /// Whom to ask, in this order.
    pub(super) servers: Vec<SocketAddr>,
    /// What to put behind names with fewer than `ndots` dots.
    pub(super) search: Vec<String>,
    pub(super) ndots: usize,
    /// How long one server gets for one try.
    pub(super) timeout: Duration,
    /// How often all servers are tried.
    pub(super) attempts: usize,
}

impl Conf {
    /// Reads the file. One that is missing or names no server means the server of this host, as in the C library.
    pub(super) fn read(path: &Path, port: u16) -> Self {
        let text = super::hosts::read_bounded(path, FILE_BYTES_MAX);
        Self::parse(&text, port)
    }

    /// The default time is two seconds, not the C library's five: a packet that is lost should not cost five.
    fn parse(text: &str, port: u16) -> Self {
        let mut conf = Self {
            servers: Vec::new(),
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(2),
            attempts: 2,
        };
        for line in text.lines() {
            let line = line.split(['#', ';']).next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") if conf.servers.len() < SERVERS_MAX => {
                    conf.servers.extend(words.next().and_then(|word| server(word, port)));
                }
                // The last of either kind counts.
                Some("domain") => conf.search = words.take(1).map(domain).collect(),
                Some("search") => conf.search = words.take(SEARCH_MAX).map(domain).collect(),
                Some("options") => words.for_each(|word| conf.option(word)),
                _ => {}
            }
        }
        conf.search.retain(|domain| !domain.is_empty());
        if conf.servers.is_empty() {
            conf.servers.push((Ipv4Addr::LOCALHOST, port).into());
        }
        conf
    }

    fn option(&mut self, word: &str) {
        let Some((name, value)) = word.split_once(':') else { return };
        let Ok(value) = value.parse::<u64>() else { return };
        match name {
            "ndots" => self.ndots = value.min(15) as usize,
            "timeout" => self.timeout = Duration::from_secs(value.clamp(1, 30)),
            "attempts" => self.attempts = value.clamp(1, 5) as usize,
            _ => {}
        }
    }
}

fn domain(word: &str) -> String {
    word.trim_matches('.').to_ascii_lowercase()
}

/// An address, where IPv6 may name its interface: `fe80::1%eth0`.
fn server(word: &str, port: u16) -> Option<SocketAddr> {
    if let Some((address, zone)) = word.split_once('%') {
        return Some(SocketAddrV6::new(address.parse().ok()?, port, 0, interface(zone)?).into());
    }
    word.parse().ok().map(|address: IpAddr| (address, port).into())
}

/// The number of an interface.
fn interface(zone: &str) -> Option<u32> {
    if let Ok(number) = zone.parse() {
        return Some(number);
    }
    let plain = !zone.is_empty() && !zone.starts_with('.') && !zone.contains('/');
    let path = Path::new("/sys/class/net").join(zone).join("ifindex");
    plain.then(|| std::fs::read_to_string(path).ok()?.trim().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_lines_are_read() {
        let text = "# made by hand\ndomain old.example\nnameserver 10.0.0.2 # near\nnameserver fe80::1%lo\n\
                    nameserver nobody\nsearch a.example. B.example\noptions ndots:5 timeout:1 attempts:3 rotate\n";
        let conf = Conf::parse(text, 53);
        assert_eq!(conf.servers[0], "10.0.0.2:53".parse().unwrap());
        assert!(matches!(conf.servers[1], SocketAddr::V6(v6) if v6.scope_id() == 1));
        assert_eq!(conf.servers.len(), 2);
        assert_eq!(conf.search, ["a.example", "b.example"]);
        assert_eq!((conf.ndots, conf.timeout, conf.attempts), (5, Duration::from_secs(1), 3));
    }

    #[test]
    fn an_empty_or_missing_file_means_this_host() {
        let missing = Conf::read(Path::new("/nowhere/resolv.conf"), 53);
        assert_eq!(missing, Conf::parse("", 53));
        assert_eq!((missing.servers, missing.ndots), (vec!["127.0.0.1:53".parse().unwrap()], 1));
    }

    #[test]
    fn nonsense_is_bounded_and_harmless() {
        let servers = "nameserver 10.0.0.1\n".repeat(9);
        let search = format!("search {}", "x.example ".repeat(99));
        let conf = Conf::parse(&format!("{servers}{search}\noptions ndots:99999 timeout:0 attempts:x\n"), 53);
        assert_eq!((conf.servers.len(), conf.search.len(), conf.ndots), (SERVERS_MAX, SEARCH_MAX, 15));
        assert_eq!((conf.timeout, conf.attempts), (Duration::from_secs(1), 2));
    }
}
