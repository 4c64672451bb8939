//! Measures how long a store takes to open with a log of so many samples, none of which is in a block.
//!
//! `cargo run --release -p store --example replay -- FOLDER [MILLIONS [SERIES]]`
//!
//! The folder is emptied of nothing: give one that does not exist. Values are what hosts send: some constant, some
//! counters, some that jitter.

use model::{Batch, Kind, Labels, Sink, Slot};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use stdx::random::Random;
use store::{Options, Store};

const HOST_SERIES: u32 = 200;
const STEP_MS: i64 = 10_000;
const START_MS: i64 = 7_200_000 * 250_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder for the store")?;
    let millions: u64 = arguments.next().map_or(Ok(10), |n| n.parse())?;
    let series: u32 = arguments.next().map_or(Ok(20_000), |n| n.parse())?;
    let clock = Arc::new(ManualClock::at(START_MS));
    let mut options = Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    options.late_window = std::time::Duration::from_secs(10 * 86_400);
    let store = Store::open(options.clone())?;
    let mut batches: Vec<Batch> = (0..series / HOST_SERIES).map(batch).collect::<Result<_, _>>()?;
    let mut random = Random::from_seed(1);
    let (mut samples, mut time_ms) = (0u64, START_MS);
    let start = Instant::now();
    while samples < millions * 1_000_000 {
        clock.set_ms(time_ms);
        for batch in &mut batches {
            batch.clear_rows();
            batch.begin(time_ms);
            (0..HOST_SERIES).for_each(|slot| batch.push(Slot(slot), value(slot, time_ms, &mut random)));
            samples += store.push(batch)?.report.accepted;
        }
        time_ms += STEP_MS;
    }
    let stats = store.stats();
    println!("{samples} samples of {} series in {:.1} s", stats.head_series, start.elapsed().as_secs_f64());
    println!("log {:.2} bytes per sample", stats.log_written_bytes as f64 / samples as f64);
    store.close()?;
    drop(store);
    let (start, cpu) = (Instant::now(), cpu_s());
    let store = Store::open(options)?;
    println!(
        "opened in {:.2} s, {:.2} s of CPU, {} samples",
        start.elapsed().as_secs_f64(),
        cpu_s() - cpu,
        store.stats().replayed
    );
    Ok(())
}

fn batch(host: u32) -> Result<Batch, Box<dyn Error>> {
    let mut batch = Batch::new();
    let host = format!("host-{host:05}.example.org");
    for series in 0..HOST_SERIES {
        let name = format!("node_metric_{series}_total");
        let labels = Labels::from_pairs([("__name__", name.as_str()), ("host", &host), ("job", "node")])?;
        batch.dictionary.add(&labels, Kind::Counter);
    }
    Ok(batch)
}

fn value(slot: u32, time_ms: i64, random: &mut Random) -> f64 {
    match slot % 4 {
        0 | 1 => 1.0,
        2 => (time_ms / 10 * i64::from(slot)) as f64,
        _ => random.below(10_000) as f64 / 100.0,
    }
}

/// CPU time of this process, from the kernel's count in hundredths of a second.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
