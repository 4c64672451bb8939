//! What a door does with what arrives. A service knows no sockets, so it is tested with bytes alone; the reactor knows no
//! protocols.

use std::net::SocketAddr;
use std::time::Duration;

/// Who sent it; `None` for senders without an address.
pub type Peer = Option<SocketAddr>;

/// What is to become of a connection after its input was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// All that came is dealt with; more may come, in its own time.
    Idle,
    /// Something is half here; the rest should come soon.
    Partial,
    /// Send what is to be sent, then close.
    Close,
}

/// How a service looks to those who ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    /// When something last arrived.
    pub(crate) last_ms: Option<i64>,
    /// How long the last piece of work took, in microseconds.
    pub(crate) took_us: u64,
    /// How many samples that gave.
    pub(crate) samples: u64,
    /// What is wrong, for people; empty when nothing is.
    pub(crate) problem: String,
}

/// How patient a door is, and with how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most connections at a time.
    pub(crate) connections_max: usize,
    /// How long a connection may be silent.
    pub(crate) idle: Duration,
    /// How long something half said may take to be completed, and an answer to be taken.
    pub(crate) partial: Duration,
}

/// See the module's text. All calls come from one thread.
pub(crate) trait Service {
    /// What is remembered of a connection.
    type Session;

    /// Limits of its connections.
    const LIMITS: Limits;

    /// A connection was made; what is to be said first is appended to `out`.
    fn open(&mut self, peer: Peer, out: &mut Vec<u8>) -> Self::Session;

    /// Bytes of a connection; what is to be answered is appended to `out`.
    fn input(&mut self, session: &mut Self::Session, bytes: &[u8], out: &mut Vec<u8>) -> Next;

    /// A connection ended, in order or not.
    fn close(&mut self, session: Self::Session);

    /// A datagram.
    fn datagram(&mut self, bytes: &[u8], peer: Peer);

    /// A burst of input was dealt with.
    fn rest(&mut self, now_ms: i64);

    /// Called at least once a second and when the time it returned last has come: when it wants to be called next.
    fn tick(&mut self, now_ms: i64) -> Option<i64>;

    /// Whether nothing more is to be taken until a later tick has made room.
    fn is_full(&self) -> bool {
        false
    }

    /// The last call.
    fn stop(&mut self, now_ms: i64);

    /// How it stands.
    fn told(&self) -> Told;
}
