//! Size of the binary, time to build it, bytes of the pages.

use crate::peer::{disk_bytes, mb, windhover};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Builds in a folder of its own, then again after touching one middle crate.
pub fn run() -> Result<(), String> {
    let root = windhover().ancestors().nth(3).map(Path::to_owned).ok_or("no root")?;
    let size = std::fs::metadata(windhover()).map_err(|e| e.to_string())?.len();
    println!("binary (release): {}", mb(size));
    // The assets are in a folder of their own below `dist`.
    println!("pages, all files, gz: {} bytes", disk_bytes(&root.join("crates/ui/dist")));
    let build = |profile: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .args(["build", "--quiet", "--package", "windhover", "--target-dir", "target/bench-build"])
            .args(profile);
        let started = Instant::now();
        let status = command.current_dir(&root).stdout(Stdio::null()).status().map_err(|e| e.to_string())?;
        if status.success() {
            Ok(started.elapsed().as_secs_f64())
        } else {
            Err("cargo build failed".to_owned())
        }
    };
    let _ = std::fs::remove_dir_all(root.join("target/bench-build"));
    println!("cold build, release: {:.0} s", build(&["--release"])?);
    println!("cold build, dev: {:.0} s", build(&[])?);
    let middle = root.join("crates/query/src/lib.rs");
    let text = std::fs::read(&middle).map_err(|e| e.to_string())?;
    std::fs::write(&middle, text).map_err(|e| e.to_string())?;
    println!("warm build, dev, after touching `query`: {:.0} s", build(&[])?);
    let _ = std::fs::remove_dir_all(root.join("target/bench-build"));
    Ok(())
}
