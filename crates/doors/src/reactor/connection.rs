//! One TCP connection.

use crate::service::Limits;
use nix::sys::epoll::EpollFlags;
use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Both sides speak.
    Open,
    /// Nothing more is read; what is left is sent.
    Closing,
    /// We have said that we are through, and wait for the other side to say so: to close while bytes are unread would
    /// throw away the answer on its way.
    Lingering,
    /// To be closed.
    Ended,
}

/// See the module's text.
pub(super) struct Connection<T> {
    pub(super) stream: TcpStream,
    pub(super) session: T,
    pub(super) state: State,
    /// Not yet sent.
    pub(super) out: Vec<u8>,
    /// When something last arrived.
    pub(super) last: Instant,
    /// Since when something is half here, or unsent.
    pub(super) half_since: Option<Instant>,
    /// What the kernel was asked to tell.
    pub(super) interest: EpollFlags,
}

impl<T> Connection<T> {
    pub(super) fn new(stream: TcpStream, session: T, out: Vec<u8>) -> Self {
        Self {
            stream,
            session,
            state: State::Open,
            out,
            last: Instant::now(),
            half_since: None,
            interest: EpollFlags::EPOLLIN,
        }
    }

    /// Sends what the socket takes now.
    pub(super) fn send(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(len) => drop(self.out.drain(..len)),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.half_since = self.half_since.or(Some(Instant::now()));
                    return Ok(());
                }
                Err(e) => return Err(e),
            }
        }
        // An answer may have been large; connections are kept for long.
        self.out = Vec::new();
        if self.state == State::Closing {
            self.stream.shutdown(Shutdown::Write)?;
            self.state = State::Lingering;
            self.half_since = Some(Instant::now());
        }
        Ok(())
    }

    /// What to wait for.
    pub(super) fn wants(&self) -> EpollFlags {
        if self.out.is_empty() { EpollFlags::EPOLLIN } else { EpollFlags::EPOLLOUT }
    }

    /// Some time was ours, not the sender's.
    pub(super) fn excuse(&mut self, pause: Duration) {
        self.last += pause;
        self.half_since = self.half_since.map(|half| half + pause);
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, now: Instant, limits: Limits) -> bool {
        let since = |instant: Instant| now.saturating_duration_since(instant);
        since(self.last) > limits.idle || self.half_since.is_some_and(|half| since(half) > limits.partial)
    }
}
