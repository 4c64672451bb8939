//! Talk with systemd (sd_notify(3)): datagrams to the socket it names. Outside systemd nothing happens.

use crate::beat::Beat;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Sends one state, such as `READY=1`.
pub fn send(state: &str) {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let name = name.into_encoded_bytes();
    let address = match name.strip_prefix(b"@") {
        Some(abstract_name) => SocketAddr::from_abstract_name(abstract_name),
        None => SocketAddr::from_pathname(std::path::Path::new(&*String::from_utf8_lossy(&name))),
    };
    let sent = address.and_then(|to| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &to));
    if let Err(e) = sent {
        tracing::warn!("systemd cannot be told {state}: {e}");
    }
}

/// Tells systemd regularly that all is well, as long as `healthy` says so: when systemd asked for it (`WATCHDOG_USEC`),
/// twice as often as it asked.
pub fn watchdog(healthy: impl Fn() -> bool + Send + 'static) -> Option<Beat> {
    let interval_us: u64 = std::env::var("WATCHDOG_USEC").ok()?.parse().ok()?;
    let every = Duration::from_micros(interval_us / 2).max(Duration::from_millis(10));
    let beat = Beat::start("watchdog", every, move || {
        if healthy() {
            send("WATCHDOG=1");
        }
    });
    beat.map_err(|e| tracing::warn!("no watchdog: {e}")).ok()
}
