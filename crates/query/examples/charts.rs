//! Asks for thirty days hour by hour, of a folder that the example `month` of `store` has filled, in three languages:
//! `cargo run --release -p query --example charts -- FOLDER [PART OF A QUESTION]`

use lang::Scope;
use model::TimeRange;
use query::graphite::Context;
use query::names::{signatures, timelion::FUNCTIONS};
use query::vector::{self, Outcome, Question, Steps};
use query::{GridSpec, Request};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use store::{Options, Policy, Store};

const HOUR_MS: i64 = 3_600_000;
const START_MS: i64 = 2400 * 200 * HOUR_MS;
const END_MS: i64 = START_MS + 30 * 24 * HOUR_MS;
const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder with a store")?;
    let only = arguments.next().unwrap_or_default();
    let mut options = Options::new(&folder, Arc::new(RealDisk), Arc::new(ManualClock::at(END_MS)) as _);
    options.background = false;
    options.policies = vec![Policy::default()];
    let store = Store::open(options)?;
    let series = model::Source::select(&store, &[], TimeRange::ALL, usize::MAX)?.series.len();
    println!("{series} series; CPU and wall ms, medians");
    let timelion = [
        ".es(metric=avg:load)",
        ".es(metric=avg:load, split=host:1000)",
        ".es(metric=max:load, split=host:1000)",
    ];
    let promql = [
        "avg(avg_over_time(load[1h]))",
        "max_over_time(load[1h])",
        "avg_over_time(load[1h])",
        "sum(rate(load[1h]))",
        "rate(load[1h])",
        "rate(load[5m])",
        "delta(load[1h])",
        "load",
    ];
    let graphite = ["seriesByTag('name=load')", "sumSeries(seriesByTag('name=load'))"];
    for text in timelion.iter().filter(|text| text.contains(&only)) {
        timed(text, || in_timelion(&store, text))?;
    }
    for text in promql.iter().filter(|text| text.contains(&only)) {
        timed(text, || in_promql(&store, text))?;
    }
    for text in graphite.iter().filter(|text| text.contains(&only)) {
        timed(text, || in_graphite(&store, text))?;
    }
    Ok(())
}

fn timed(text: &str, ask: impl Fn() -> Result<usize, String>) -> Result<(), String> {
    let values = ask()?;
    let mut times: Vec<(f64, f64)> = Vec::new();
    for _ in 0..RUNS {
        let (cpu, started) = (cpu_s(), Instant::now());
        ask()?;
        times.push(((cpu_s() - cpu) * 1000.0, started.elapsed().as_secs_f64() * 1000.0));
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = times.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[RUNS / 2]
    };
    println!("{text:<45} {:>8.1} {:>8.1}   {values} values", median(|time| time.0), median(|time| time.1));
    Ok(())
}

fn in_timelion(store: &Store, text: &str) -> Result<usize, String> {
    let plan = lang::timelion::plan(&[text], &signatures(FUNCTIONS));
    let interval = model::Interval::parse("1h");
    let request = Request::new(
        &plan,
        FUNCTIONS,
        GridSpec { interval, buckets_max: 10_000, ..GridSpec::new(START_MS, END_MS) },
    );
    let mut answer = query::run(&request, store).map_err(|e| e.message())?;
    let frame = answer.results.remove(0).map_err(|e| e.message())?;
    Ok(frame.series.iter().map(|series| series.values.len()).sum())
}

fn in_promql(store: &Store, text: &str) -> Result<usize, String> {
    let (steps, scope) = (
        Steps::range(START_MS + HOUR_MS, END_MS, HOUR_MS),
        Scope::range(START_MS + HOUR_MS, END_MS, HOUR_MS),
    );
    let plan = lang::promql::plan(&[text], &scope);
    let node = plan.results[0].clone().map_err(|e| e.message)?;
    let answer = vector::answer(&Question::new(&plan, node, steps), store).map_err(|e| e.message())?;
    let Outcome::Vector(matrix) = answer.outcome else { return Err("a vector is wanted".to_owned()) };
    Ok(matrix.iter().map(|series| series.column.values.len()).sum())
}

fn in_graphite(store: &Store, text: &str) -> Result<usize, String> {
    let context = Context { points_max: Some(800), ..Context::new(START_MS / 1000, END_MS / 1000) };
    let mut answer = query::graphite::render(&[text], &context, store).map_err(|e| e.message())?;
    let series = answer.results.remove(0).map_err(|e| e.message())?;
    Ok(series.iter().map(|series| series.values.len()).sum())
}

/// Processor time of this process.
fn cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
