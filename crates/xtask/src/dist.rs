//! What is handed out: the binary, the agent-only binary, the Debian packages; and their sizes.

use crate::run::{command, exists, root, show};
use std::fs;
use std::path::Path;

/// Builds everything into `target/dist-out`.
pub fn run(_: &[String]) -> Result<(), String> {
    let out = root().join("target/dist-out");
    fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    build(&[], "windhover", &out)?;
    extras(&out)?;
    package(&out)?;
    build(&["--no-default-features", "--features", "agent"], "windhover-agent", &out)?;
    for entry in fs::read_dir(&out).map_err(|e| e.to_string())?.flatten() {
        let size = entry.metadata().map_or(0, |m| m.len());
        println!("{:>12} {}", size, entry.path().display());
    }
    Ok(())
}

/// Builds with the C library inside, so that the binary runs on any Linux of the same processor. Names are resolved by
/// `net::dns`, which needs no plugins of that library.
fn build(features: &[&str], name: &str, out: &Path) -> Result<(), String> {
    let target = host_target()?;
    let mut cargo = command("cargo", &["build", "--profile", "dist", "--package", "windhover"]);
    // With a target named, the flags are not for build scripts and procedural macros, which cannot be static.
    cargo.args(["--target", &target]).env("RUSTFLAGS", "-C target-feature=+crt-static");
    show(cargo.args(features))?;
    let built = root().join("target").join(target).join("dist/windhover");
    check_static(&built)?;
    copy(&built, &out.join(name))
}

fn host_target() -> Result<String, String> {
    let said = crate::run::read(&mut command("rustc", &["--version", "--verbose"]))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say its host".to_owned())
}

/// A binary that needs nothing has nothing to tell the loader.
fn check_static(binary: &Path) -> Result<(), String> {
    let said = command("ldd", &[]).arg(binary).output().map_err(|e| format!("ldd: {e}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    let is_static = said.contains("statically linked") || said.contains("not a dynamic executable");
    if is_static { Ok(()) } else { Err(format!("{} is not static: {said}", binary.display())) }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|e| format!("{} to {}: {e}", from.display(), to.display()))
}

/// The manual page and the completion scripts, made by the binary itself.
fn extras(out: &Path) -> Result<(), String> {
    let binary = out.join("windhover");
    let made = |name: &str, arguments: &[&str]| {
        let text = crate::run::read(&mut command(&binary, arguments))?;
        fs::write(out.join(name), text).map_err(|e| e.to_string())
    };
    made("windhover.1", &["man"])?;
    made("windhover.bash", &["completions", "bash"])?;
    made("_windhover", &["completions", "zsh"])?;
    made("windhover.fish", &["completions", "fish"])
}

fn package(out: &Path) -> Result<(), String> {
    if !exists("cargo-deb") {
        println!("installing cargo-deb: it makes the Debian package");
        show(&mut command("cargo", &["install", "--quiet", "--locked", "cargo-deb"]))?;
    }
    let out = out.display().to_string();
    show(&mut command(
        "cargo",
        &[
            "deb",
            "--package",
            "windhover",
            "--profile",
            "dist",
            "--no-build",
            "--target",
            &host_target()?,
            "--output",
            &out,
        ],
    ))
}
