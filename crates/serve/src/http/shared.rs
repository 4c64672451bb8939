//! What all threads of a server share.

use super::Options;
use super::connection::Connection;
use super::known::Known;
use super::room::Room;
use super::slab::Slab;
use super::turns::{Hand, Turns, Wake};
use super::watch::Alarm;
use crate::access::Access;
use crate::body::pool::Pool;
use crate::exchange::Service;
use crate::tls::Tls;
use http::HeaderMap;
use rustix::event::{EventfdFlags, epoll, eventfd};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// No time.
pub(super) const NEVER_MS: u64 = u64::MAX;

/// What epoll says of the listener, of a poke; connections have their tokens.
pub(super) const LISTENER: u64 = u64::MAX;
pub(super) const POKE: u64 = u64::MAX - 1;

/// See the module's text.
pub(super) struct Shared {
    pub(super) service: Arc<dyn Service>,
    pub(super) options: Options,
    pub(super) bodies: Arc<Pool>,
    pub(super) room: Arc<Room>,
    pub(super) access: RwLock<Access>,
    pub(super) tls: RwLock<Option<Tls>>,
    pub(super) known: Known,
    pub(super) alarm: Alarm,
    pub(super) epoll: OwnedFd,
    poke: OwnedFd,
    /// None once the server stops.
    pub(super) listener: Mutex<Option<TcpListener>>,
    turns: Mutex<Turns<Arc<Connection>>>,
    /// Threads that rest wait here.
    pub(super) work: Condvar,
    /// Whoever stops the server waits here for the last connection, then for the last thread.
    pub(super) ended: Condvar,
    connections: Mutex<Slab>,
    /// When streams are to go on, on the server's own clock, and their tokens.
    pub(super) beats: Mutex<BinaryHeap<Reverse<(u64, u64)>>>,
    /// Nothing is due before this time.
    pub(super) due_ms: AtomicU64,
    /// When to accept again after there was no descriptor.
    pub(super) accept_ms: AtomicU64,
    started: Instant,
    is_stopping: AtomicBool,
}

impl Shared {
    pub(super) fn new(
        listener: TcpListener,
        service: Arc<dyn Service>,
        options: Options,
    ) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let poke = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let flags = epoll::EventFlags::IN;
        epoll::add(&epoll, &listener, epoll::EventData::new_u64(LISTENER), flags)?;
        epoll::add(&epoll, &poke, epoll::EventData::new_u64(POKE), flags)?;
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            service,
            bodies: Arc::default(),
            room: Room::new(options.bodies_bytes_max),
            access: RwLock::new(options.access.clone()),
            tls: RwLock::new(options.tls.clone()),
            known: Known::nothing(),
            alarm: Alarm::new()?,
            epoll,
            poke,
            listener: Mutex::new(Some(listener)),
            turns: Mutex::new(Turns::new(options.calls_max, processors)),
            work: Condvar::new(),
            ended: Condvar::new(),
            connections: Mutex::new(Slab::default()),
            beats: Mutex::default(),
            due_ms: AtomicU64::new(NEVER_MS),
            accept_ms: AtomicU64::new(0),
            started: Instant::now(),
            is_stopping: AtomicBool::new(false),
            options,
        })
    }

    /// Milliseconds on the server's own clock.
    pub(super) fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    pub(super) fn turns(&self) -> MutexGuard<'_, Turns<Arc<Connection>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connections(&self) -> MutexGuard<'_, Slab> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn allows(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        self.access.read().unwrap_or_else(PoisonError::into_inner).allows(peer, headers)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Has the one that leads look at what is new.
    pub(super) fn poke(&self) {
        // It fails when there are 2^64 pokes that nobody looked at.
        let _ = rustix::io::write(&self.poke, &1_u64.to_ne_bytes());
    }

    pub(super) fn take_poke(&self) {
        let _ = rustix::io::read(&self.poke, &mut [0; 8]);
    }

    /// Something is to be looked at no later than this.
    pub(super) fn due(&self, at_ms: u64, hand: &Hand) {
        let before_ms = self.due_ms.fetch_min(at_ms, Ordering::Relaxed);
        if before_ms > at_ms && !hand.leads {
            self.poke();
        }
    }

    /// A stream goes on at this time.
    pub(super) fn beat(&self, at_ms: u64, token: u64, hand: &Hand) {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).push(Reverse((at_ms, token)));
        self.due(at_ms, hand);
    }

    /// Has somebody go on with a connection.
    pub(super) fn ready(&self, connection: Arc<Connection>, hand: &Hand) {
        self.turns().ready.push_back(connection);
        if !hand.leads {
            self.poke();
        }
    }

    pub(super) fn rouse(self: &Arc<Self>, wake: Wake) {
        match wake {
            Wake::Nobody => {}
            Wake::One => self.work.notify_one(),
            Wake::New => super::attend::spawn(self),
        }
    }

    /// Takes no more connections and ends those at rest; waits until all have ended, or for the time that they have. Then
    /// ends the threads; those that are in the middle of something end when it is over.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.poke();
        let deadline = Instant::now() + self.options.drain;
        let mut connections = self.connections();
        while !connections.is_empty() && Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            connections =
                self.ended.wait_timeout(connections, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(connections);
        self.stop_threads();
    }

    fn stop_threads(&self) {
        let mut turns = self.turns();
        turns.stop();
        self.work.notify_all();
        self.poke();
        self.alarm.set(Duration::from_nanos(1));
        let deadline = Instant::now() + Duration::from_secs(1);
        while turns.threads() > 0 && Instant::now() < deadline {
            let pause = Duration::from_millis(5);
            turns = self.work.wait_timeout(turns, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(turns);
        self.connections().clear();
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
