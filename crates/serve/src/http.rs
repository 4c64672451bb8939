//! The HTTP/1.1 server: accepts, bounds, checks access, hands over, drains.

mod accepted;
mod connection;
mod room;

use crate::access::Access;
use crate::exchange::Service;
use crate::telemetry;
use crate::tls::Tls;
use connection::Shared;
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Threads that move bytes. One of them at a time may answer a brief request itself, which must not hold up all others
/// when the disk then keeps it waiting.
const MOVERS: usize = 2;

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
    access: Arc<RwLock<Access>>,
    tls: Arc<RwLock<Option<Tls>>>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Starts serving on a bound socket, on a thread of its own.
pub fn start(listener: TcpListener, service: Arc<dyn Service>, mut options: Options) -> io::Result<Server> {
    options.connections_max = room::connections(options.connections_max);
    let addr = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let (stop, stopped) = watch::channel(false);
    let access = Arc::new(RwLock::new(options.access.clone()));
    let tls = Arc::new(RwLock::new(options.tls.clone()));
    let shared = Arc::new(Shared::new(service, options, access.clone(), tls.clone(), stopped.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(MOVERS)
        .max_blocking_threads(shared.options.calls_max + 2)
        .thread_name("serve")
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new().name("serve-accept".into()).spawn(move || {
        runtime.block_on(run(listener, shared, stopped));
        runtime.shutdown_timeout(Duration::from_secs(1));
    })?;
    Ok(Server { addr, access, tls, stop, thread: Some(thread) })
}

impl Server {
    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Puts other rules in force, for the next request of every connection.
    pub fn set_access(&self, access: Access) {
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = access;
    }

    /// Shows another certificate to whoever connects from now on.
    pub fn set_tls(&self, tls: Option<Tls>) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = tls;
    }

    /// Takes no more requests, lets running ones end within the drain time, then returns.
    pub fn stop(mut self) {
        self.stop_and_join();
    }

    fn stop_and_join(&mut self) {
        // The receiver is gone only when the thread has ended already.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_and_join();
    }
}

async fn run(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(e) => {
            eprintln!("windhover: the HTTP socket cannot be used: {e}");
            return;
        }
    };
    let connections = Arc::new(Semaphore::new(shared.options.connections_max));
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // Out of descriptors, or the client left already: neither goes away by spinning.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stopped.changed() => break,
        };
        let Ok(permit) = connections.clone().try_acquire_owned() else {
            telemetry::REFUSED_CONNECTIONS.add(1);
            continue;
        };
        telemetry::CONNECTIONS.set((shared.options.connections_max - connections.available_permits()) as f64);
        let connection = accepted::serve(stream, peer, shared.clone(), graceful.watcher());
        let connections = connections.clone();
        let connections_max = shared.options.connections_max;
        tokio::spawn(async move {
            connection.await;
            drop(permit);
            telemetry::CONNECTIONS.set((connections_max - connections.available_permits()) as f64);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(shared.options.drain, graceful.shutdown()).await;
}

#[cfg(test)]
mod tests;
