//! Which functions an agent enters once it is up, all of them and not those that a sampler happens to see: the list by
//! which `cargo xtask dist` puts them side by side (`packaging/steady-functions.txt`).
//!
//! `bench entered FILE BINARY...` makes it anew. It takes what `cargo xtask dist` has made, whichever order that has; it is
//! due when a good part of what an agent does has changed, and `cargo xtask dist` says when too little of it is left.

mod tracer;

use crate::footprint::{Server, Sleepers, agent};
use crate::peer::{Peer, folder};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// When the agent has let go of the code that only its start needed.
const WARM_UP: Duration = Duration::from_secs(13);
/// What comes once a minute is in it.
const WATCHED: Duration = Duration::from_secs(90);

/// Watches an agent of each binary and writes the names of what it entered, in the order of first entry.
pub fn run(file: &str, binaries: &[String]) -> Result<(), String> {
    let mut names: Vec<String> = Vec::new();
    for binary in binaries {
        for name in entered(Path::new(binary))? {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let text = format!("{HEAD}{}\n", names.join("\n"));
    std::fs::write(file, text).map_err(|e| format!("{file}: {e}"))?;
    println!("{} names in {file}", names.len());
    Ok(())
}

const HEAD: &str = "\
# Functions that an agent enters once it is up, in the order of first entry; `cargo xtask dist` puts them side by side.
# `bench entered` makes this list anew; it is not edited by hand.
";

fn entered(binary: &Path) -> Result<Vec<String>, String> {
    let points = points(binary)?;
    let _sleepers = Sleepers::start()?;
    let data = folder("entered")?;
    let server = Server::start(&data.join("server"), true)?;
    let mut command = agent(binary, &data.join("agent"));
    server.name_to(command.args(["--interval", "1s"]));
    let peer = Peer::start("agent", &mut command)?;
    std::thread::sleep(WARM_UP);
    let addresses: Vec<u64> = points.iter().map(|(address, _)| *address).collect();
    let hits = tracer::entered(peer.id(), &addresses, WATCHED)?;
    drop(peer);
    server.stop();
    let _ = std::fs::remove_dir_all(data);
    let name = |hit: &u64| points.iter().find(|(address, _)| address == hit).map(|(_, name)| name.clone());
    Ok(hits.iter().filter_map(name).collect())
}

/// Where functions begin, and their names without hashes, by nm(1).
fn points(binary: &Path) -> Result<Vec<(u64, String)>, String> {
    let output =
        Command::new("nm").arg("--defined-only").arg(binary).output().map_err(|e| format!("nm: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let points: Vec<(u64, String)> = said.lines().filter_map(point).collect();
    if points.is_empty() { Err(format!("{} has no symbols", binary.display())) } else { Ok(points) }
}

fn point(line: &str) -> Option<(u64, String)> {
    let (address, rest) = line.split_once(' ')?;
    let symbol = rest.strip_prefix("t ").or_else(|| rest.strip_prefix("T "))?;
    Some((u64::from_str_radix(address, 16).ok()?, shown(symbol)))
}

/// The name without what is different in every build: the hash, and the number by which LLVM tells copies of a small
/// function apart.
fn shown(symbol: &str) -> String {
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match symbol.rsplit_once('.') {
        Some((first, last)) if symbol.starts_with('_') && number(last) => {
            format!("{:#}", rustc_demangle::demangle(first))
        }
        _ => format!("{:#}", rustc_demangle::demangle(symbol)),
    }
}
