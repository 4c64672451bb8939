//! Reads thirty days of rows of an hour, for windows that begin with the rows and for such as are closed on the right, and
//! prints what a row costs: `cargo run --release -p store --example month -- FOLDER [SERIES] [gauge|counter] [QUESTION]`
//!
//! The folder keeps the store, which is filled when it is empty: a sample a minute and series, with the default policy.

use model::{
    Aspects, Batch, Detail, Kind, Labels, NAME, Rolled, SeriesId, Sink, Source, TierChoice, TimeRange,
};
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use stdx::random::Random;
use store::{Options, Policy, Store};

const HOUR_MS: i64 = 3_600_000;
const START_MS: i64 = 2400 * 200 * HOUR_MS;
const END_MS: i64 = START_MS + 30 * 24 * HOUR_MS;
const RUNS: u32 = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder for the store")?;
    let series: usize = arguments.next().map_or(Ok(1000), |n| n.parse())?;
    let kind = arguments.next().map_or(Ok(Kind::Gauge), |kind| Kind::parse(&kind).ok_or("which kind?"))?;
    let only = arguments.next();
    let clock = Arc::new(ManualClock::at(START_MS));
    let mut options = Options::new(&folder, Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    options.policies = vec![Policy::default()];
    let store = Store::open(options)?;
    if store.select(&[], TimeRange::ALL, 1)?.series.is_empty() {
        fill(&store, &clock, series, kind)?;
    }
    let found = store.select(&[], TimeRange::ALL, usize::MAX)?.series;
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    let mut questions = vec![
        ("mean", Aspects::SUM | Aspects::COUNT),
        ("greatest", Aspects::MAX | Aspects::COUNT),
        ("all of a gauge", Aspects::SUM | Aspects::MIN | Aspects::MAX | Aspects::LAST | Aspects::COUNT),
    ];
    if kind == Kind::Counter {
        questions.push(("growth", Aspects::GROWTH | Aspects::COUNT));
    }
    for (name, aspects) in
        questions.into_iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name))
    {
        for (shift_ms, proven) in [(0, Aspects::COUNT), (1, Aspects::NUMBERS | Aspects::END)] {
            if only.is_some() && shift_ms > 0 {
                continue;
            }
            let edges_ms: Vec<i64> = (0..=720).map(|hour| START_MS + hour * HOUR_MS + shift_ms).collect();
            let detail = Detail { edges_ms: &edges_ms, aspects: aspects | proven, tier: TierChoice::Auto };
            let (mut rows, mut samples, cpu) = (0, 0, cpu_s());
            for _ in 0..RUNS {
                store.read_rolled(
                    &ids,
                    TimeRange::new(edges_ms[0], edges_ms[720]),
                    &detail,
                    &mut |_, piece| {
                        match piece {
                            Rolled::Samples { times_ms, .. } => samples += times_ms.len(),
                            _ => rows += piece.len(),
                        }
                        ControlFlow::Continue(())
                    },
                )?;
            }
            let ms = (cpu_s() - cpu) * 1000.0 / f64::from(RUNS);
            println!(
                "{name}, {shift_ms} ms later: {ms:.1} ms for {} rows and {} samples, {:.1} ns each",
                rows / RUNS as usize,
                samples / RUNS as usize,
                ms * 1e6 * f64::from(RUNS) / (rows + samples).max(1) as f64
            );
        }
    }
    Ok(())
}

fn fill(store: &Store, clock: &ManualClock, series: usize, kind: Kind) -> Result<(), Box<dyn Error>> {
    let mut batch = Batch::new();
    let mut slots = Vec::new();
    for at in 0..series {
        let host = format!("host_{at}");
        slots.push(
            batch.dictionary.add(&Labels::from_pairs([(NAME, "load"), ("host", host.as_str())])?, kind),
        );
    }
    let (mut random, mut values) = (Random::from_seed(7), vec![100i64; series]);
    for now_ms in (START_MS..=END_MS).step_by(60_000) {
        clock.set_ms(now_ms);
        batch.clear_rows();
        batch.begin(now_ms);
        for (slot, value) in slots.iter().zip(&mut values) {
            *value = match kind {
                Kind::Counter => *value + random.below(90) as i64,
                _ => (*value + random.below(41) as i64 - 20).clamp(0, 1600),
            };
            batch.push(*slot, if kind == Kind::Counter { *value as f64 } else { *value as f64 / 100.0 });
        }
        store.push(&batch)?;
        if now_ms % (2 * HOUR_MS) == 0 {
            store.tick(now_ms)?;
        }
    }
    Ok(())
}

/// Processor time of this process.
fn cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
