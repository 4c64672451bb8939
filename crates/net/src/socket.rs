//! TCP connections that notice when the other side is gone.
//!
//! Keepalive probes go out only while nothing is unacknowledged; then the retransmission timer rules, which gives up
//! after many minutes. `TCP_USER_TIMEOUT` bounds that case. With both, a dead link is noticed in about four seconds
//! whether it dies before, during or after a request, while a server that is merely slow may take its time.

mod race;

pub(crate) use race::connect;

use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// When a silent link counts as dead.
#[derive(Debug, Clone, Copy)]
pub struct Liveness {
    /// Silence before the first keepalive probe.
    pub idle: Duration,
    /// Time between probes.
    pub interval: Duration,
    /// Unanswered probes that mean dead.
    pub probes: u32,
    /// How long sent data may stay unacknowledged (Linux only).
    pub unacknowledged: Duration,
    /// How long any single read or write may take, as a last resort: a frozen process whose kernel still answers, or a
    /// system that lacks the options above.
    pub transfer: Duration,
}

impl Default for Liveness {
    /// A dead link is noticed in 4 s, a frozen server in 2 min.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(1),
            interval: Duration::from_secs(1),
            probes: 3,
            unacknowledged: Duration::from_secs(4),
            transfer: Duration::from_secs(120),
        }
    }
}

/// Puts a connection under watch. A system without one of the options is left with the limit on single transfers.
fn supervise(socket: &TcpStream, liveness: &Liveness) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(liveness.idle)
        .with_interval(liveness.interval)
        .with_retries(liveness.probes);
    let _ = SockRef::from(socket).set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(socket).set_tcp_user_timeout(Some(liveness.unacknowledged));
    socket.set_nodelay(true)?;
    limit(socket, liveness.transfer)
}

/// Limits single reads and writes from now on.
pub(crate) fn limit(socket: &TcpStream, transfer: Duration) -> io::Result<()> {
    // The system takes no zero.
    let transfer = Some(transfer.max(Duration::from_millis(1)));
    socket.set_read_timeout(transfer)?;
    socket.set_write_timeout(transfer)
}
