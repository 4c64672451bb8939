//! Loads a recording of scrapes through a store and prints what it costs: CPU time and log per sample on the way in,
//! bytes per sample on disk, and the time to read an hour back.
//!
//! `zstd -dc --long=27 RECORDING | cargo run --release -p store --example ingest -- FOLDER [HOSTS [TIMES]]`
//!
//! The recording is text: a line `#T <unix ms>` before each scrape, then lines `name{label="value"} number`. With
//! HOSTS the scrape is pushed once for each of so many hosts; with TIMES the recording is played so many times, one
//! after the other, with the store's work done as time goes by.

use model::{Batch, Chunk, Kind, Labels, LabelsBuilder, Matcher, Sink, Slot, Source, TimeRange};
use std::collections::HashMap;
use std::error::Error;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use store::{Options, Store};

const HOUR_MS: i64 = 3_600_000;

/// A scrape: its time, and for each line the number of its series and its value.
type Scrape = (i64, Vec<(u32, f64)>);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder for the store")?;
    let hosts: u32 = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let times: i64 = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let (series, scrapes) = parse(&text)?;
    drop(text);
    let first_ms = scrapes.first().ok_or("no scrapes")?.0;
    let length_ms = scrapes.last().ok_or("no scrapes")?.0 - first_ms + 1000;
    let last_ms = first_ms + times * length_ms - 1000;

    let clock = Arc::new(ManualClock::at(first_ms));
    let store = Store::open(Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _))?;
    let mut batches: Vec<Batch> =
        (0..hosts).map(|host| batch_for(&series, host)).collect::<Result<_, _>>()?;
    let resident = resident_mb();
    let start = cpu_s();
    let mut samples = 0;
    for (round, (time_ms, rows)) in (0..times).flat_map(|round| scrapes.iter().map(move |s| (round, s))) {
        let time_ms = time_ms + round * length_ms;
        clock.set_ms(time_ms);
        for batch in &mut batches {
            batch.clear_rows();
            batch.begin(time_ms);
            rows.iter().for_each(|&(slot, value)| batch.push(Slot(slot), value));
            samples += store.push(batch)?.report.accepted;
        }
        if times > 1 {
            store.tick(time_ms)?;
        }
    }
    let million = samples as f64 / 1e6;
    let stats = store.stats();
    println!("{samples} samples of {} series", stats.head_series);
    println!("push          {:.3} CPU-s per million samples", (cpu_s() - start) / million);
    println!("log           {:.3} bytes per sample", stats.log_written_bytes as f64 / samples as f64);
    println!("memory        {:.3} bytes per sample", stats.head_bytes as f64 / stats.head_samples as f64);
    println!("resident      {:.1} MB more than before", resident_mb() - resident);
    read(&store, "memory", last_ms)?;

    store.close()?;
    drop(store);
    let start = cpu_s();
    let store = Store::open(Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _))?;
    let replayed = store.stats().replayed;
    println!("open          {:.2} CPU-s for {replayed} samples of log", cpu_s() - start);

    let start = cpu_s();
    clock.set_ms(last_ms + 4 * HOUR_MS);
    store.tick(last_ms + 4 * HOUR_MS)?;
    let stats = store.stats();
    println!("seal          {:.3} CPU-s per million samples", (cpu_s() - start) / million);
    println!(
        "blocks        {:.3} bytes per sample ({} samples, {} blocks)",
        stats.block_bytes as f64 / stats.block_samples as f64,
        stats.block_samples,
        stats.blocks
    );
    read(&store, "blocks", last_ms)?;
    store.close()?;
    Ok(())
}

fn parse(text: &str) -> Result<(Vec<String>, Vec<Scrape>), Box<dyn Error>> {
    let (mut numbers, mut names, mut scrapes) = (HashMap::new(), Vec::new(), Vec::<Scrape>::new());
    for line in text.lines() {
        if let Some(time) = line.strip_prefix("#T ") {
            scrapes.push((time.trim().parse()?, Vec::new()));
            continue;
        }
        let (name, value) = line.rsplit_once(' ').ok_or("a line without a value")?;
        let number = *numbers.entry(name).or_insert_with(|| {
            names.push(name.to_owned());
            names.len() as u32 - 1
        });
        scrapes.last_mut().ok_or("a sample before the first time")?.1.push((number, value.parse()?));
    }
    Ok((names, scrapes))
}

fn batch_for(series: &[String], host: u32) -> Result<Batch, Box<dyn Error>> {
    let mut batch = Batch::new();
    for text in series {
        batch.dictionary.add(&labels(text, host)?, Kind::Unknown);
    }
    Ok(batch)
}

fn labels(text: &str, host: u32) -> Result<Labels, Box<dyn Error>> {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let mut builder = LabelsBuilder::default();
    builder.add("__name__", name).add("host", &format!("host-{host:04}")).add("job", "node");
    let mut rest = rest.trim_end_matches('}');
    while let Some((label, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').ok_or("a value without an end")?;
        builder.add(label, value);
        rest = after.trim_start_matches(',');
    }
    Ok(builder.build()?)
}

/// Ten series, the last hour.
fn read(store: &Store, from: &str, last_ms: i64) -> Result<(), Box<dyn Error>> {
    let range = TimeRange::new(last_ms - HOUR_MS, last_ms + 1);
    let matchers =
        [Matcher::equal("__name__", "node_cpu_seconds_total"), Matcher::equal("host", "host-0000")];
    let mut best_us = u128::MAX;
    let mut samples = 0;
    for _ in 0..20 {
        let start = Instant::now();
        let ids: Vec<_> = store.select(&matchers, range, 10)?.series.iter().map(|s| s.id).collect();
        samples = 0;
        store.read(&ids, range, &mut |_, Chunk::Samples { times_ms, .. }| {
            samples += times_ms.len();
            ControlFlow::Continue(())
        })?;
        best_us = best_us.min(start.elapsed().as_micros());
    }
    println!("read {from:<8} {best_us} µs for {samples} samples of 10 series");
    Ok(())
}

/// CPU time of this process, from the kernel's count in hundredths of a second.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1000.0
}
