//! The thread of a door: waits for sockets, hands what arrives to the service, and calls it when its time has come.
//! One thread and one buffer serve all connections; a connection at rest costs its descriptor and a few hundred bytes.

mod bound;
mod connection;
mod datagrams;

pub(crate) use bound::{Addresses, Bound};

use crate::service::{Next, Service};
use crate::status::Status;
use crate::telemetry::Counters;
use connection::{Connection, State};
use datagrams::Arena;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::Clock;

const STOP: u64 = 0;
const UDP: u64 = 1;
const UNIX: u64 = 2;
const TCP: u64 = 3;
/// Connections have numbers from here.
const FIRST_CONNECTION: u64 = 8;

/// Longest wait while nobody is connected: the service and its standing are looked at so often at least.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Longest wait while somebody is: limits of time are kept that precisely.
const WAIT_MAX_CONNECTED: Duration = Duration::from_secs(1);
/// How much is read from a connection at once, in bytes.
const READ_BYTES: usize = 16 * 1024;
/// How many full bursts of datagrams are taken before others have their turn.
const BURSTS_MAX: usize = 64;
/// From so many datagrams at once a flow is taken for steady: then a little is waited before the next look, because to be
/// woken for each costs more than to take it.
const STEADY: u64 = 8;
/// How often a busy door says how it stands, and how often it asks the kernel what was lost.
const TELL_EVERY: Duration = Duration::from_secs(1);
const LOST_EVERY: Duration = Duration::from_secs(10);
/// How often connections are looked at whose time may be over.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often a service that can take nothing is asked again.
const FULL_PAUSE: Duration = Duration::from_millis(50);
/// How long a connection is silent before the kernel asks whether the other side is still there.
const KEEPALIVE_S: u32 = 60;
/// How long no connection is accepted when the process has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A door at work.
pub(crate) struct Reactor<S: Service> {
    service: S,
    clock: Arc<dyn Clock>,
    counters: &'static Counters,
    status: Arc<Status>,
    epoll: Epoll,
    bound: Bound,
    arena: Option<Arena>,
    stop: UnixStream,
    connections: Vec<Option<Connection<S::Session>>>,
    /// Places of connections that ended.
    free: Vec<usize>,
    open: usize,
    swept: Instant,
    buffer: Vec<u8>,
    told: Instant,
    looked: Instant,
    /// Datagrams that were lost before the last look.
    lost: u64,
}

