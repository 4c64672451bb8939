//! The HTTP/1.1 server: accepts, bounds, checks access, calls, drains.
//!
//! `turns.rs` says which thread does what, and why; `attend.rs` is those threads; `connection/phases.rs` is the way of a
//! connection on one screen. `receiver.rs` (with `head.rs` and `chunked.rs`) makes requests of bytes, `answer.rs` bytes of
//! answers.

mod answer;
mod attend;
mod call;
pub mod chunked;
mod connection;
mod date;
pub mod head;
mod known;
pub mod receiver;
mod room;
mod shared;
mod slab;
mod socket;
mod streaming;
mod turns;
mod watch;

use crate::access::Access;
use crate::exchange::Service;
use crate::tls::Tls;
use shared::Shared;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How to serve. Every number is a limit that is counted when it is hit.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who may come in.
    pub access: Access,
    /// Speak https with this certificate; plain HTTP when there is none.
    pub tls: Option<Tls>,
    /// Largest body as it arrives.
    pub body_bytes_max: usize,
    /// Largest body after decompression.
    pub inflated_bytes_max: usize,
    /// Bytes of all bodies at once, as they arrive; who would go beyond is sent away to come again.
    pub bodies_bytes_max: usize,
    /// Connections open at once, where there are descriptors for them; more are closed at once.
    pub connections_max: usize,
    /// Requests worked on at once; more wait their turn.
    pub calls_max: usize,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How long a client may take to send a request's body.
    pub body_timeout: Duration,
    /// How long running requests may take to end when the server stops.
    pub drain: Duration,
}

impl Options {
    /// The limits a newcomer gets.
    pub fn new(access: Access) -> Self {
        Self {
            access,
            tls: None,
            body_bytes_max: 32 << 20,
            inflated_bytes_max: 256 << 20,
            bodies_bytes_max: 512 << 20,
            connections_max: 32_768,
            calls_max: 16,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(5),
        }
    }
}

/// A running server. Dropping it stops it.
pub struct Server {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

/// Starts serving on a bound socket, on threads of its own.
pub fn start(listener: TcpListener, service: Arc<dyn Service>, mut options: Options) -> io::Result<Server> {
    options.connections_max = room::connections(options.connections_max);
    let addr = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let shared = Arc::new(Shared::new(listener, service, options)?);
    // From here on whatever fails ends the threads that there are.
    let server = Server { addr, shared };
    attend::watch(&server.shared)?;
    for _ in 0..turns::THREADS_MIN {
        server.shared.turns().join();
        attend::spawn(&server.shared);
    }
    Ok(server)
}

impl Server {
    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Puts other rules in force, for the next request of every connection.
    pub fn set_access(&self, access: Access) {
        *self.shared.access.write().unwrap_or_else(PoisonError::into_inner) = access;
    }

    /// Shows another certificate to whoever connects from now on.
    pub fn set_tls(&self, tls: Option<Tls>) {
        *self.shared.tls.write().unwrap_or_else(PoisonError::into_inner) = tls;
    }

    /// Takes no more requests, lets running ones end within the drain time, then returns.
    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

#[cfg(test)]
mod tests;
