//! Loads made-up series into a store and prints what they cost: memory by part and as the kernel sees it, CPU time per
//! sample and per new series, log per series, and the time to ask for the last value of up to 10,000 of them.
//!
//! `cargo run --release -p store --example memory -- FOLDER [MIX [SERIES [SCRAPES [SEAL]]]]`
//!
//! MIX is `cpu` (ten metrics and ten tags a host, random walks in whole numbers), `node` (a hundred metrics a host,
//! half of them constant) or `churn` (as many series, but each lives for SCRAPES only, a tenth of them at a time).
//! Every request has a dictionary of its own, so that nothing is in memory but the store. With SEAL everything is
//! written into blocks at the end.

use model::{Batch, Kind, LabelsBuilder, Matcher, Sink, Source, TimeRange};
use std::error::Error;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use stdx::random::Random;
use store::{Options, Store};

const START_MS: i64 = 7_200_000 * 250_000;
const STEP_MS: i64 = 10_000;
/// Series of one request.
const REQUEST_SERIES: usize = 5_000;
const SEED: u64 = 7;
/// The kernel counts CPU time in steps of milliseconds.
const LAST_TIMES: u32 = 100;

#[derive(Clone, Copy, PartialEq)]
enum Mix {
    Cpu,
    Node,
    Churn,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder for the store")?;
    let mix = match arguments.next().as_deref() {
        None | Some("cpu") => Mix::Cpu,
        Some("node") => Mix::Node,
        Some("churn") => Mix::Churn,
        Some(_) => return Err("a mix is cpu, node or churn".into()),
    };
    let series: usize = arguments.next().map_or(Ok(10_000), |n| n.parse())?;
    let scrapes: usize = arguments.next().map_or(Ok(60), |n| n.parse())?;
    let seal = arguments.next().is_some();

    let clock = Arc::new(ManualClock::at(START_MS));
    let mut options = Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    let store = Store::open(options)?;
    let before = kilobytes("RssAnon:");
    let mut load = Load::new(mix);
    let generations = if mix == Mix::Churn { 10 } else { 1 };
    let size = series / generations;
    for generation in 0..generations {
        let first = generation * size;
        for scrape in 0..scrapes {
            let time_ms = START_MS + (generation * scrapes + scrape) as i64 * STEP_MS;
            clock.set_ms(time_ms);
            load.scrape(&store, first..first + size, scrape, time_ms)?;
        }
    }
    load.print(series);
    let loaded = load.samples;
    drop(load);
    print(&store, loaded, before);
    last(&store, clock.as_ref())?;
    if seal {
        let (start, now_ms) = (cpu_s(), START_MS + 6 * 3_600_000);
        clock.set_ms(now_ms);
        store.tick(now_ms)?;
        println!("seal            {:.2} CPU-s", cpu_s() - start);
        print(&store, loaded, before);
        let stats = store.stats();
        println!(
            "blocks          {} bytes, {:.1} a series, in {}",
            stats.block_bytes,
            stats.block_bytes as f64 / series as f64,
            stats.blocks
        );
    }
    println!("peak            {:.1} MB", kilobytes("VmHWM:") / 1e3);
    store.close()?;
    Ok(())
}

/// Makes requests, and remembers what they cost.
struct Load {
    mix: Mix,
    batch: Batch,
    labels: LabelsBuilder,
    walks: Vec<u8>,
    random: Random,
    samples: u64,
    first_s: f64,
    rest_s: f64,
    rest: u64,
}

impl Load {
    fn new(mix: Mix) -> Self {
        Self {
            mix,
            batch: Batch::new(),
            labels: LabelsBuilder::default(),
            walks: Vec::new(),
            random: Random::from_seed(SEED),
            samples: 0,
            first_s: 0.0,
            rest_s: 0.0,
            rest: 0,
        }
    }

    fn scrape(
        &mut self,
        store: &Store,
        series: std::ops::Range<usize>,
        scrape: usize,
        time_ms: i64,
    ) -> Result<(), Box<dyn Error>> {
        self.walks.resize(series.end.max(self.walks.len()), 50);
        for start in series.clone().step_by(REQUEST_SERIES) {
            self.batch.clear();
            self.batch.begin(time_ms);
            for number in start..series.end.min(start + REQUEST_SERIES) {
                self.labels.clear();
                label(self.mix, &mut self.labels, number);
                let slot = self.batch.dictionary.add_built(&mut self.labels, Kind::Gauge)?;
                let value = self.value(number, scrape);
                self.batch.push(slot, value);
            }
            let before = cpu_s();
            let receipt = store.push(&self.batch)?;
            let spent = cpu_s() - before;
            if scrape == 0 {
                self.first_s += spent;
            } else {
                self.rest_s += spent;
                self.rest += receipt.report.accepted;
            }
            self.samples += receipt.report.accepted;
        }
        Ok(())
    }

    fn value(&mut self, number: usize, scrape: usize) -> f64 {
        let random = self.random.next_u64();
        let walk = &mut self.walks[number];
        // About a normal distribution of steps.
        let step = (random & 3) as i32 + (random >> 2 & 3) as i32 - 3;
        *walk = (i32::from(*walk) + step).clamp(0, 100) as u8;
        let (walk, scrape) = (f64::from(*walk), scrape as f64);
        if self.mix != Mix::Node {
            return walk;
        }
        match number % 100 {
            0..50 => (number % 100) as f64,
            50..62 => (number * 1000) as f64 + (scrape / 3.0).floor() * 1460.0,
            62..74 => (f64::from(*self.walks.get(number).unwrap_or(&0)) + scrape * 100.0).round() / 100.0,
            74..82 => walk * 4096.0,
            82..86 => walk / 100.0,
            86..90 => walk / 37.0,
            90..94 => f64::from(u8::from(walk > 52.0)),
            _ => scrape * 17.0,
        }
    }

