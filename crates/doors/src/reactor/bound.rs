//! The sockets of a door.

use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the kernel may keep of datagrams that we did not take yet, in bytes; less where it allows less.
const RECEIVE_BYTES: usize = 4 << 20;
/// What the kernel counts for a small datagram, in bytes.
const DATAGRAM_BYTES: usize = 1280;
/// How many of them a second must not be lost during a pause.
const DATAGRAMS_A_SECOND: usize = 1_000_000;
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(1);
/// Who may write to a socket in the file system: everybody on this host, as with a port.
const SOCKET_MODE: u32 = 0o666;

/// Where a door listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) udp: Option<SocketAddr>,
    pub(crate) tcp: Option<SocketAddr>,
    /// A socket for datagrams in the file system.
    pub(crate) unix: Option<PathBuf>,
}

/// An address that cannot be had, and why.
#[derive(Debug)]
pub(crate) struct BindError {
    what: String,
    why: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, why } = self;
        match why.kind() {
            ErrorKind::AddrInUse => {
                write!(f, "{what} is taken: another program listens there; it is tried again")
            }
            ErrorKind::AddrNotAvailable => write!(f, "{what} is no address of this host"),
            ErrorKind::PermissionDenied => write!(f, "{what} may not be used by this user"),
            _ => write!(f, "{what}: {why}"),
        }
    }
}

/// Sockets that listen.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    pub(crate) udp: Option<UdpSocket>,
    pub(crate) tcp: Option<TcpListener>,
    pub(crate) unix: Option<UnixDatagram>,
    path: Option<PathBuf>,
    /// Lost datagrams that were told already.
    lost_told: u64,
    pause: Duration,
}

impl Bound {
    /// Takes all addresses or none.
    pub(crate) fn bind(addresses: &Addresses) -> Result<Self, BindError> {
        let udp = addresses.udp.map(|address| named(format!("UDP {address}"), udp(address))).transpose()?;
        let tcp = addresses.tcp.map(|address| named(format!("TCP {address}"), tcp(address))).transpose()?;
        let path = addresses.unix.clone();
        let unix = path.as_deref().map(|path| named(path.display().to_string(), unix(path))).transpose()?;
        let pause = udp.as_ref().map_or(Duration::ZERO, pause);
        Ok(Self { udp, tcp, unix, path, lost_told: 0, pause })
    }

    /// How long datagrams may wait in the kernel without being lost, even when they come fast.
    pub(crate) fn pause(&self) -> Duration {
        self.pause
    }

    /// Where it really listens, ports that were left to the kernel included.
    pub(crate) fn addresses(&self) -> Addresses {
        Addresses {
            udp: self.udp.as_ref().and_then(|socket| socket.local_addr().ok()),
            tcp: self.tcp.as_ref().and_then(|socket| socket.local_addr().ok()),
            unix: self.path.clone(),
        }
    }

    /// Datagrams that the kernel threw away since the last call because we were too slow.
    pub(crate) fn lost_datagrams(&mut self) -> u64 {
        let Some(socket) = &self.udp else { return 0 };
        let Some(inode) = inode(socket) else { return 0 };
        let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"];
        let lost =
            tables.iter().find_map(|table| drops(&fs::read_to_string(table).ok()?, inode)).unwrap_or(0);
        let new = lost.saturating_sub(self.lost_told);
        self.lost_told = self.lost_told.max(lost);
        new
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

fn named<T>(what: String, bound: io::Result<T>) -> Result<T, BindError> {
    bound.map_err(|why| BindError { what, why })
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    // What is sent to a group arrives where somebody has joined it; the kernel chooses the interface by its routes.
    match address.ip() {
        IpAddr::V4(group) if group.is_multicast() => {
            socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)?
        }
        IpAddr::V6(group) if group.is_multicast() => socket.join_multicast_v6(&group, 0)?,
        _ => {}
    }
    socket.set_nonblocking(true)?;
    widen(&socket);
    Ok(socket)
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn unix(path: &Path) -> io::Result<UnixDatagram> {
    // What a program left behind that did not end in order is in the way; what somebody listens on is not ours.
    if fs::metadata(path).is_ok_and(|meta| meta.file_type().is_socket()) {
        match UnixDatagram::unbound()?.connect(path) {
            Ok(()) => return Err(ErrorKind::AddrInUse.into()),
            Err(_) => fs::remove_file(path)?,
        }
    }
    let socket = UnixDatagram::bind(path)?;
    socket.set_nonblocking(true)?;
    fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
    widen(&socket);
    Ok(socket)
}

/// Asks for room for bursts; with less, more is lost in them, and that is counted.
fn widen(socket: &impl AsFd) {
    if setsockopt(socket, sockopt::RcvBufForce, &RECEIVE_BYTES).is_err() {
        let _ = setsockopt(socket, sockopt::RcvBuf, &RECEIVE_BYTES);
    }
}

fn pause(socket: &UdpSocket) -> Duration {
    let room = getsockopt(socket, sockopt::RcvBuf).unwrap_or(0) / DATAGRAM_BYTES;
    Duration::from_micros((room * 1_000_000 / DATAGRAMS_A_SECOND) as u64).min(PAUSE_MAX)
}

fn inode(socket: &UdpSocket) -> Option<u64> {
    let file = fs::File::from(socket.as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok().map(|meta| meta.ino())
}

/// The last column of the socket's line in the kernel's table (proc_net_udp: inode is the tenth).
fn drops(table: &str, inode: u64) -> Option<u64> {
    let inode = inode.to_string();
    let line = table.lines().find(|line| line.split_ascii_whitespace().nth(9) == Some(&inode))?;
    line.split_ascii_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_datagrams_are_found_in_the_kernels_table() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
             3512: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48211 2 0000000000000000 17\n";
        assert_eq!(drops(table, 48211), Some(17));
        assert_eq!(drops(table, 4821), None);
    }

    #[test]
    fn a_taken_address_is_told_in_words() {
        let first =
            Bound::bind(&Addresses { udp: "127.0.0.1:0".parse().ok(), ..Addresses::default() }).unwrap();
        let error = Bound::bind(&first.addresses()).unwrap_err().to_string();
        assert!(error.contains("is taken: another program listens there"), "{error}");
    }

    #[test]
    fn a_socket_that_was_left_behind_is_replaced_and_one_in_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let addresses = Addresses { unix: Some(folder.path().join("statsd.sock")), ..Addresses::default() };
        drop(UnixDatagram::bind(addresses.unix.as_deref().unwrap()).unwrap());
        let bound = Bound::bind(&addresses).unwrap();
        assert!(Bound::bind(&addresses).unwrap_err().to_string().contains("is taken"));
        drop(bound);
        assert!(!addresses.unix.unwrap().exists());
    }
}
