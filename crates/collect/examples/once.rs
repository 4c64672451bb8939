//! Prints what this machine says in two ticks a second apart; or, with a number of rounds, what the rounds cost:
//! `once 60` ticks once a second for a minute. `once 60 /host` looks at a machine whose root is mounted elsewhere.

use collect::schedule::SELF_METRICS;
use collect::{Host, Options, Scheduler};
use model::{Batch, PushError, Receipt, Sink, is_stale};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use stdx::clock::{Clock, SystemClock};

struct Print;

impl Sink for Print {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let value = if is_stale(value) { "end".to_owned() } else { value.to_string() };
                println!("{} {value} {}", batch.dictionary.labels(slot), rows.time_ms);
            }
        }
        Ok(Receipt::default())
    }
}

/// Keeps nothing but how long each collector took.
#[derive(Default)]
struct Durations(Mutex<BTreeMap<String, Vec<f64>>>);

impl Sink for Durations {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut durations = self.0.lock().expect("nothing panics here");
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let labels = batch.dictionary.labels(slot);
                if labels.name() == SELF_METRICS[0].name {
                    let collector = labels.get("collector").unwrap_or("");
                    durations.entry(collector.to_owned()).or_default().push(value * 1e6);
                }
            }
        }
        Ok(Receipt::default())
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map(|text| text.parse::<u32>().expect("a number of rounds"));
    let host = Host::at(arguments.next().unwrap_or("/".to_owned()));
    let name = host.name();
    let mut scheduler = Scheduler::new(host, Options::for_host(name)).expect("the options are sound");
    match rounds {
        Some(rounds) => measure(&mut scheduler, rounds),
        None => {
            for _ in 0..2 {
                wait_for_second();
                scheduler.tick(SystemClock.now_ms() / 1000 * 1000, &Print);
            }
        }
    }
    for standing in scheduler.standings().iter().filter(|standing| !standing.problem.is_empty()) {
        eprintln!("{}: {}", standing.name, standing.problem);
    }
}

fn measure(scheduler: &mut Scheduler, rounds: u32) {
    let durations = Durations::default();
    let mut costs: Vec<f64> = Vec::with_capacity(rounds as usize);
    for _ in 0..rounds {
        wait_for_second();
        let (cpu, wall) = (cpu_time(), Instant::now());
        scheduler.tick(SystemClock.now_ms() / 1000 * 1000, &durations);
        let cost = cpu_time() - cpu;
        costs.push(cost.as_secs_f64() * 1e6);
        eprintln!("cpu {:>6} us, wall {:>6} us", cost.as_micros(), wall.elapsed().as_micros());
    }
    let first = costs.remove(0);
    costs.sort_by(f64::total_cmp);
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    let median = median(&mut costs);
    println!(
        "CPU a round: first {first:.0} us, then median {median:.0} us, mean {mean:.0} us, least {:.0} us",
        costs[0]
    );
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    for line in
        rollup.lines().filter(|line| ["Rss:", "Pss:", "Anonymous:"].iter().any(|key| line.starts_with(key)))
    {
        println!("{line}");
    }
    print_durations(durations);
}

fn print_durations(durations: Durations) {
    for (collector, mut times) in durations.0.into_inner().expect("nothing panics here") {
        println!("{collector:>12}: median {:>5.0} us, least {:>5.0} us", median(&mut times), times[0]);
    }
}

/// Sorts.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// CPU time of all threads.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn wait_for_second() {
    let now_ms = SystemClock.now_ms();
    SystemClock.sleep(Duration::from_millis((1000 - now_ms % 1000) as u64));
}
