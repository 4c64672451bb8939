//! What watching a host costs: our agent at 1 s with every collector and an open TLS session, beside node_exporter scraped
//! each second and collectd at 1 s, with 300 processes on the machine. What is handed out (`cargo xtask dist`: static, at
//! a fixed place) costs less than what `cargo build --release` makes, so both are measured, each called what it is.

mod peers;
mod server;

use crate::options::Options;
use crate::peer::{Cost, Peer, folder, mb, root, windhover};
pub use server::Server;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROCESSES: usize = 300;
const WARM_UP: Duration = Duration::from_secs(12);
const MEASURED: Duration = Duration::from_secs(30);
/// At 10 s a round is rare: it takes this long to see what it costs.
const MEASURED_SLOW: Duration = Duration::from_secs(240);

/// Measures all, one after the other; at 10 s only in full.
pub fn run(options: &Options) -> Result<(), String> {
    let sleepers = Sleepers::start()?;
    println!(
        "{:<46} {:>11} {:>11} {:>15} {:>9}",
        "agent", "anonymous", "resident", "CPU ms a second", "of a core"
    );
    let data = folder("footprint")?;
    let (plain, secure) =
        (Server::start(&data.join("plain"), false)?, Server::start(&data.join("secure"), true)?);
    agents(options, &data, &plain, &secure)?;
    plain.stop();
    secure.stop();
    if options.wants("server away") {
        let mut command = agent(&windhover(), &data.join("away"));
        command.args(["--server", "http://127.0.0.1:1"]);
        row(Peer::start("windhover agent, server away", &mut command)?, MEASURED, || {});
    }
    if !options.alone {
        peers::node_exporter().unwrap_or_else(|why| println!("prometheus-node-exporter not measured: {why}"));
        peers::collectd().unwrap_or_else(|why| println!("collectd not measured: {why}"));
    }
    drop(sleepers);
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

/// Where a binary is, or why it is not there.
type Find = fn() -> Result<PathBuf, String>;

/// Our agents.
const BINARIES: [(&str, Find); 4] = [
    ("agent-only as shipped", || shipped("windhover-agent")),
    ("windhover as shipped", || shipped("windhover")),
    ("agent-only, cargo build --release", agent_only),
    ("windhover, cargo build --release", || Ok(windhover())),
];

fn agents(options: &Options, data: &Path, plain: &Server, secure: &Server) -> Result<(), String> {
    let ways = [
        (secure, "TLS", "1s", MEASURED),
        (plain, "http", "1s", MEASURED),
        (secure, "TLS, at 10 s", "10s", MEASURED_SLOW),
    ];
    let ways = if options.full { &ways[..] } else { &ways[..2] };
    for (at, (binary_name, find)) in BINARIES.into_iter().enumerate() {
        let named = |(_, how, ..): &&(_, &str, _, _)| options.wants(&format!("{binary_name}, {how}"));
        let wanted: Vec<_> = ways.iter().filter(named).collect();
        if wanted.is_empty() {
            continue;
        }
        let binary = match find() {
            Ok(binary) => binary,
            Err(why) => {
                println!("{binary_name} not measured: {why}");
                continue;
            }
        };
        for (server, how, interval, measured) in wanted {
            let mut command = agent(&binary, &data.join(format!("{at}-{how}")));
            server.name_to(command.args(["--interval", interval]));
            row(Peer::start(&format!("{binary_name}, {how}"), &mut command)?, *measured, || {});
        }
    }
    Ok(())
}

/// An agent that keeps its data there.
pub fn agent(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["agent", "--data"]).arg(data);
    command
}

/// What `cargo xtask dist` made, if it did.
fn shipped(name: &str) -> Result<PathBuf, String> {
    let path = root().join("target/dist-out").join(name);
    if path.exists() { Ok(path) } else { Err("run `cargo xtask dist` first".into()) }
}

/// Builds the binary that has nothing of a server in it.
fn agent_only() -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", "windhover", "--no-default-features"]);
    cargo.args(["--features", "agent", "--target-dir", "target/agent-only"]);
    let status = cargo.current_dir(root()).status().map_err(|e| e.to_string())?;
    if status.success() {
        Ok(root().join("target/agent-only/release/windhover"))
    } else {
        Err("it does not build".into())
    }
}

/// Runs `each` once a second during the measurement and prints the row.
fn row(peer: Peer, measured: Duration, mut each: impl FnMut()) {
    beat(WARM_UP, &mut each);
    let (before, started) = (peer.cost(), Instant::now());
    beat(measured, &mut each);
    let (after, seconds) = (peer.cost(), started.elapsed().as_secs_f64());
    let Cost { anonymous_bytes, resident_bytes, cpu_seconds } = after;
    let cpu_ms = (cpu_seconds - before.cpu_seconds) * 1000.0 / seconds;
    let (anonymous, resident, percent) = (mb(anonymous_bytes), mb(resident_bytes), cpu_ms / 10.0);
    println!("{:<46} {anonymous:>11} {resident:>11} {cpu_ms:>15.2} {percent:>7.3} %", peer.name);
    peer.stop();
}

fn beat(length: Duration, each: &mut impl FnMut()) {
    let end = Instant::now() + length;
    while Instant::now() < end {
        each();
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Processes that only sleep, so that the machine has as many as a real one.
pub struct Sleepers(Vec<Child>);

impl Sleepers {
    /// Starts all of them.
    pub fn start() -> Result<Self, String> {
        let mut all = Vec::new();
        for _ in 0..PROCESSES {
            let mut command = Command::new("sleep");
            command.arg("1800").stdin(Stdio::null()).stdout(Stdio::null());
            all.push(command.spawn().map_err(|e| e.to_string())?);
        }
        Ok(Self(all))
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
