//! Measurements, run beside the peers in one go: see `crates/bench`.

use crate::run::{command, show};

/// Runs the named benchmarks, or all of them.
pub fn run(names: &[String]) -> Result<(), String> {
    show(&mut command("cargo", &["build", "--release", "--package", "windhover"]))?;
    let mut bench = command("cargo", &["run", "--quiet", "--release", "--package", "bench", "--"]);
    show(bench.args(names))
}
