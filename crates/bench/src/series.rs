//! What series cost: new ones by the thousand (churn), and memory while many are active. Remote write to one server
//! after the other; the data end now.

use crate::data::churn::Churn;
use crate::data::cpu::Cpu;
use crate::data::play::{Play, Steps};
use crate::local::Local;
use crate::options::Options;
use crate::peer::{disk_bytes, folder, mb};
use crate::sender::{Protocol, Sender};
use crate::servers::Server;
use crate::write;
use std::time::{SystemTime, UNIX_EPOCH};

const STEP_MS: i64 = 10_000;
const SERIES_PER_REQUEST: usize = 2000;
/// Scrapes a churning series lives for.
const LIFE: usize = 5;
const GENERATIONS: usize = 10;

/// A row for each load and server.
pub fn run(options: &Options) -> Result<(), String> {
    println!(
        "{:<22} {:<17} {:>9} {:>9} {:>13} {:>11} {:>11} {:>12}",
        "load", "server", "series", "samples", "CPU-us/series", "anonymous", "resident", "bytes/series"
    );
    let churned = options.size(100, 10_000, 100_000);
    let churn = || -> Box<dyn Play> {
        let scrapes = (GENERATIONS * LIFE) as i64;
        Box::new(Churn::new(GENERATIONS, churned, LIFE, start_ms(scrapes), STEP_MS))
    };
    measure(options, "churn", &churn)?;
    sealed(&churn)?;
    let active = |hosts: usize, steps: usize| {
        move || -> Box<dyn Play> {
            Box::new(Steps::new(Cpu::new(hosts, 1), start_ms(steps as i64), STEP_MS, steps))
        }
    };
    measure(options, "active for an hour", &active(options.size(10, 1000, 1000), options.size(5, 360, 360)))?;
    measure(options, "active, many", &active(options.size(20, 10_000, 100_000), 5))
}

fn start_ms(scrapes: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
    (now - scrapes * STEP_MS) / STEP_MS * STEP_MS
}

fn measure(options: &Options, load: &str, play: &dyn Fn() -> Box<dyn Play>) -> Result<(), String> {
    if !options.wants(load) {
        return Ok(());
    }
    let servers =
        if options.alone { &[Server::Windhover][..] } else { &[Server::Windhover, Server::Victoria] };
    for server in servers {
        if let Err(why) = row(*server, load, play().as_mut()) {
            println!("{load:<22} {:<17} not measured: {why}", server.name());
        }
    }
    Ok(())
}

fn row(server: Server, load: &str, play: &mut dyn Play) -> Result<(), String> {
    let data = folder("series")?;
    let (peer, port) = server.start(&data.join("data"))?;
    let series = play.labels().len() as f64;
    let before = peer.cost();
    let samples = send(&mut Sender::open(port, Protocol::RemoteWrite)?, play)?;
    peer.settle();
    let after = peer.cost();
    peer.stop();
    let cpu_us = (after.cpu_seconds - before.cpu_seconds) * 1e6 / series;
    let bytes = disk_bytes(&data) as f64 / series;
    let (anonymous, resident) = (mb(after.anonymous_bytes), mb(after.resident_bytes));
    println!(
        "{load:<22} {:<17} {series:>9} {samples:>9} {cpu_us:>13.1} {anonymous:>11} {resident:>11} {bytes:>12.1}",
        server.name()
    );
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

fn send(sender: &mut Sender, play: &mut dyn Play) -> Result<u64, String> {
    let labels = play.labels().to_vec();
    let mut encoded: Vec<Vec<u8>> = Vec::new();
    let (mut rows, mut samples) = (Vec::new(), 0);
    while let Some(time_ms) = play.next(&mut rows) {
        let needed = rows.iter().map(|(series, _)| *series as usize + 1).max().unwrap_or(0);
        encoded.extend(labels[encoded.len().min(needed)..needed].iter().map(write::labels));
        for rows in rows.chunks(SERIES_PER_REQUEST) {
            let rows = rows.iter().map(|(series, value)| (&encoded[*series as usize], *value));
            sender.send(&write::request(rows, time_ms))?;
        }
        samples += rows.len() as u64;
    }
    Ok(samples)
}

/// The same churn in this process: what stays on disk when it is in blocks, as a server seals after hours only.
fn sealed(play: &dyn Fn() -> Box<dyn Play>) -> Result<(), String> {
    let data = folder("sealed")?;
    let mut play = play();
    let series = play.labels().len() as f64;
    let local = Local::open(&data, start_ms(0))?;
    let (_, last_ms) = local.load(play.as_mut())?;
    local.seal(last_ms)?;
    println!(
        "churn, sealed in this process: {:.1} bytes a series, all files",
        disk_bytes(&data) as f64 / series
    );
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}
