//! The sockets of monitors and probes. All share their ports (SO_REUSEADDR), so that a probe and several monitors may
//! run on one host; Linux gives what is broadcast or multicast to each of them.

use crate::links::{Target, scoped};
use nix::cmsg_space;
use nix::sys::socket::sockopt::RxqOvfl;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};

/// What is asked of the kernel to hold answers that come all at once, in bytes.
const RECEIVE_BYTES: usize = 4 << 20;

/// The sockets of a monitor in one network.
#[derive(Debug)]
pub(crate) struct Ears {
    /// Sends the pings and hears the answers.
    pub(crate) own: UdpSocket,
    /// Hears the monitors.
    pub(crate) monitors: UdpSocket,
    /// Hears pings of foreign monitors.
    pub(crate) pings: Option<UdpSocket>,
    pub(crate) probes_at: SocketAddr,
    pub(crate) monitors_at: SocketAddr,
}

impl Ears {
    /// Opens them. The error names what is in the way.
    pub(crate) fn open(target: &Target, port: u16, hears_foreign: bool) -> Result<Self, String> {
        let own = own(target).map_err(|e| format!("no socket to ask {} from: {e}", target.name))?;
        let monitors_port = port.checked_add(1).ok_or("the port of probes may be at most 65534")?;
        let monitors = ear(target, monitors_port)
            .map_err(|e| format!("the monitors' port {monitors_port} cannot be taken: {e}"))?;
        let pings = match hears_foreign {
            true => {
                Some(ear(target, port).map_err(|e| format!("port {port} of probes cannot be heard: {e}"))?)
            }
            false => None,
        };
        let at = |port| match target.to {
            IpAddr::V4(address) => SocketAddr::from((address, port)),
            IpAddr::V6(address) => SocketAddrV6::new(address, port, 0, target.scope).into(),
        };
        Ok(Self { own, monitors, pings, probes_at: at(port), monitors_at: at(monitors_port) })
    }
}

fn own(target: &Target) -> io::Result<UdpSocket> {
    let socket = socket(target.to)?;
    match target.to {
        IpAddr::V4(_) => socket.set_broadcast(true)?,
        IpAddr::V6(_) => {
            socket.set_multicast_if_v6(target.scope)?;
            // Other monitors of this host hear it too.
            socket.set_multicast_loop_v6(true)?;
        }
    }
    socket.bind(&SocketAddr::from((target.from, 0)).into())?;
    count_drops(&socket);
    Ok(socket.into())
}

/// A socket that hears what is sent to all, and nothing that is sent to this host alone: on Linux that is what binding to
/// the broadcast address or the group means.
fn ear(target: &Target, port: u16) -> io::Result<UdpSocket> {
    let socket = socket(target.to)?;
    socket.set_reuse_address(true)?;
    let address = match target.to {
        IpAddr::V4(address) => SocketAddr::from((address, port)),
        IpAddr::V6(address) => {
            socket.join_multicast_v6(&address, target.scope)?;
            SocketAddrV6::new(address, port, 0, target.scope).into()
        }
    };
    socket.bind(&address.into())?;
    count_drops(&socket);
    Ok(socket.into())
}

/// Has the kernel say with each datagram how many it has dropped. Where it does not, none are counted.
fn count_drops(socket: &impl AsFd) {
    let _ = setsockopt(socket, RxqOvfl, &1);
}

/// Takes a datagram: its length, who sent it, and how many the kernel has dropped since the socket was opened.
pub(crate) fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(usize, IpAddr, Option<u32>)> {
    let (mut parts, mut said) = ([IoSliceMut::new(buffer)], cmsg_space!(u32));
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut said), MsgFlags::empty())?;
    let v4 = |from: SockaddrStorage| from.as_sockaddr_in().map(|address| IpAddr::from(address.ip()));
    let v6 = |from: SockaddrStorage| from.as_sockaddr_in6().map(|address| IpAddr::from(address.ip()));
    let from = message.address.and_then(|from| v4(from).or_else(|| v6(from)));
    let from = from.ok_or(io::ErrorKind::InvalidData)?;
    let dropped = message.cmsgs()?.find_map(|said| match said {
        ControlMessageOwned::RxqOvfl(dropped) => Some(dropped),
        _ => None,
    });
    Ok((message.bytes, from, dropped))
}

/// The socket of a probe: an address of this host, all of them, or an IPv6 group with its interface.
pub(crate) fn probe(listen: &str, port: u16) -> Result<UdpSocket, String> {
    let told = |e: io::Error| format!("{listen} port {port} cannot be heard: {e}");
    if let Ok(address) = listen.parse::<Ipv4Addr>() {
        let socket = socket(address.into()).map_err(told)?;
        socket.set_reuse_address(true).map_err(told)?;
        socket.bind(&SocketAddr::from((address, port)).into()).map_err(told)?;
        return Ok(socket.into());
    }
    let (address, scope) = scoped(listen)?;
    let socket = socket(address.into()).map_err(told)?;
    socket.set_reuse_address(true).map_err(told)?;
    let bound = if address.is_multicast() {
        socket.join_multicast_v6(&address, scope).map_err(told)?;
        SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0)
    } else {
        SocketAddrV6::new(address, port, 0, scope)
    };
    socket.bind(&SocketAddr::from(bound).into()).map_err(told)?;
    Ok(socket.into())
}

fn socket(of: IpAddr) -> io::Result<Socket> {
    let domain = if of.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if of.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    // With less, more is lost when many answer at once.
    let _ = socket.set_recv_buffer_size(RECEIVE_BYTES);
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_drops_is_told() {
        let to = Ipv4Addr::LOCALHOST.into();
        let target = Target { name: String::new(), to, scope: 0, from: to, ranges: Vec::new() };
        let small = own(&target).unwrap();
        socket2::SockRef::from(&small).set_recv_buffer_size(4096).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let send = |text: &[u8]| sender.send_to(text, small.local_addr().unwrap()).unwrap();
        for _ in 0..200 {
            send(&[7; 500]);
        }
        let mut buffer = [0; 1000];
        let mut came = 0;
        while let Ok((len, from, _)) = receive(&small, &mut buffer) {
            assert_eq!((len, from), (500, to));
            came += 1;
        }
        send(b"last");
        let (len, _, dropped) = receive(&small, &mut buffer).unwrap();
        assert_eq!((len, dropped), (4, Some(200 - came)));
    }
}
