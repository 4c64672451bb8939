//! Memory of `windhover up` after a minute of watching this machine.

use crate::peer::{Peer, folder, free_port, mb, ready, windhover};
use std::process::Command;
use std::time::Duration;

/// Starts it, waits, reads.
pub fn run() -> Result<(), String> {
    let (data, port) = (folder("idle")?, free_port());
    let mut command = Command::new(windhover());
    command.args(["up", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(&data);
    let peer = Peer::start("windhover up", &mut command)?;
    ready(&format!("http://127.0.0.1:{port}/health"))?;
    std::thread::sleep(Duration::from_secs(60));
    let cost = peer.cost();
    println!(
        "windhover up after 60 s: anonymous {}, resident {}, CPU {:.1} ms a second",
        mb(cost.anonymous_bytes),
        mb(cost.resident_bytes),
        cost.cpu_seconds * 1000.0 / 60.0
    );
    peer.stop();
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}
