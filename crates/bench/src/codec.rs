//! The codec alone: the store's own example, fed with the recording when there is one.

use crate::bytes::recording_path;
use crate::options::Options;
use crate::peer::root;
use std::process::{Command, Stdio};

/// Passes on what the example prints.
pub fn run(_: &Options) -> Result<(), String> {
    let recording = recording_path();
    let mut example = Command::new("cargo");
    example.args(["run", "--quiet", "--release", "--package", "store", "--example", "codec", "--"]);
    example.args(["cpu", "node", "floats", "times"]).current_dir(root());
    if !recording.exists() {
        return finish(example.stdin(Stdio::null()));
    }
    let mut unpack = Command::new("zstd");
    unpack.args(["-dc", "--long=27"]).arg(&recording).stdout(Stdio::piped());
    let mut unpack = unpack.spawn().map_err(|e| format!("zstd: {e}"))?;
    let text = unpack.stdout.take().ok_or("no output of zstd")?;
    let outcome = finish(example.arg("real").stdin(text));
    let _ = unpack.wait(); // it ends when its reader does
    outcome
}

fn finish(example: &mut Command) -> Result<(), String> {
    let status = example.status().map_err(|e| format!("cargo: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("the example ended with {status}")) }
}
