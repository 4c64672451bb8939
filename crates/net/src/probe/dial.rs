//! The first phases: from a name to a connection.

use super::{Failure, Peer, Phase, Secure, Surroundings, Watch, link::Link};
use crate::stream::Stream;
use crate::{Error, Interrupt, Patience};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a wait may take before it is seen that we are to stop.
const SLICE: Duration = Duration::from_millis(100);

/// Which addresses of a name are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// All, in the order of the resolver.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// Whom to reach.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// A name or an address.
    pub host: &'a str,
    /// Where it listens.
    pub port: u16,
    /// Where it is said to be; then nobody is asked for the name.
    pub address: Option<IpAddr>,
    /// Which addresses of the name are used.
    pub family: Family,
}

impl Target<'_> {
    /// Its addresses, at least one.
    ///
    /// # Errors
    /// When there is none or nobody answered in time.
    pub fn addresses(&self, around: Surroundings<'_>, watch: &mut Watch) -> Result<Vec<SocketAddr>, Failure> {
        if let Some(address) = self.address.or_else(|| self.host.parse().ok()) {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        watch.begin(Phase::Dns);
        let patience = Patience { interrupt: around.interrupt, deadline: Some(watch.deadline()) };
        let found = around.resolver.resolve(self.host, self.port, patience).map_err(|e| match e {
            Error::Resolve(_) if Instant::now() >= watch.deadline() => watch.late(),
            error => watch.failed(error),
        })?;
        watch.end()?;
        let fits = |address: &SocketAddr| match self.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        };
        let fitting: Vec<SocketAddr> = found.into_iter().filter(fits).collect();
        if fitting.is_empty() {
            let family = if self.family == Family::V4 { "IPv4" } else { "IPv6" };
            return Err(watch.failed(Error::Resolve(format!("`{}` has no {family} address", self.host))));
        }
        Ok(fitting)
    }
}

impl Link {
    /// Resolves, connects, and shakes hands where `secure` says so. What the server showed goes into `peer` also when
    /// the handshake fails.
    ///
    /// # Errors
    /// When a phase fails or takes too long.
    pub fn dial(
        around: Surroundings<'_>,
        target: &Target<'_>,
        secure: Option<&Secure<'_>>,
        peer: &mut Peer,
        watch: &mut Watch,
    ) -> Result<Self, Failure> {
        let addresses = target.addresses(around, watch)?;
        watch.begin(Phase::Connect);
        let (socket, address) = connect(&addresses, around.interrupt, watch)?;
        watch.end()?;
        let stream = match secure {
            // The handle lives longer and must not keep a connection open that came to nothing.
            Some(secure) => shake_hands(socket, secure, peer, around.interrupt, watch)
                .inspect_err(|_| around.interrupt.forget())?,
            None => Stream::Plain(socket),
        };
        Ok(Self::new(stream, address, around.interrupt.clone()))
    }
}

/// Connects to the first address that answers. Each gets its share of the time left, so that one that swallows packets
/// does not hide the next.
fn connect(
    addresses: &[SocketAddr],
    interrupt: &Interrupt,
    watch: &Watch,
) -> Result<(TcpStream, SocketAddr), Failure> {
    let mut failures = Vec::new();
    let mut is_late = true;
    for (at, address) in addresses.iter().enumerate() {
        let left = watch.deadline().saturating_duration_since(Instant::now());
        let share = left / (addresses.len() - at) as u32;
        match connect_one(*address, Instant::now() + share, interrupt) {
            Ok(Some(socket)) => {
                interrupt.watch(&socket).map_err(|e| watch.failed(e))?;
                return Ok((socket, *address));
            }
            Ok(None) if interrupt.is_given_up() => return Err(watch.failed(Error::Interrupted)),
            Ok(None) => failures.push(format!("{address}: no answer")),
            Err(e) => {
                is_late &= e.kind() == io::ErrorKind::TimedOut;
                failures.push(format!("{address}: {e}"));
            }
        }
    }
    if is_late {
        return Err(watch.late());
    }
    Err(watch.failed(Error::Connect(format!("no connection to {}", failures.join(", ")))))
}

/// `None` when time ran out or we are to stop.
fn connect_one(
    address: SocketAddr,
    deadline: Instant,
    interrupt: &Interrupt,
) -> io::Result<Option<TcpStream>> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Err(e) if e.raw_os_error() == Some(Errno::INPROGRESS.raw_os_error()) => {
            if !wait_writable(&socket, deadline, interrupt)? {
                return Ok(None);
            }
            if let Some(e) = socket.take_error()? {
                return Err(e);
            }
        }
        other => other?,
    }
    socket.set_nonblocking(false)?;
    socket.set_tcp_nodelay(true)?;
    Ok(Some(socket.into()))
}

fn wait_writable(socket: &Socket, deadline: Instant, interrupt: &Interrupt) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || interrupt.is_given_up() {
            return Ok(false);
        }
        let slice = left.min(SLICE);
        // A fraction of a millisecond must not become a busy loop, nor a wait without end.
        let wait = Timespec { tv_sec: 0, tv_nsec: slice.subsec_nanos().max(100_000).into() };
        let mut fds = [PollFd::new(socket, PollFlags::OUT)];
        match poll(&mut fds, Some(&wait)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(e) => return Err(e.into()),
        }
    }
}

#[cfg(feature = "tls")]
fn shake_hands(
    socket: TcpStream,
    secure: &Secure<'_>,
    peer: &mut Peer,
    interrupt: &Interrupt,
    watch: &mut Watch,
) -> Result<Stream, Failure> {
    watch.begin(Phase::Tls);
    let stream = crate::tls::inspect(socket, secure, watch.deadline(), peer);
    match stream {
        Err(_) if interrupt.is_given_up() => Err(watch.failed(Error::Interrupted)),
        Err(e) => Err(watch.failed(e)),
        Ok(None) => Err(watch.late()),
        Ok(Some(stream)) => watch.end().map(|()| stream),
    }
}

#[cfg(not(feature = "tls"))]
fn shake_hands(
    _: TcpStream,
    _: &Secure<'_>,
    _: &mut Peer,
    _: &Interrupt,
    watch: &mut Watch,
) -> Result<Stream, Failure> {
    watch.begin(Phase::Tls);
    Err(watch.failed(Error::Tls("this program was built without TLS".into())))
}
