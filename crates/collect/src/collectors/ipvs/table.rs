//! The lines of `/proc/net/ip_vs`. Pure.

use crate::text::{fields, hexadecimal, lines, number};
use std::fmt;
use std::net::Ipv4Addr;

/// A real server of a service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Server<'t> {
    /// `TCP`, `UDP`, `SCTP` or `FWM`.
    pub(super) protocol: &'t str,
    pub(super) service: Address<'t>,
    pub(super) address: Address<'t>,
    /// Weight, active and inactive connections.
    pub(super) values: [u64; 3],
}

/// An address with its port; `C0A80016:0CEA`, `[2620:0:1]:0050`, or the mark of a firewall, `00000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address<'t> {
    V4(Ipv4Addr, u16),
    V6(&'t str, u16),
    Mark(u32),
}

impl<'t> Address<'t> {
    fn parse(field: &'t [u8]) -> Option<Self> {
        let field = std::str::from_utf8(field).ok()?;
        let hex = |digits: &str| hexadecimal(digits.as_bytes());
        let Some((address, port)) = field.rsplit_once(':') else {
            return Some(Self::Mark(u32::try_from(hex(field)?).ok()?));
        };
        let port = u16::try_from(hex(port)?).ok()?;
        if address.starts_with('[') && address.ends_with(']') {
            return Some(Self::V6(address, port));
        }
        Some(Self::V4(Ipv4Addr::from(u32::try_from(hex(address)?).ok()?), port))
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address, port) => write!(f, "{address}:{port}"),
            Self::V6(address, port) => write!(f, "{address}:{port}"),
            Self::Mark(mark) => write!(f, "mark-{mark}"),
        }
    }
}

/// Visits the real servers.
pub(super) fn visit(text: &[u8], mut each: impl FnMut(Server<'_>)) {
    let mut service = None;
    for line in lines(text) {
        let mut words = fields(line);
        match words.next() {
            Some(b"->") => {
                let Some((protocol, service)) = service else { continue };
                let server = words.next().and_then(Address::parse);
                // The forwarding method, then the numbers.
                let mut numbers = words.skip(1).map_while(number);
                let values: [Option<u64>; 3] = std::array::from_fn(|_| numbers.next());
                if let (Some(address), [Some(weight), Some(active), Some(inactive)]) = (server, values) {
                    each(Server { protocol, service, address, values: [weight, active, inactive] });
                }
            }
            Some(word @ (b"TCP" | b"UDP" | b"SCTP" | b"FWM")) => {
                let protocol = std::str::from_utf8(word).unwrap_or_default();
                service = words.next().and_then(Address::parse).map(|address| (protocol, address));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_their_services() {
        let text = b"IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  C0A80016:0CEA wlc  \n  -> C0A85216:0CEA      Tunnel  100    248        2         \n  -> broken\nTCP  [2620:0000:0000:0000:0000:0000:0000:0001]:0050 sh\n  -> [2620:0000:0000:0000:0000:0000:0000:0002]:0050 Route 1 0 7\nFWM  00000001 rr\n  -> 0A000001:0000 Masq 1 2 3\nXXX zz\n";
        let mut seen = Vec::new();
        visit(text, |s| seen.push(format!("{} {} {} {:?}", s.protocol, s.service, s.address, s.values)));
        assert_eq!(
            seen,
            [
                "TCP 192.168.0.22:3306 192.168.82.22:3306 [100, 248, 2]",
                "TCP [2620:0000:0000:0000:0000:0000:0000:0001]:80 [2620:0000:0000:0000:0000:0000:0000:0002]:80 [1, 0, 7]",
                "FWM mark-1 10.0.0.1:0 [1, 2, 3]",
            ]
        );
    }
}
