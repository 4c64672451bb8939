//! TCP connections that notice when the other side is gone.
//!
//! Keepalive probes go out only while nothing is unacknowledged; then the retransmission timer rules, which gives up
//! after many minutes. `TCP_USER_TIMEOUT` bounds that case. With both, a dead link is noticed in about four seconds
//! whether it dies before, during or after a request, while a server that is merely slow may take its time.

use crate::{Error, Interrupt};
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::{SocketAddr, TcpStream};
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
    /// How long any single read or write may take, as a last resort: a frozen process whose kernel still answers.
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

/// Connects to the first address that answers, each within `timeout`.
pub(crate) fn connect(
    addresses: &[SocketAddr],
    timeout: Duration,
    liveness: &Liveness,
    interrupt: &Interrupt,
) -> Result<TcpStream, Error> {
    let mut failures = Vec::new();
    for address in addresses {
        if interrupt.is_given_up() {
            return Err(Error::Interrupted);
        }
        match TcpStream::connect_timeout(address, timeout) {
            Ok(socket) => {
                supervise(&socket, liveness)?;
                interrupt.watch(&socket)?;
                return Ok(socket);
            }
            Err(e) => failures.push(format!("{address}: {e}")),
        }
    }
    Err(Error::Connect(format!("no connection to {}", failures.join(", "))))
}

fn supervise(socket: &TcpStream, liveness: &Liveness) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(liveness.idle)
        .with_interval(liveness.interval)
        .with_retries(liveness.probes);
    SockRef::from(socket).set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    SockRef::from(socket).set_tcp_user_timeout(Some(liveness.unacknowledged))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_connection_is_watched_in_both_ways() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let interrupt = Interrupt::default();
        let socket = connect(&[address], Duration::from_secs(5), &Liveness::default(), &interrupt).unwrap();
        let options = SockRef::from(&socket);
        assert!(options.keepalive().unwrap() && socket.nodelay().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(1));
        assert_eq!(options.tcp_keepalive_retries().unwrap(), 3);
        #[cfg(target_os = "linux")]
        assert_eq!(options.tcp_user_timeout().unwrap(), Some(Duration::from_secs(4)));
    }

    #[test]
    fn the_next_address_is_tried_and_all_failures_are_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let closed = {
            let gone = TcpListener::bind("127.0.0.1:0").unwrap();
            gone.local_addr().unwrap()
        };
        let (second, liveness) = (Duration::from_secs(1), Liveness::default());
        assert!(connect(&[closed, open], second, &liveness, &Interrupt::default()).is_ok());
        let error = connect(&[closed], second, &liveness, &Interrupt::default()).unwrap_err();
        assert!(error.to_string().contains(&closed.to_string()));
    }
}
