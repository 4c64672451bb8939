//! TCP connections that notice when the other side is gone.
//!
//! Keepalive probes go out only while nothing is unacknowledged; then the retransmission timer rules, which gives up
//! after many minutes. `TCP_USER_TIMEOUT` bounds that case. With both, a dead link is noticed in about four seconds
//! whether it dies before, during or after a request, while a server that is merely slow may take its time: TCP says
//! that it is there. What TCP cannot tell is a process that is stopped, since its kernel goes on to acknowledge; that is
//! left to a limit so long that only such a one meets it. Where the system lacks one of the options, a shorter limit
//! has to do for dead links, too.

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
    /// How long any single read or write may take though TCP says that the other side is there: the process may be
    /// stopped for good.
    pub transfer: Duration,
    /// How long it may take where the system lacks one of the options above, and TCP says nothing.
    pub transfer_unwatched: Duration,
}

impl Default for Liveness {
    /// A dead link is noticed in 4 s, or 2 min where the system lacks the means; a stopped server is left after 15 min.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(1),
            interval: Duration::from_secs(1),
            probes: 3,
            unacknowledged: Duration::from_secs(4),
            transfer: Duration::from_secs(15 * 60),
            transfer_unwatched: Duration::from_secs(2 * 60),
        }
    }
}

/// Puts a connection under watch.
fn supervise(socket: &TcpStream, liveness: &Liveness) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let transfer = if watch(socket, liveness) { liveness.transfer } else { liveness.transfer_unwatched };
    limit(socket, transfer)
}

/// Has TCP watch the other side; false where the system cannot.
pub(crate) fn watch(socket: &TcpStream, liveness: &Liveness) -> bool {
    let keepalive = TcpKeepalive::new()
        .with_time(liveness.idle)
        .with_interval(liveness.interval)
        .with_retries(liveness.probes);
    let probes = SockRef::from(socket).set_tcp_keepalive(&keepalive).is_ok();
    #[cfg(target_os = "linux")]
    let bounds = SockRef::from(socket).set_tcp_user_timeout(Some(liveness.unacknowledged)).is_ok();
    #[cfg(not(target_os = "linux"))]
    let bounds = false;
    probes && bounds
}

/// Limits single reads and writes from now on.
pub(crate) fn limit(socket: &TcpStream, transfer: Duration) -> io::Result<()> {
    // The system takes no zero.
    let transfer = Some(transfer.max(Duration::from_millis(1)));
    socket.set_read_timeout(transfer)?;
    socket.set_write_timeout(transfer)
}
