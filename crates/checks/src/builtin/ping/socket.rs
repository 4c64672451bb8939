//! A socket that may send echoes: an ordinary one where the system lets our group have it, else a raw one.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// What to do where neither is allowed.
const REMEDY: &str = "let our group ping with `sysctl net.ipv4.ping_group_range=\"0 2147483647\"`, or give us the \
                      capability CAP_NET_RAW";

/// Opens a socket that sends to and hears from `address` only, and does not wait.
pub(super) fn open(address: IpAddr) -> Result<Socket, super::round::Error> {
    use super::round::Error;
    let (domain, protocol) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let first = Socket::new(domain, Type::DGRAM, Some(protocol));
    let socket = first.or_else(|_| Socket::new(domain, Type::RAW, Some(protocol))).map_err(|e| {
        let is_denied = e.kind() == io::ErrorKind::PermissionDenied;
        Error::Socket(if is_denied {
            format!("pinging is not allowed: {REMEDY}")
        } else {
            format!("no socket: {e}")
        })
    })?;
    let ready =
        socket.set_nonblocking(true).and_then(|()| socket.connect(&SocketAddr::new(address, 0).into()));
    ready.map_err(|e| Error::Network(e.to_string()))?;
    Ok(socket)
}
