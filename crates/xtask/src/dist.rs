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

fn build(features: &[&str], name: &str, out: &Path) -> Result<(), String> {
    let mut cargo = command("cargo", &["build", "--profile", "dist", "--package", "windhover"]);
    show(cargo.args(features))?;
    copy(&root().join("target/dist/windhover"), &out.join(name))
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
        &["deb", "--package", "windhover", "--profile", "dist", "--no-build", "--output", &out],
    ))
}
