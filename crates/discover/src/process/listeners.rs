//! Where a process listens: the sockets it holds, looked up in the tables of its own network name space.

use super::Process;
use crate::machine::link;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Most descriptors of a process that are looked at.
const DESCRIPTORS_MAX: usize = 20_000;
/// The kernel's number of the state in `/proc/net/tcp`, and the mark of listening sockets in `/proc/net/unix`.
const LISTEN: &str = "0A";
const ACCEPTS: u32 = 0x1_0000;

/// A socket that accepts connections.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// By TCP.
    Tcp(SocketAddr),
    /// A path as the process sees it; one that begins with `@` is no file.
    Unix(String),
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

/// Everything it listens at, in order; empty also when that is hidden from us.
pub fn read(process: &Process) -> Vec<Listener> {
    let inodes = socket_inodes(process);
    if inodes.is_empty() {
        return Vec::new();
    }
    let table = |name: &str| {
        let path = process.machine.process(process.pid).join("net").join(name);
        fs::read_to_string(path).unwrap_or_default()
    };
    let mut found = BTreeSet::new();
    for name in ["tcp", "tcp6"] {
        let lines = table(name);
        let listening = lines.lines().filter_map(tcp_line).filter(|(_, inode)| inodes.contains(inode));
        found.extend(listening.map(|(address, _)| Listener::Tcp(address)));
    }
    let lines = table("unix");
    let listening = lines.lines().filter_map(unix_line).filter(|(_, inode)| inodes.contains(inode));
    found.extend(listening.map(|(path, _)| Listener::Unix(path.to_owned())));
    found.into_iter().collect()
}

fn socket_inodes(process: &Process) -> BTreeSet<u64> {
    let Ok(entries) = fs::read_dir(process.machine.process(process.pid).join("fd")) else {
        return BTreeSet::new();
    };
    let links = entries.flatten().take(DESCRIPTORS_MAX).filter_map(|entry| link(&entry.path()));
    links.filter_map(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()).collect()
}

/// `  0: 0100007F:1F90 00000000:0000 0A tx:rx tr:when retransmits uid timeout inode …`
fn tcp_line(line: &str) -> Option<(SocketAddr, u64)> {
    let mut fields = line.split_whitespace();
    let (local, _, state) = (fields.nth(1)?, fields.next()?, fields.next()?);
    let inode = fields.nth(5)?.parse().ok()?;
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    (state == LISTEN).then_some((SocketAddr::new(ip(address)?, port), inode))
}

/// Words of 32 bits in hexadecimal, each in the order of this machine.
fn ip(hex: &str) -> Option<IpAddr> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(8) {
        return None;
    }
    let word = |at: usize| u32::from_str_radix(hex.get(8 * at..8 * at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let bytes: Vec<u8> = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            // Who listens for IPv4 on a socket of IPv6 is reached as one of IPv4.
            Some(IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical())
        }
        _ => None,
    }
}

/// `0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/x.sock`
fn unix_line(line: &str) -> Option<(&str, u64)> {
    let mut fields = line.split_whitespace();
    let flags = u32::from_str_radix(fields.nth(3)?, 16).ok()?;
    let inode = fields.nth(2)?.parse().ok()?;
    let path = fields.next()?;
    (flags & ACCEPTS != 0).then_some((path, inode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let line = "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 77 1 0";
        assert_eq!(tcp_line(line), Some(("127.0.0.1:8080".parse().unwrap(), 77)));
        let line = "   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 78 1";
        assert_eq!(tcp_line(line), Some(("[::1]:80".parse().unwrap(), 78)));
        let established =
            "   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000 0 77 1";
        assert_eq!(tcp_line(established), None);
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/x.sock";
        assert_eq!(unix_line(line), Some(("/run/x.sock", 12345)));
        let connected = "0000000000000000: 00000003 00000000 00000000 0001 03 12345 /run/x.sock";
        assert_eq!(unix_line(connected), None);
        for line in ["", "x", "0: é:1 2 0A 3 4 5 6 7 8 9", "0: 0100007F0:1F90 0 0A 0 0 0 0 0 77"] {
            assert_eq!(tcp_line(line), None);
        }
    }
}