    fn print(&self, series: usize) {
        println!("new series      {:.2} µs CPU", self.first_s * 1e6 / series as f64);
        println!(
            "known series    {:.3} µs CPU a sample, labels looked up",
            self.rest_s * 1e6 / self.rest as f64
        );
    }
}

fn label(mix: Mix, labels: &mut LabelsBuilder, number: usize) {
    match mix {
        Mix::Cpu => cpu_labels(labels, number),
        Mix::Node => node_labels(labels, number),
        Mix::Churn => churn_labels(labels, number),
    }
}

const FIELDS: [&str; 10] =
    ["user", "system", "idle", "nice", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"];

fn cpu_labels(labels: &mut LabelsBuilder, number: usize) {
    let host = number / FIELDS.len();
    let region = ["us-east-1", "us-west-1", "eu-west-1", "eu-central-1", "ap-southeast-1"][host % 5];
    labels.add("__name__", &format!("cpu_usage_{}", FIELDS[number % FIELDS.len()]));
    labels.add("arch", ["x64", "x86"][host % 2]);
    labels.add("datacenter", &format!("{region}{}", ["a", "b", "c"][host / 5 % 3]));
    labels.add("hostname", &format!("host_{host}"));
    labels.add("os", ["Ubuntu16.10", "Ubuntu16.04LTS", "Ubuntu15.10"][host / 2 % 3]);
    labels.add("rack", &(host * 7 % 100).to_string());
    labels.add("region", region);
    labels.add("service", &(host * 3 % 20).to_string());
    labels.add("service_environment", ["production", "staging", "test"][host % 3]);
    labels.add("service_version", &(host % 2).to_string());
    labels.add("team", ["SF", "NYC", "LON", "CHI"][host / 3 % 4]);
}

fn node_labels(labels: &mut LabelsBuilder, number: usize) {
    let (host, metric) = (number / 100, number % 100);
    labels.add("__name__", &format!("node_metric_{:02}_total", metric / 4));
    labels.add("device", &format!("dev{}", metric % 4));
    labels.add("host", &format!("machine-{host:05}.example.org"));
    labels.add("instance", &format!("machine-{host:05}.example.org:9100"));
    labels.add("job", "node");
}

fn churn_labels(labels: &mut LabelsBuilder, number: usize) {
    let (pod, metric) = (number / 50, number % 50);
    labels.add("__name__", &format!("container_metric_{metric:02}_total"));
    labels.add("container", ["app", "proxy", "logger"][pod % 3]);
    labels.add("instance", &format!("10.0.{}.{}:9102", pod / 250 % 250, pod % 250));
    labels.add("job", "kubernetes-pods");
    labels.add("namespace", &format!("namespace-{}", pod % 40));
    labels.add("node", &format!("node-{}", pod % 200));
    labels.add(
        "pod",
        &format!("deployment-{}-{:08x}-{pod:05}", pod % 500, pod.wrapping_mul(2_654_435_761) as u32),
    );
}

fn print(store: &Store, samples: u64, before: f64) {
    let (stats, memory) = (store.stats(), store.memory());
    let series = stats.head_series.max(1) as f64;
    println!("in memory       {} series, {} samples", stats.head_series, stats.head_samples);
    for (name, bytes) in memory.parts() {
        println!("  {name:<14}{:>9.1} KB {:>8.1} bytes a series", bytes as f64 / 1e3, bytes as f64 / series);
    }
    println!("  {:<14}{:>9.1} KB", "all", memory.parts().iter().map(|(_, b)| *b).sum::<usize>() as f64 / 1e3);
    println!(
        "resident        {:.1} MB, {:.1} MB of it since the start",
        kilobytes("VmRSS:") / 1e3,
        (kilobytes("RssAnon:") - before) / 1e3
    );
    println!("log             {:.2} bytes a sample", stats.log_written_bytes as f64 / samples as f64);
}

/// The last value of one metric's series, at most 10,000.
fn last(store: &Store, clock: &ManualClock) -> Result<(), Box<dyn Error>> {
    use stdx::clock::Clock;
    let range = TimeRange::new(START_MS, clock.now_ms() + 1);
    let matchers = [Matcher::new("__name__", model::MatchOp::Regex, ".+")?];
    let (mut found, mut select_s, mut read_s) = (0, 0.0, 0.0);
    for _ in 0..LAST_TIMES {
        let start = cpu_s();
        let ids: Vec<_> = store.select(&matchers, range, 10_000)?.series.iter().map(|s| s.id).collect();
        let selected = cpu_s();
        found = store.last(&ids, range)?.iter().flatten().count();
        select_s += selected - start;
        read_s += cpu_s() - selected;
    }
    let us = |seconds: f64| seconds * 1e6 / f64::from(LAST_TIMES);
    println!(
        "last            {found} values: {:.0} µs CPU to select, {:.0} to read",
        us(select_s),
        us(read_s)
    );
    Ok(())
}

/// CPU time of this thread.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// A line of the kernel's account of this process, in kB.
fn kilobytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}
