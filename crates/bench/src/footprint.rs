//! What watching a host costs: our agent at 1 s with every collector, beside node_exporter scraped each second and
//! collectd at 1 s, with 300 processes on the machine.

use crate::peer::{Cost, Peer, folder, free_port, mb, ready, windhover};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROCESSES: usize = 300;
const WARM_UP: Duration = Duration::from_secs(10);
const MEASURED: Duration = Duration::from_secs(30);

/// Measures all three, one after the other.
pub fn run() -> Result<(), String> {
    let sleepers = Sleepers::start()?;
    println!("{:<38} {:>13} {:>13} {:>16}", "agent", "anonymous", "resident", "CPU ms a second");
    let data = folder("footprint")?;
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let mut command = Command::new(windhover());
    command.args(["server", "--listen", &listen, "--data"]).arg(data.join("server"));
    let server = Peer::start("server", &mut command)?;
    ready(&format!("http://{listen}/health"))?;

    let agent = |binary: PathBuf, name: &str| {
        let mut command = Command::new(binary);
        command.args(["agent", "--server", &format!("http://{listen}"), "--data"]).arg(data.join(name));
        command
    };
    row(Peer::start("windhover agent, connected", &mut agent(windhover(), "full"))?, || {});
    match agent_only() {
        Ok(binary) => {
            row(Peer::start("windhover agent-only build, connected", &mut agent(binary, "only"))?, || {})
        }
        Err(why) => println!("agent-only build not measured: {why}"),
    }
    server.stop();
    row(Peer::start("windhover agent, server away", &mut agent(windhover(), "alone"))?, || {});
    node_exporter().unwrap_or_else(|why| println!("prometheus-node-exporter not measured: {why}"));
    collectd().unwrap_or_else(|why| println!("collectd not measured: {why}"));
    drop(sleepers);
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

/// Builds the binary that has nothing of a server in it.
fn agent_only() -> Result<PathBuf, String> {
    let root = windhover().ancestors().nth(3).map(Path::to_owned).ok_or("no root")?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", "windhover", "--no-default-features"]);
    cargo.args(["--features", "agent", "--target-dir", "target/agent-only"]);
    let status = cargo.current_dir(&root).status().map_err(|e| e.to_string())?;
    if status.success() {
        Ok(root.join("target/agent-only/release/windhover"))
    } else {
        Err("it does not build".into())
    }
}

/// Runs `each` once a second during the measurement and prints the row.
fn row(peer: Peer, mut each: impl FnMut()) {
    beat(WARM_UP, &mut each);
    let (before, started) = (peer.cost(), Instant::now());
    beat(MEASURED, &mut each);
    let (after, seconds) = (peer.cost(), started.elapsed().as_secs_f64());
    let Cost { anonymous_bytes, resident_bytes, cpu_seconds } = after;
    let cpu_ms = (cpu_seconds - before.cpu_seconds) * 1000.0 / seconds;
    println!("{:<38} {:>13} {:>13} {:>16.2}", peer.name, mb(anonymous_bytes), mb(resident_bytes), cpu_ms);
    peer.stop();
}

fn beat(length: Duration, each: &mut impl FnMut()) {
    let end = Instant::now() + length;
    while Instant::now() < end {
        each();
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn node_exporter() -> Result<(), String> {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new("prometheus-node-exporter");
    let peer = Peer::start(
        "node_exporter, scraped each second",
        command.arg(format!("--web.listen-address={address}")),
    )?;
    let url = format!("http://{address}/metrics");
    ready(&url)?;
    row(peer, || {
        let _ = ureq::get(&url).call().map(|mut a| a.body_mut().read_to_string());
    });
    Ok(())
}

fn collectd() -> Result<(), String> {
    let data = folder("collectd")?;
    let plugins = [
        "cpu",
        "df",
        "disk",
        "interface",
        "load",
        "memory",
        "processes",
        "swap",
        "tcpconns",
        "uptime",
        "vmem",
        "csv",
    ];
    let mut text =
        format!("Interval 1\nBaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nHostname \"bench\"\n", data.display());
    for plugin in plugins {
        text.push_str(&format!("LoadPlugin {plugin}\n"));
    }
    text.push_str(&format!("<Plugin csv>\nDataDir \"{}/csv\"\n</Plugin>\n", data.display()));
    let file = data.join("collectd.conf");
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    row(Peer::start("collectd, csv output", Command::new("collectd").arg("-f").arg("-C").arg(&file))?, || {});
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

/// Processes that only sleep, so that the machine has as many as a real one.
struct Sleepers(Vec<Child>);

impl Sleepers {
    fn start() -> Result<Self, String> {
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
