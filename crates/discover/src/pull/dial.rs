//! Getting a connection to a service: over TCP or a unix socket, seen from where the service is.

use super::link::Wire;
use super::target::{Address, Place};
use super::{Error, Target};
use net::dns::Resolver;
use net::{Interrupt, Patience, Resolve};
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stdx::elsewhere::{elsewhere, enter_network};

/// Longest path of a socket the system takes, in bytes.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// Gives connections. A seam: tests and fuzz targets play what a service once said.
pub trait Dial: Send {
    /// A new connection to `address` of `target`.
    ///
    /// # Errors
    /// [`Error::Connect`] with what was tried.
    fn dial(&mut self, target: &Target, address: &Address, deadline: Instant)
    -> Result<Box<dyn Wire>, Error>;
}

/// The real network.
#[derive(Debug, Default)]
pub struct Network;

impl Dial for Network {
    fn dial(
        &mut self,
        target: &Target,
        address: &Address,
        deadline: Instant,
    ) -> Result<Box<dyn Wire>, Error> {
        let place = &target.place;
        match address {
            Address::Path(path) => open(place, path, deadline).map_err(|e| refused_path(path, place, &e)),
            Address::Tcp(host, port) => {
                let interrupt = Interrupt::default();
                let patience = Patience { interrupt: &interrupt, deadline: Some(deadline) };
                let addresses = Resolver::system().resolve(host, *port, patience)?;
                let mut outcome = Err(Error::Late);
                for address in addresses {
                    outcome = tcp(place, address, deadline)
                        .map(|stream| Box::new(stream) as Box<dyn Wire>)
                        .map_err(|e| Error::Connect(format!("{address}: {e}")));
                    if outcome.is_ok() {
                        break;
                    }
                }
                outcome
            }
        }
    }
}

fn refused_path(path: &Path, place: &Place, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied if place.user.is_none() => {
            "; add the agent's user to the group of the socket, or run the agent as root"
        }
        io::ErrorKind::ConnectionRefused => "; the file is there but nobody listens",
        _ => "",
    };
    Error::Connect(format!("{}: {error}{hint}", path.display()))
}

fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn tcp(place: &Place, address: SocketAddr, deadline: Instant) -> io::Result<TcpStream> {
    let domain = if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let create = || Socket::new(domain, Type::STREAM, None);
    // A socket belongs to the network it was created in for ever; only that moment has to be spent there.
    let socket = match &place.network {
        Some(network) => elsewhere(|| enter(network).and_then(|()| create()))?,
        None => create()?,
    };
    socket.connect_timeout(&address.into(), remaining(deadline)?)?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket.into())
}

fn enter(network: &Path) -> io::Result<()> {
    enter_network(&File::open(network)?).map_err(|e| {
        let why = format!("the network of its container may not be entered ({e}); it takes CAP_SYS_ADMIN");
        io::Error::new(io::ErrorKind::PermissionDenied, why)
    })
}

/// Opens a unix socket or a plain file below the place's root.
fn open(place: &Place, path: &Path, deadline: Instant) -> io::Result<Box<dyn Wire>> {
    if let Some(name) = path.to_str().and_then(|path| path.strip_prefix('@')) {
        return Ok(Box::new(nowhere(place, name, deadline)?));
    }
    let path = below(&place.root, path);
    if !std::fs::metadata(&path)?.file_type().is_socket() {
        return Ok(Box::new(File::open(path)?));
    }
    // Another user may not be allowed to look through our way to the root, so the way is walked before.
    let (_folder, short) = shorten(&path)?;
    let connect = || unix(&short, deadline);
    let stream = match place.user {
        Some(user) if rustix::process::geteuid().is_root() => {
            elsewhere(|| become_user(user).and_then(|()| connect()))?
        }
        _ => connect()?,
    };
    Ok(Box::new(stream))
}

/// `path` as seen from here.
pub(super) fn below(root: &Path, path: &Path) -> PathBuf {
    if root.as_os_str().is_empty() {
        return path.to_owned();
    }
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// A path through the open folder where the whole one is longer than an address may be; the folder must stay open.
fn shorten(path: &Path) -> io::Result<(Option<File>, PathBuf)> {
    let is_short = path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX;
    let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), is_short) else {
        return Ok((None, path.to_owned()));
    };
    let folder = File::open(folder)?;
    let number = std::os::fd::AsRawFd::as_raw_fd(&folder);
    let short = Path::new("/proc/self/fd").join(number.to_string()).join(name);
    Ok((Some(folder), short))
}

fn unix(path: &Path, deadline: Instant) -> io::Result<UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A unix socket whose queue is full lets its callers wait for as long as they would for a write.
    socket.set_write_timeout(Some(remaining(deadline)?))?;
    socket.connect(&SockAddr::unix(path)?)?;
    Ok(socket.into())
}

/// A socket in the abstract name space is no file, and belongs to a network as ports do.
fn nowhere(place: &Place, name: &str, deadline: Instant) -> io::Result<UnixStream> {
    let path = PathBuf::from(format!("\0{name}"));
    match &place.network {
        Some(network) => elsewhere(|| enter(network).and_then(|()| unix(&path, deadline))),
        None => unix(&path, deadline),
    }
}

/// Makes this thread a user to whom a service on a unix socket may be more open. The peer's credentials are taken at the
/// moment of connecting, and are the effective ones.
fn become_user((user, group): (u32, u32)) -> io::Result<()> {
    let (user, group) = (rustix::thread::Uid::from_raw(user), rustix::thread::Gid::from_raw(group));
    rustix::thread::set_thread_groups(&[group])?;
    rustix::thread::set_thread_res_gid(None, group, None)?;
    rustix::thread::set_thread_res_uid(None, user, None)?;
    Ok(())
}
