//! Pushes while the work behind the scenes computes rows and joins blocks, and prints how long a push takes meanwhile
//! and how much of a core the work takes: `cargo run --release -p store --example pace -- FOLDER [SERIES]`
//!
//! A day of samples every ten seconds is loaded first, without work, which is timed as well; then the work starts, and one
//! batch after the other is pushed until it has caught up.

use model::{Batch, Kind, Labels, Sink};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use store::{Options, Policy, Store};

const START_MS: i64 = 240 * 3_600_000 * 2000;
const STEP_MS: i64 = 10_000;
const STEPS: i64 = 26 * 360;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder for the store")?;
    let series: usize = arguments.next().map_or(Ok(500), |n| n.parse())?;
    let clock = Arc::new(ManualClock::at(START_MS));
    let options = |background| {
        let mut options = Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _);
        options.policies = vec![Policy::default()];
        options.background = background;
        options
    };
    let mut batch = Batch::new();
    let slots: Vec<_> = (0..series)
        .map(|n| {
            let host = format!("h{n}");
            let labels = Labels::from_pairs([("__name__", "load"), ("host", host.as_str())])?;
            Ok::<_, Box<dyn Error>>(batch.dictionary.add(&labels, Kind::Gauge))
        })
        .collect::<Result<_, _>>()?;
    let mut push = |store: &Store, step: i64| -> Result<(), Box<dyn Error>> {
        let time_ms = START_MS + step * STEP_MS;
        clock.set_ms(time_ms);
        batch.clear_rows();
        batch.begin(time_ms);
        for (n, &slot) in slots.iter().enumerate() {
            batch.push(slot, ((step * 7919 + n as i64 * 31) % 1000) as f64 / 100.0);
        }
        store.push(&batch)?;
        Ok(())
    };
    let store = Store::open(options(false))?;
    let mut alone: Vec<Duration> = Vec::new();
    for step in 0..STEPS {
        let before = Instant::now();
        push(&store, step)?;
        alone.push(before.elapsed());
    }
    store.close()?;
    drop(store);
    let store = Store::open(options(true))?;
    let (started, cpu) = (Instant::now(), cpu_s());
    let mut took: Vec<Duration> = Vec::new();
    let mut pushing = Duration::ZERO;
    let mut quiet = 0;
    let mut work = store.stats().windows_rolled + store.stats().compactions;
    for step in STEPS.. {
        let before = Instant::now();
        push(&store, step)?;
        took.push(before.elapsed());
        pushing += before.elapsed();
        std::thread::sleep(Duration::from_millis(5));
        let now = store.stats().windows_rolled + store.stats().compactions;
        quiet = if now == work { quiet + 1 } else { 0 };
        work = now;
        if quiet > 600 {
            break;
        }
    }
    let (wall_s, cpu_s) = (started.elapsed().as_secs_f64(), cpu_s() - cpu);
    tell(&format!("without work: pushes of {series} samples"), alone);
    tell("with work", took);
    println!(
        "in {wall_s:.1} s: {cpu_s:.1} s CPU, of these {:.1} s pushing; {:?}",
        pushing.as_secs_f64(),
        store.stats()
    );
    store.close()?;
    Ok(())
}

fn tell(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    println!("{what}: {} pushes, p50 {:?}, p99 {:?}, max {:?}", took.len(), at(0.5), at(0.99), at(1.0));
}

/// CPU time of the process so far.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |at: usize| after_name.split_whitespace().nth(at).and_then(|n| n.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}
