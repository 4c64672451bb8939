//! Bytes on disk of a recorded node_exporter, and what storing it costs: the store's own example, fed with the recording
//! that `WINDHOVER_RECORDING` names (default `../shared/data/node-exporter-1s.txt.zst`, read in place).

use crate::peer::{folder, windhover};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Plays the recording into an empty store.
pub fn run() -> Result<(), String> {
    let root = windhover().ancestors().nth(3).map(Path::to_owned).ok_or("no root")?;
    let default = || root.join("../shared/data/node-exporter-1s.txt.zst");
    let recording = std::env::var_os("WINDHOVER_RECORDING").map_or_else(default, PathBuf::from);
    if !recording.exists() {
        return Err(format!("no recording at {}", recording.display()));
    }
    let data = folder("stored")?;
    let mut unpack = Command::new("zstd");
    unpack.args(["-dc", "--long=27"]).arg(&recording).stdout(Stdio::piped());
    let mut unpack = unpack.spawn().map_err(|e| format!("zstd: {e}"))?;
    let text = unpack.stdout.take().ok_or("no output of zstd")?;
    let mut play = Command::new("cargo");
    play.args(["run", "--quiet", "--release", "--package", "store", "--example", "ingest", "--"]).arg(&data);
    let status = play.current_dir(&root).stdin(text).status().map_err(|e| format!("cargo: {e}"))?;
    let _ = unpack.wait();
    let _ = std::fs::remove_dir_all(data);
    if status.success() { Ok(()) } else { Err(format!("the example ended with {status}")) }
}
