//! What following services costs per round when nothing changes: 300 processes, 20 of them services with configuration
//! files of their own. Every round is a second.

use crate::cost::cpu_seconds;
use crate::options::Options;
use collect::{Host, ProcessTable};
use discover::{Discovery, DryRun, Machine};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const PROCESSES: u32 = 300;
const SERVICES: u32 = 20;

/// Prints the mean and the dearest round.
pub fn run(options: &Options) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("windhover-bench-discovery-{}", std::process::id()));
    let rounds = if options.tiny { 5 } else { 3600 };
    let outcome = unfold(&folder).map_err(|error| error.to_string()).and_then(|()| measure(&folder, rounds));
    let _ = fs::remove_dir_all(&folder);
    outcome
}

fn measure(folder: &Path, rounds: u32) -> Result<(), String> {
    let host = Host::recorded(folder);
    let mut table = ProcessTable::new(&host);
    let mut discovery = Discovery::new(Machine::of(&host), discover::Options::default(), Box::new(DryRun));
    let mut buffer = Vec::new();
    let mut costs = Vec::new();
    for round in 0..rounds + 30 {
        let now_ms = i64::from(round) * 1000;
        table.read(now_ms, &mut buffer, None).map_err(|error| error.to_string())?;
        let before = cpu_seconds();
        discovery.round(now_ms, &table);
        costs.push(cpu_seconds() - before);
    }
    let found = discovery.board().count();
    if found != SERVICES as usize {
        return Err(format!("{found} services were found instead of {SERVICES}"));
    }
    let first = costs[0];
    // The first minute's second looks are part of finding them.
    let quiet = &mut costs[30..];
    let mean = quiet.iter().sum::<f64>() / quiet.len() as f64;
    quiet.sort_unstable_by(f64::total_cmp);
    let (middle, dearest) = (quiet[quiet.len() / 2], quiet[quiet.len() - 1]);
    println!("{PROCESSES} processes, {SERVICES} services, {} rounds of a second", quiet.len());
    println!("  finding them all        {:>9.3} ms", first * 1e3);
    println!("  a round, the middle one {:>9.3} ms", middle * 1e3);
    println!("  a round, the mean       {:>9.3} ms", mean * 1e3);
    println!("  a round, the dearest    {:>9.3} ms", dearest * 1e3);
    Ok(())
}

/// A machine in a folder.
fn unfold(folder: &Path) -> io::Result<()> {
    for pid in 1..=PROCESSES {
        let is_service = pid % (PROCESSES / SERVICES) == 0;
        let title = match is_service {
            true => format!("nginx: master process nginx -c /etc/n/{pid}/nginx.conf"),
            false => format!("/usr/bin/worker{pid}\0--number\0{pid}"),
        };
        process(folder, pid, &title)?;
        if is_service {
            configuration(&folder.join(format!("etc/n/{pid}")))?;
        }
    }
    Ok(())
}

fn process(root: &Path, pid: u32, title: &str) -> io::Result<()> {
    let folder: PathBuf = root.join("proc").join(pid.to_string());
    fs::create_dir_all(folder.join("fd"))?;
    fs::create_dir_all(folder.join("ns"))?;
    fs::write(folder.join("stat"), format!("{pid} (x) S 1{} {pid} 0 100 0 1 1 1", " 0".repeat(17)))?;
    fs::write(folder.join("cmdline"), format!("{title}\0"))?;
    symlink(root, folder.join("root"))?;
    symlink(root, folder.join("cwd"))
}

/// Five files, as a small site has.
fn configuration(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("sites"))?;
    fs::write(
        folder.join("nginx.conf"),
        "http { include sites/*.conf; access_log /var/log/x/$host.log; }\n",
    )?;
    for site in 0..4 {
        let text =
            format!("server {{ listen 127.0.0.1:{}; location = /s {{ stub_status; }} }}\n", 8000 + site);
        fs::write(folder.join(format!("sites/{site}.conf")), text)?;
    }
    Ok(())
}
