//! What following services costs per round when nothing changes: 300 processes, and services of every kind with their
//! configuration files, as the fixtures have them. Every round is a second.

#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the tests of discovery start and end processes, too"
)]
#[path = "../../discover/src/tests/recording.rs"]
mod recording;

use crate::cost::cpu_seconds;
use crate::options::Options;
use collect::{Host, ProcessTable};
use discover::{Discovery, DryRun, Machine};
use std::fs;
use std::io;
use std::path::Path;
use tempfile::TempDir;

/// Where oddities of services are kept.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/services");
const PROCESSES: usize = 300;
/// One or more instances of each kind.
const SERVICES: [&str; 14] = [
    "nginx-debian",
    "apache-debian",
    "php-fpm-pools",
    "haproxy-syslog-file",
    "postgres-two",
    "mysql-debian",
    "redis-title",
    "memcached",
    "mongodb",
    "rabbitmq",
    "zookeeper",
    "etcd",
    "elasticsearch",
    "docker",
];

/// Prints the mean and the dearest round.
pub fn run(options: &Options) -> Result<(), String> {
    let rounds = if options.tiny { 5 } else { 3600 };
    let machine = unfold().map_err(|error| error.to_string())?;
    measure(machine.path(), rounds)
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
    if found < SERVICES.len() {
        return Err(format!("{found} services were found; there are {} kinds", SERVICES.len()));
    }
    let first = costs[0];
    // The first minute's second looks are part of finding them.
    let quiet = &mut costs[30..];
    let mean = quiet.iter().sum::<f64>() / quiet.len() as f64;
    quiet.sort_unstable_by(f64::total_cmp);
    let (middle, dearest) = (quiet[quiet.len() / 2], quiet[quiet.len() - 1]);
    println!(
        "{PROCESSES} processes, {found} services of {} kinds, {} rounds of a second",
        SERVICES.len(),
        quiet.len()
    );
    println!("  finding them all        {:>9.3} ms", first * 1e3);
    println!("  a round, the middle one {:>9.3} ms", middle * 1e3);
    println!("  a round, the mean       {:>9.3} ms", mean * 1e3);
    println!("  a round, the dearest    {:>9.3} ms", dearest * 1e3);
    Ok(())
}

/// A machine with services of every kind, from the fixtures, and others that are none.
fn unfold() -> io::Result<TempDir> {
    let machine = recording::unfold(&Path::new(FIXTURES).join("nothing"));
    let mut pid = 1;
    for (at, name) in SERVICES.iter().enumerate() {
        let folder = Path::new(FIXTURES).join(name);
        recording::copy(&folder.join("root"), machine.path());
        let first = 1000 * (at + 1);
        let text = fs::read_to_string(folder.join("processes"))?;
        recording::add(machine.path(), &text.lines().map(|line| moved(line, first)).collect::<String>());
    }
    while processes(machine.path())? < PROCESSES {
        recording::add(
            machine.path(),
            &format!("{pid} /usr/bin/worker\n  argument worker\n  argument {pid}\n"),
        );
        pid += 1;
    }
    Ok(machine)
}

fn processes(machine: &Path) -> io::Result<usize> {
    // One of them is `self`.
    Ok(fs::read_dir(machine.join("proc"))?.count() - 1)
}

/// A line of a fixture with the numbers of its processes `first` further on, as fixtures have the same ones.
fn moved(line: &str, first: usize) -> String {
    let (before, word) = match line.strip_prefix("  parent ") {
        Some(parent) => ("  parent ", parent),
        None => ("", line),
    };
    let (number, rest) = word.split_at(word.find(' ').unwrap_or(word.len()));
    match number.parse::<usize>() {
        Ok(pid) if pid > 1 => format!("{before}{}{rest}\n", pid + first),
        _ => format!("{line}\n"),
    }
}
