//! A chart of thirty days: a thousand series with a sample a minute, on a server with its default policy, so that the older
//! samples are rows. Asked as pages and dashboards ask, in an interval of an hour.

use super::web::Server;
use crate::cost::median;
use crate::options::Options;
use crate::victoria::Victoria;
use model::{Batch, Kind, Labels, NAME, Sink};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use stdx::clock::{Clock, ManualClock, SystemClock};
use stdx::disk::RealDisk;
use stdx::random::Random;
use store::{Options as StoreOptions, Policy, Store};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const DAYS: i64 = 30;
/// Samples are pushed so many steps at a time before the store does its work.
const TICK_MS: i64 = 2 * HOUR_MS;
/// Series of a pool, which are put together in some charts.
const POOL: usize = 100;
const RUNS: usize = 9;

/// How much data.
#[derive(Debug, Clone, Copy)]
struct Size {
    series: usize,
    step_ms: i64,
    end_ms: i64,
}

impl Size {
    fn start_ms(&self) -> i64 {
        self.end_ms - DAYS * DAY_MS
    }
}

/// A chart.
struct Chart {
    name: &'static str,
    timelion: &'static str,
    promql: &'static str,
}

const CHARTS: [Chart; 4] = [
    Chart { name: "one line", timelion: ".es(metric=avg:load)", promql: "avg(avg_over_time(load[1h]))" },
    Chart {
        name: "a line a pool",
        timelion: ".es(metric=max:load, split=pool:100)",
        promql: "max by (pool) (max_over_time(load[1h]))",
    },
    Chart {
        name: "a line a series",
        timelion: ".es(metric=avg:load, split=host:1000)",
        promql: "avg_over_time(load[1h])",
    },
    Chart { name: "newest of a series", timelion: ".es(metric=last:load, split=host:1000)", promql: "load" },
];

/// What the charts are called.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHARTS.iter().map(|chart| chart.name)
}

/// Prints a row a chart.
pub fn run(options: &Options, data: &Path) -> Result<(), String> {
    let now_ms = SystemClock.now_ms();
    let size = Size {
        series: options.size(10, 1000, 1000),
        step_ms: options.size(HOUR_MS / 4, 60_000, 60_000),
        // A whole hour that is over: what is newest is on its way into blocks, as ever.
        end_ms: now_ms - now_ms % HOUR_MS,
    };
    let original = data.join(format!("month-{}", size.series));
    let _ = std::fs::remove_dir_all(&original); // it is about today
    fill(&size, &original)?;
    if options.alone {
        return Ok(());
    }
    let server = Server::start(&original, &data.join("month-served"), &[])?;
    println!(
        "\n30 days of {} series every {} s, hour by hour; over HTTP, CPU and wall ms, medians",
        size.series,
        size.step_ms / 1000
    );
    println!("{:<22} {:>8} {:>8} {:>9} {:>8} {:>8} {:>9}", "chart", "Timelion", "", "KB", "PromQL", "", "KB");
    for chart in CHARTS.iter().filter(|chart| options.wants(chart.name)) {
        let body = json!({
            "language": "timelion", "exprs": [chart.timelion], "interval": "1h",
            "from": size.start_ms().to_string(), "to": size.end_ms.to_string(),
        });
        let timelion = timed(&server, || server.web.ask(body.to_string()).map(|answer| answer.len()))?;
        let path = Victoria::range_path(chart.promql, size.start_ms() + HOUR_MS, size.end_ms, HOUR_MS);
        let promql = timed(&server, || {
            let answer = server.web.get(&path)?;
            if !answer.contains("\"metric\"") {
                return Err(format!("{}: nothing was found", chart.promql));
            }
            Ok(answer.len())
        })?;
        println!(
            "{:<22} {:>8.1} {:>8.1} {:>9} {:>8.1} {:>8.1} {:>9}",
            chart.name,
            timelion.0,
            timelion.1,
            timelion.2 / 1000,
            promql.0,
            promql.1,
            promql.2 / 1000
        );
    }
    server.web.peer.stop();
    Ok(())
}

// CPU and wall milliseconds, and bytes of the answer. The first answer only warms up.
fn timed(server: &Server, ask: impl Fn() -> Result<usize, String>) -> Result<(f64, f64, usize), String> {
    let bytes = ask()?;
    let (mut cpus, mut walls) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (cpu, started) = (server.web.peer.cost().cpu_seconds, Instant::now());
        ask()?;
        walls.push(started.elapsed().as_secs_f64() * 1000.0);
        cpus.push((server.web.peer.cost().cpu_seconds - cpu) * 1000.0);
    }
    Ok((median(&mut cpus), median(&mut walls), bytes))
}

// A store that was there all the time: blocks are written, joined, rolled and forgotten as time goes by.
fn fill(size: &Size, data: &Path) -> Result<(), String> {
    let clock = Arc::new(ManualClock::at(size.start_ms()));
    let mut options = StoreOptions::new(data, Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    options.policies = vec![Policy::default()];
    let store = Store::open(options).map_err(|e| e.to_string())?;
    let mut batch = Batch::new();
    let slots: Result<Vec<_>, String> = (0..size.series)
        .map(|at| {
            let (host, pool) = (format!("host_{at}"), format!("pool_{}", at / POOL));
            let labels = Labels::from_pairs([(NAME, "load"), ("host", &host), ("pool", &pool)]);
            Ok(batch.dictionary.add(&labels.map_err(|e| e.to_string())?, Kind::Gauge))
        })
        .collect();
    let (slots, mut random) = (slots?, Random::from_seed(7));
    let mut loads = vec![100i64; size.series];
    let mut now_ms = size.start_ms();
    while now_ms < size.end_ms {
        clock.set_ms(now_ms);
        batch.clear_rows();
        batch.begin(now_ms);
        for (slot, load) in slots.iter().zip(&mut loads) {
            *load = (*load + random.below(41) as i64 - 20).clamp(0, 1600);
            batch.push(*slot, *load as f64 / 100.0);
        }
        store.push(&batch).map_err(|e| e.to_string())?;
        now_ms += size.step_ms;
        if now_ms % TICK_MS < size.step_ms {
            store.tick(now_ms).map_err(|e| e.to_string())?;
        }
    }
    store.close().map_err(|e| e.to_string())
}
