//! What is handed out: the binary, the agent-only binary, the Debian packages; and their sizes.

pub mod order;

use crate::run::{command, exists, root, show};
use std::fs;
use std::io::Read;
use std::path::Path;

/// Builds everything into `target/dist-out`.
pub fn run(_: &[String]) -> Result<(), String> {
    let out = root().join("target/dist-out");
    fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    build("dist", &[], "windhover", &out)?;
    extras(&out)?;
    package(&out)?;
    build("agent", &["--no-default-features", "--features", "agent"], "windhover-agent", &out)?;
    for entry in fs::read_dir(&out).map_err(|e| e.to_string())?.flatten() {
        let size = entry.metadata().map_or(0, |m| m.len());
        println!("{:>12} {}", size, entry.path().display());
    }
    Ok(())
}

/// The C library inside, so that the binary runs on any Linux of the same processor; names are resolved by `net::dns`,
/// which needs no plugins of that library. And code at a fixed place: what can be loaded anywhere has tables of addresses
/// that are written at the start and are memory of each process from then on, half a megabyte of it. The price is that
/// where the code lies is known; stack, heap and maps still lie anywhere.
///
/// And frame pointers, by which the kernel finds who called whom: in our own profiles and in everybody else's.
const FLAGS: &str = "-C target-feature=+crt-static -C relocation-model=static -C force-frame-pointers=yes";

fn build(profile: &str, features: &[&str], name: &str, out: &Path) -> Result<(), String> {
    let target = host_target()?;
    let built = root().join("target").join(&target).join(profile).join("windhover");
    // Cargo does not know of the list.
    if is_older(&built, &order::list()) {
        show(&mut command(
            "cargo",
            &["clean", "--package", "windhover", "--profile", profile, "--target", &target],
        ))?;
    }
    let mut cargo = command("cargo", &["rustc", "--profile", profile, "--package", "windhover"]);
    // With a target named, the flags are not for build scripts and procedural macros, which cannot be static.
    cargo.args(["--bin", "windhover", "--target", &target]).args(features).env("RUSTFLAGS", FLAGS);
    let linker = std::env::current_exe().map_err(|e| e.to_string())?;
    cargo.arg("--").arg("-C").arg(format!("linker={}", linker.display()));
    show(cargo.env(order::VARIABLE, order::list()))?;
    check_static(&built)?;
    check_start(&built)?;
    order::check(&built)?;
    copy(&built, &out.join(name))
}

fn is_older(file: &Path, than: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    matches!((changed(file), changed(than)), (Ok(file), Ok(than)) if file < than)
}

fn host_target() -> Result<String, String> {
    let said = crate::run::read(&mut command("rustc", &["--version", "--verbose"]))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say its host".to_owned())
}

/// A binary that needs nothing has nothing to tell the loader, and one at a fixed place says so in its header (`e_type`
/// of elf(5): 2 is an executable, 3 what can be loaded anywhere).
fn check_static(binary: &Path) -> Result<(), String> {
    let said = command("ldd", &[]).arg(binary).output().map_err(|e| format!("ldd: {e}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    let is_static = said.contains("statically linked") || said.contains("not a dynamic executable");
    if !is_static {
        return Err(format!("{} is not static: {said}", binary.display()));
    }
    let mut header = [0; 18];
    let read = fs::File::open(binary).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(|e| format!("{}: {e}", binary.display()))?;
    match u16::from_ne_bytes([header[16], header[17]]) {
        2 => Ok(()),
        other => Err(format!("{} is of type {other}: it can be loaded anywhere", binary.display())),
    }
}

/// It must start where there is nothing but itself; only root can try.
fn check_start(binary: &Path) -> Result<(), String> {
    if crate::run::read(&mut command("id", &["-u"]))?.trim() != "0" {
        println!("not tried in an empty folder: that takes root");
        return Ok(());
    }
    let folder = root().join("target/dist-empty");
    fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    copy(binary, &folder.join("windhover"))?;
    let said = crate::run::read(command("chroot", &[]).arg(&folder).args(["/windhover", "--version"]));
    fs::remove_dir_all(&folder).map_err(|e| e.to_string())?;
    println!("in an empty folder: {}", said?.trim());
    Ok(())
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