impl<S: Service> Reactor<S> {
    /// Gets ready; `stop` is readable when it is time to end.
    pub(crate) fn new(
        service: S,
        bound: Bound,
        stop: &UnixStream,
        clock: Arc<dyn Clock>,
        counters: &'static Counters,
        status: Arc<Status>,
    ) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let add = |fd: &dyn AsFd, token| epoll.add(fd.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, token));
        add(&stop, STOP)?;
        bound.udp.iter().try_for_each(|socket| add(socket, UDP))?;
        bound.unix.iter().try_for_each(|socket| add(socket, UNIX))?;
        bound.tcp.iter().try_for_each(|socket| add(socket, TCP))?;
        let takes_datagrams = bound.udp.is_some() || bound.unix.is_some();
        let arena = takes_datagrams.then(Arena::new);
        Ok(Self {
            service,
            clock,
            counters,
            status,
            epoll,
            bound,
            arena,
            stop: stop.try_clone()?,
            connections: Vec::new(),
            free: Vec::new(),
            open: 0,
            swept: Instant::now(),
            buffer: Vec::new(),
            told: Instant::now() - TELL_EVERY,
            looked: Instant::now(),
            lost: 0,
        })
    }

    /// Works until told to stop.
    pub(crate) fn run(mut self) {
        let mut events = [EpollEvent::empty(); 32];
        'work: loop {
            let now_ms = self.clock.now_ms();
            let next_ms = self.service.tick(now_ms);
            self.sweep();
            self.tell();
            let count = self.epoll.wait(&mut events, self.patience(now_ms, next_ms)).unwrap_or(0);
            for event in &events[..count] {
                match event.data() {
                    STOP => break 'work,
                    UDP | UNIX => self.datagrams(event.data()),
                    TCP => self.accept(),
                    token => self.connection((token - FIRST_CONNECTION) as usize, event.events()),
                }
            }
            if count > 0 {
                self.service.rest(self.clock.now_ms());
            }
            if !self.wait_for_room() {
                break;
            }
        }
        for connection in std::mem::take(&mut self.connections).into_iter().flatten() {
            self.service.close(connection.session);
        }
        self.service.stop(self.clock.now_ms());
        self.counters.connections.set(0.0);
    }

    /// Waits while the service can take nothing; `false` when it is time to stop. Nothing is read meanwhile, so senders
    /// wait too, and the time does not count as theirs.
    fn wait_for_room(&mut self) -> bool {
        if !self.service.is_full() {
            return true;
        }
        let since = Instant::now();
        while self.service.is_full() {
            if self.stop.set_read_timeout(Some(FULL_PAUSE)).is_err() || !is_silent(&self.stop) {
                return false;
            }
            self.service.tick(self.clock.now_ms());
            self.tell();
        }
        let pause = since.elapsed();
        for connection in self.connections.iter_mut().flatten() {
            connection.excuse(pause);
        }
        true
    }

    fn patience(&self, now_ms: i64, next_ms: Option<i64>) -> EpollTimeout {
        let longest = if self.open > 0 { WAIT_MAX_CONNECTED } else { WAIT_MAX };
        let wanted = next_ms.map_or(longest, |next| Duration::from_millis((next - now_ms).max(0) as u64));
        // The kernel may wake us a little early; one millisecond more saves a round without work.
        EpollTimeout::try_from(wanted.min(longest) + Duration::from_millis(1)).unwrap_or(EpollTimeout::ZERO)
    }

    fn tell(&mut self) {
        if self.told.elapsed() < TELL_EVERY {
            return;
        }
        self.told = Instant::now();
        if self.looked.elapsed() >= LOST_EVERY {
            self.looked = self.told;
            self.lost = self.bound.lost_datagrams();
            self.counters.datagrams_lost.add(self.lost);
        }
        self.status.set(self.service.told(), self.lost);
    }

    fn datagrams(&mut self, token: u64) {
        let Some(arena) = &mut self.arena else { return };
        let mut count = 0;
        for _ in 0..BURSTS_MAX {
            let service = &mut self.service;
            let taken = match token {
                UDP => self
                    .bound
                    .udp
                    .as_ref()
                    .map(|s| arena.receive(s, |bytes, peer| service.datagram(bytes, peer))),
                _ => self
                    .bound
                    .unix
                    .as_ref()
                    .map(|s| arena.receive(s, |bytes, peer| service.datagram(bytes, peer))),
            };
            match taken {
                Some(Ok(burst)) => {
                    self.counters.datagrams_cut.add(burst.cut);
                    count += burst.count;
                    if !burst.is_full {
                        break;
                    }
                }
                // An error of a datagram socket is about one datagram; the next look shows whether it stays.
                _ => break,
            }
        }
        if count >= STEADY && count < (BURSTS_MAX * datagrams::DATAGRAMS) as u64 {
            std::thread::sleep(self.bound.pause());
        }
    }

    fn accept(&mut self) {
        let Some(listener) = &self.bound.tcp else { return };
        match listener.accept() {
            Ok((stream, peer)) => {
                if self.open >= S::LIMITS.connections_max {
                    self.counters.connections_refused.add(1);
                    return;
                }
                // Senders that lost their power say no goodbye; without the kernel's questions they would stay.
                let _ = setsockopt(&stream, sockopt::KeepAlive, &true);
                let _ = setsockopt(&stream, sockopt::TcpKeepIdle, &KEEPALIVE_S);
                if stream.set_nonblocking(true).is_ok() {
                    let mut greeting = Vec::new();
                    let session = self.service.open(Some(peer), &mut greeting);
                    self.welcome(Connection::new(stream, session, greeting));
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionAborted) => {}
            // No descriptors left, most likely: it stays readable, so wait a little instead of spinning.
            Err(_) => std::thread::sleep(ACCEPT_PAUSE),
        }
    }

    fn welcome(&mut self, mut connection: Connection<S::Session>) {
        let at = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        let event = EpollEvent::new(EpollFlags::EPOLLIN, FIRST_CONNECTION + at as u64);
        if self.epoll.add(&connection.stream, event).is_err() {
            self.free.push(at);
            return self.service.close(connection.session);
        }
        if connection.send().is_err() {
            connection.state = State::Ended;
        }
        self.connections[at] = Some(connection);
        self.open += 1;
        self.counters.connections_total.add(1);
        self.counters.connections.set(self.open as f64);
        self.settle(at);
    }

    /// Deals with an event of a connection.
    fn connection(&mut self, at: usize, events: EpollFlags) {
        let Some(Some(connection)) = self.connections.get_mut(at) else { return };
        let sent = if events.contains(EpollFlags::EPOLLOUT) { connection.send() } else { Ok(()) };
        // What is not yet sent must go before more is asked for.
        if sent.is_ok()
            && connection.out.is_empty()
            && events.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP)
        {
            self.buffer.resize(READ_BYTES, 0);
            match connection.stream.read(&mut self.buffer) {
                Ok(0) => connection.state = State::Ended,
                Ok(len) => take(&mut self.service, connection, &self.buffer[..len]),
                Err(e) if e.kind() == ErrorKind::WouldBlock || e.kind() == ErrorKind::Interrupted => {}
                Err(_) => connection.state = State::Ended,
            }
        }
        if sent.is_err() || (events.contains(EpollFlags::EPOLLERR) && connection.state != State::Lingering) {
            connection.state = State::Ended;
        }
        self.settle(at);
    }

    /// Ends a connection that is at its end, or waits for the right thing.
    fn settle(&mut self, at: usize) {
        let Some(Some(connection)) = self.connections.get_mut(at) else { return };
        if connection.state == State::Ended {
            return self.end(at);
        }
        let wanted = connection.wants();
        if wanted != connection.interest {
            let mut event = EpollEvent::new(wanted, FIRST_CONNECTION + at as u64);
            connection.interest = wanted;
            if self.epoll.modify(&connection.stream, &mut event).is_err() {
                self.end(at);
            }
        }
    }

    fn end(&mut self, at: usize) {
        let Some(connection) = self.connections.get_mut(at).and_then(Option::take) else { return };
        // Closing the descriptor takes it out of the set.
        self.service.close(connection.session);
        self.free.push(at);
        self.open -= 1;
        self.counters.connections.set(self.open as f64);
    }

    /// Ends connections that were silent or half through for too long.
    fn sweep(&mut self) {
        let now = Instant::now();
        if now.saturating_duration_since(self.swept) < S::LIMITS.partial.min(SWEEP_EVERY) {
            return;
        }
        self.swept = now;
        for at in 0..self.connections.len() {
            let over = self.connections[at].as_ref().is_some_and(|c| c.is_over(now, S::LIMITS));
            if over {
                self.counters.connections_expired.add(1);
                self.end(at);
            }
        }
        if self.open == 0 {
            self.buffer = Vec::new();
            self.connections = Vec::new();
            self.free = Vec::new();
        }
    }
}

/// Whether nothing was to be read from a socket for as long as its limit of time is.
fn is_silent(mut stream: &UnixStream) -> bool {
    matches!(
        stream.read(&mut [0]),
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
    )
}

/// Hands bytes of a connection to the service, and sends what it answers.
fn take<S: Service>(service: &mut S, connection: &mut Connection<S::Session>, bytes: &[u8]) {
    connection.last = Instant::now();
    if connection.state == State::Lingering {
        return;
    }
    let next = service.input(&mut connection.session, bytes, &mut connection.out);
    connection.half_since = match next {
        Next::Partial => connection.half_since.or(Some(connection.last)),
        Next::Idle | Next::Close => None,
    };
    if next == Next::Close {
        connection.state = State::Closing;
    }
    if connection.send().is_err() {
        connection.state = State::Ended;
    }
}

#[cfg(test)]
mod tests;
