//! Connecting to a name with several addresses (RFC 8305): they set out one after the other a quarter of a second apart,
//! or at once when the one before has failed, and the first to arrive wins. So an address that swallows everything, as a
//! broken IPv6 does, costs a quarter of a second and not the whole limit.

use super::{Liveness, supervise};
use crate::{Error, Interrupt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Head start of an address before the next one.
const STAGGER: Duration = Duration::from_millis(250);
/// How long a wait may take before it is seen that we are to stop.
const SLICE: Duration = Duration::from_millis(100);

/// A connection being made.
struct Runner {
    address: SocketAddr,
    socket: Socket,
    deadline: Instant,
}

/// Connects to the first address that answers, each within `timeout`.
pub(crate) fn connect(
    addresses: &[SocketAddr],
    timeout: Duration,
    liveness: &Liveness,
    interrupt: &Interrupt,
) -> Result<TcpStream, Error> {
    let mut race =
        Race { waiting: addresses, running: Vec::new(), failures: Vec::new(), next: Instant::now() };
    loop {
        if interrupt.is_given_up() {
            return Err(Error::Interrupted);
        }
        if let Some(socket) = race.step(timeout) {
            socket.set_nonblocking(false)?;
            let socket = TcpStream::from(socket);
            supervise(&socket, liveness)?;
            interrupt.watch(&socket)?;
            return Ok(socket);
        }
        if race.is_over() {
            return Err(Error::Connect(format!("no connection to {}", race.failures.join(", "))));
        }
    }
}

struct Race<'a> {
    waiting: &'a [SocketAddr],
    running: Vec<Runner>,
    failures: Vec<String>,
    /// When the next one sets out.
    next: Instant,
}

impl Race<'_> {
    fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    /// Lets the next one set out if it is time, and waits a little for one to arrive.
    fn step(&mut self, timeout: Duration) -> Option<Socket> {
        let now = Instant::now();
        if (now >= self.next || self.running.is_empty())
            && let Some((address, rest)) = self.waiting.split_first()
        {
            self.waiting = rest;
            self.next = now + STAGGER;
            match set_out(*address) {
                Ok(socket) => {
                    self.running.push(Runner { address: *address, socket, deadline: now + timeout })
                }
                Err(e) => self.fail(*address, &e),
            }
        }
        if self.running.is_empty() {
            return None;
        }
        let until = if self.waiting.is_empty() { now + SLICE } else { self.next.min(now + SLICE) };
        self.wait(until.saturating_duration_since(now));
        self.look(Instant::now())
    }

    /// Waits until one of those under way has arrived or failed.
    fn wait(&self, duration: Duration) {
        let mut ready: Vec<_> =
            self.running.iter().map(|runner| PollFd::new(&runner.socket, PollFlags::OUT)).collect();
        let timeout =
            Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) as _ };
        // Interrupted or not, all are looked at afterwards.
        let _ = poll(&mut ready, Some(&timeout));
    }

    /// The first that has arrived; those that failed or take too long are out.
    fn look(&mut self, now: Instant) -> Option<Socket> {
        let mut at = 0;
        while at < self.running.len() {
            let runner = &self.running[at];
            let failed = match arrived(&runner.socket) {
                Ok(true) => return Some(self.running.swap_remove(at).socket),
                Ok(false) if now < runner.deadline => None,
                Ok(false) => Some(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
                Err(e) => Some(e),
            };
            match failed {
                Some(e) => {
                    let runner = self.running.remove(at);
                    self.fail(runner.address, &e);
                    self.next = now;
                }
                None => at += 1,
            }
        }
        None
    }

    fn fail(&mut self, address: SocketAddr, error: &io::Error) {
        self.failures.push(format!("{address}: {error}"));
    }
}

fn set_out(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Err(e) if e.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => Err(e),
        _ => Ok(socket),
    }
}

/// Whether the connection is there; an error when it will not be.
fn arrived(socket: &Socket) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    Ok(socket.peer_addr().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::SockRef;
    use std::net::TcpListener;

    const SECOND: Duration = Duration::from_secs(1);

    fn closed() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    /// An address that takes no more connections: its queue is full.
    fn swallowing() -> (Socket, Vec<TcpStream>, SocketAddr) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let fill = || TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok();
        let filled = std::iter::from_fn(fill).collect();
        (socket, filled, address)
    }

    #[test]
    fn the_limit_on_transfers_is_long_where_tcp_is_on_watch_and_short_where_it_cannot_be() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let limit = |liveness: &Liveness| {
            let socket = connect(&[address], 5 * SECOND, liveness, &Interrupt::default()).unwrap();
            (socket.read_timeout().unwrap(), socket.write_timeout().unwrap())
        };
        let usual = Liveness::default();
        assert_eq!(limit(&usual), (Some(usual.transfer), Some(usual.transfer)));
        assert!(usual.transfer > 4 * 60 * SECOND, "a server may be slow for minutes");
        // More probes than a kernel takes stand for one that knows none of it.
        let refused = Liveness { probes: 100_000, ..usual };
        assert_eq!(limit(&refused), (Some(usual.transfer_unwatched), Some(usual.transfer_unwatched)));
    }

    #[test]
    fn a_connection_is_watched_in_both_ways() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let socket = connect(&[address], 5 * SECOND, &Liveness::default(), &Interrupt::default()).unwrap();
        let options = SockRef::from(&socket);
        assert!(options.keepalive().unwrap() && socket.nodelay().unwrap() && !options.nonblocking().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), SECOND);
        assert_eq!(options.tcp_keepalive_interval().unwrap(), SECOND);
        assert_eq!(options.tcp_keepalive_retries().unwrap(), 3);
        #[cfg(target_os = "linux")]
        assert_eq!(options.tcp_user_timeout().unwrap(), Some(4 * SECOND));
    }

    #[test]
    fn the_next_address_is_tried_at_once_and_all_failures_are_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let (closed, liveness) = (closed(), Liveness::default());
        let start = Instant::now();
        assert!(connect(&[closed, open], SECOND, &liveness, &Interrupt::default()).is_ok());
        assert!(start.elapsed() < STAGGER);
        let error = connect(&[closed], SECOND, &liveness, &Interrupt::default()).unwrap_err();
        assert!(error.to_string().contains(&closed.to_string()) && error.to_string().contains("refused"));
    }

    #[test]
    fn an_address_that_swallows_everything_costs_a_head_start_only() {
        let (_listening, _filled, swallowing) = swallowing();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let (liveness, interrupt) = (Liveness::default(), Interrupt::default());
        let start = Instant::now();
        let socket = connect(&[swallowing, open], 20 * SECOND, &liveness, &interrupt).unwrap();
        assert_eq!(socket.peer_addr().unwrap(), open);
        assert!(start.elapsed() < 5 * SECOND, "{:?}", start.elapsed());
        let error = connect(&[swallowing], SECOND / 4, &liveness, &interrupt).unwrap_err();
        assert!(error.to_string().contains("no answer in time"), "{error}");
    }

    #[test]
    fn another_thread_can_end_the_race() {
        let (_listening, _filled, swallowing) = swallowing();
        let interrupt = Interrupt::default();
        let theirs = interrupt.clone();
        let racing =
            std::thread::spawn(move || connect(&[swallowing], 600 * SECOND, &Liveness::default(), &theirs));
        interrupt.interrupt();
        assert!(matches!(racing.join().unwrap(), Err(Error::Interrupted)));
    }
}
