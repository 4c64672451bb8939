//! One connection: from bytes to calls of the service and back. It is worked on by one thread at a time, and never waits.

mod phases;

use super::answer::Outgoing;
use super::call::Caller;
use super::receiver::Receiver;
use super::room::Taken;
use super::shared::{NEVER_MS, Shared};
use super::socket::Socket;
use super::turns::Hand;
use crate::exchange::Gone;
use crate::telemetry;
use phases::{Phase, Step};
use rustix::event::epoll::{self, EventFlags};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Somebody works on it; other flags are what happened meanwhile.
const OWNED: u32 = 1 << 26;
/// Its time is over.
pub(super) const LATE: u32 = 1 << 25;
/// The server stops.
pub(super) const STOP: u32 = 1 << 24;
/// The other side will send nothing more, and is taken to have left.
const HUNG_UP: u32 = EventFlags::RDHUP.bits() | EventFlags::HUP.bits() | EventFlags::ERR.bits();
const READABLE: u32 = EventFlags::IN.bits() | HUNG_UP;

/// See the module's text.
pub(super) struct Connection {
    token: u64,
    flags: AtomicU32,
    /// When its time is over, on the server's own clock.
    deadline_ms: AtomicU64,
    /// Of the call that is worked on.
    gone: Mutex<Gone>,
    inner: Mutex<Inner>,
}

/// What only the thread has that works on it.
struct Inner {
    socket: Socket,
    caller: Caller,
    receiver: Receiver,
    phase: Phase,
    outgoing: Outgoing,
    /// What its body takes of the room for all.
    taken: Taken,
    /// There may be something to read.
    can_read: bool,
    /// The end can be read, if nothing else.
    is_hung_up: bool,
}

impl Connection {
    /// Takes a socket in.
    pub(super) fn begin(stream: TcpStream, peer: SocketAddr, shared: &Arc<Shared>, hand: &Hand) {
        let mut connections = shared.connections();
        if connections.len() >= shared.options.connections_max {
            telemetry::REFUSED_CONNECTIONS.add(1);
            return;
        }
        // Small answers must not wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        if stream.set_nonblocking(true).is_err() {
            return;
        }
        let has_tls = shared.tls.read().unwrap_or_else(PoisonError::into_inner).is_some();
        let inner = Inner {
            socket: Socket::plain(stream),
            caller: Caller { peer, is_known: false },
            receiver: Receiver::default(),
            phase: if has_tls { Phase::Greeting } else { Phase::Receiving },
            outgoing: Outgoing::default(),
            taken: Taken::nothing(&shared.room),
            can_read: false,
            is_hung_up: false,
        };
        let connection = connections.add(|token| Self {
            token,
            flags: AtomicU32::new(0),
            deadline_ms: AtomicU64::new(NEVER_MS),
            gone: Mutex::default(),
            inner: Mutex::new(inner),
        });
        telemetry::CONNECTIONS.set(connections.len() as f64);
        drop(connections);
        connection.limit(Some(shared.options.head_timeout), shared, hand);
        // Edges: what is told once is not told again for every byte, and nothing need be changed between requests.
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        if connection.watch(flags, shared).is_err() {
            connection.forget(shared);
        }
    }

    fn watch(&self, flags: EventFlags, shared: &Shared) -> rustix::io::Result<()> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        epoll::add(&shared.epoll, inner.socket.stream(), epoll::EventData::new_u64(self.token), flags)
    }

    pub(super) fn deadline_ms(&self) -> u64 {
        self.deadline_ms.load(Ordering::Relaxed)
    }

    /// Something happened; says whether the caller is to see that it is worked on.
    pub(super) fn notice(&self, flags: u32) -> bool {
        let before = self.flags.fetch_or(flags | OWNED, Ordering::AcqRel);
        if before & OWNED != 0 && flags & HUNG_UP != 0 {
            self.gone.lock().unwrap_or_else(PoisonError::into_inner).leave();
        }
        before & OWNED == 0
    }

    /// What a call is told when the client leaves.
    fn gone(&self, is_hung_up: bool) -> Gone {
        let gone = Gone::default();
        *self.gone.lock().unwrap_or_else(PoisonError::into_inner) = gone.clone();
        if is_hung_up || self.flags.load(Ordering::Acquire) & HUNG_UP != 0 {
            gone.leave();
        }
        gone
    }

    /// Sets how long what comes next may take.
    fn limit(&self, time: Option<Duration>, shared: &Shared, hand: &Hand) {
        let deadline_ms = time.map_or(NEVER_MS, |time| shared.now_ms() + time.as_millis() as u64);
        self.deadline_ms.store(deadline_ms, Ordering::Relaxed);
        if deadline_ms != NEVER_MS {
            shared.due(deadline_ms, hand);
        }
    }

    fn is_late(&self, shared: &Shared) -> bool {
        self.deadline_ms() <= shared.now_ms()
    }

    /// Goes on with it as far as that goes. Only for who owns it.
    pub(super) fn attend(self: &Arc<Self>, shared: &Arc<Shared>, hand: &mut Hand) {
        let worked = catch_unwind(AssertUnwindSafe(|| self.work(shared, hand)));
        if worked.is_err() {
            telemetry::PANICS.add(1);
            self.forget(shared);
        }
    }

    fn work(self: &Arc<Self>, shared: &Arc<Shared>, hand: &mut Hand) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let flags = self.flags.swap(OWNED, Ordering::AcqRel) & !OWNED;
            inner.can_read |= flags & READABLE != 0;
            inner.is_hung_up |= flags & HUNG_UP != 0;
            match inner.go_on(self, flags, shared, hand) {
                Step::Go | Step::Wait => inner.receiver.give_back(&mut hand.scratch),
                // Owned for as long as its call waits for its turn.
                Step::PutOff => return,
                Step::Again => return shared.ready(self.clone(), hand),
                Step::End => {
                    drop(inner);
                    return self.forget(shared);
                }
            }
            if self.flags.compare_exchange(OWNED, 0, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return;
            }
        }
    }

    /// Ends it. It stays owned, so that nobody works on it again.
    fn forget(&self, shared: &Shared) {
        let mut connections = shared.connections();
        let removed = connections.remove(self.token);
        telemetry::CONNECTIONS.set(connections.len() as f64);
        if connections.is_empty() {
            shared.ended.notify_all();
        }
        drop(connections);
        drop(removed);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.phase = Phase::Receiving;
        inner.socket.finish();
    }
}
