//! A connection whose every read and write ends at a deadline.

use crate::stream::Stream;
use crate::{Interrupt, Liveness, socket};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

/// A connection of a probe.
pub struct Link {
    stream: Stream,
    /// Where it leads.
    pub address: SocketAddr,
    deadline: Instant,
    interrupt: Interrupt,
}

impl Link {
    pub(super) fn new(stream: Stream, address: SocketAddr, interrupt: Interrupt) -> Self {
        Self { stream, address, deadline: Instant::now(), interrupt }
    }

    /// Reads and writes end here from now on.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// Has TCP tell when the other side is gone while nothing is sent either way. Where the system cannot, only a deadline
    /// ends the wait.
    pub(super) fn supervise(&self, liveness: &Liveness) {
        socket::watch(self.stream.socket(), liveness);
    }

    /// Whether somebody gave the probe up.
    pub(super) fn is_given_up(&self) -> bool {
        self.interrupt.is_given_up()
    }

    /// Gives the socket what is left of the time, which a peer that dribbles cannot stretch.
    fn limit(&self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        socket::limit(self.stream.socket(), left)
    }
}

impl Read for Link {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.limit()?;
        self.stream.read(buf)
    }
}

impl Write for Link {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.limit()?;
        self.stream.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Link {
    // The handle lives longer and must not keep the connection open.
    fn drop(&mut self) {
        self.interrupt.forget();
    }
}
