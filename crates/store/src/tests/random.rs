//! Random operations against a plain map, with crashes.

use super::rig::{MINUTE_MS, Rig, START_MS, assert_same};
use super::tiers::{assert_hours_agree, rows_for_ever};
use crate::Store;
use model::memory::MemoryStore;
use model::{Batch, Kind, Labels, Sink, TimeRange};
use stdx::clock::Clock;
use stdx::random::Random;

fn some_value(random: &mut Random) -> f64 {
    match random.below(12) {
        0 => f64::from_bits(random.next_u64()),
        1 => model::STALE,
        2 => -0.0,
        3 => random.unit(),
        n => n as f64,
    }
}

fn some_name(random: &mut Random) -> String {
    let mut name = ["0", "1", "a", "a.b", "a.b.c", "a.b-c"][random.below(6) as usize].to_owned();
    if random.below(4) == 0 {
        name.push_str([".d", ".d.e", "f"][random.below(3) as usize]);
    }
    name
}

fn some_batch(random: &mut Random, batch: &mut Batch, now_ms: i64, oldest_ms: i64) {
    if random.below(10) == 0 {
        batch.clear();
    }
    batch.clear_rows();
    for _ in 0..random.below(4) {
        let (metric, host) = (some_name(random), format!("h{}", random.below(4)));
        let host = if random.below(4) == 0 { "" } else { host.as_str() };
        let labels = Labels::from_pairs([("__name__", metric.as_str()), ("host", host)]).unwrap();
        batch.dictionary.add(&labels, Kind::Gauge);
    }
    for _ in 0..random.below(4) {
        let back = match random.below(4) {
            0 => random.below((now_ms - oldest_ms) as u64 + 1) as i64 / 1000 * 1000,
            _ => 0,
        };
        batch.begin(now_ms - back);
        for slot in 0..batch.dictionary.len() as u32 {
            if random.below(4) > 0 {
                batch.push(model::Slot(slot), some_value(random));
            }
        }
    }
}

fn some_range(random: &mut Random, now_ms: i64) -> TimeRange {
    if random.below(4) == 0 {
        return TimeRange::ALL;
    }
    let start = now_ms - random.below(6000) as i64 * MINUTE_MS;
    TimeRange::new(start, start + random.below(3000) as i64 * MINUTE_MS)
}

fn run(seed: u64, steps: u64, pace: u64) {
    let mut random = Random::from_seed(seed);
    let rig = Rig::new();
    let mut options = rig.options();
    options.segment_bytes = 2000;
    options.policies = rows_for_ever();
    let model = MemoryStore::new();
    let mut store = Store::open(options.clone()).unwrap();
    let mut batch = Batch::new();
    for step in 0..steps {
        rig.clock.advance_ms(random.below(pace) as i64 * MINUTE_MS);
        let now_ms = rig.clock.now_ms();
        match random.below(30) {
            0 => {
                rig.kill(store);
                store = Store::open(options.clone()).unwrap();
            }
            1 => {
                store.close().unwrap();
                drop(store);
                store = Store::open(options.clone()).unwrap();
            }
            2 => store.flush().unwrap(),
            3..8 => store.tick(now_ms).unwrap(),
            _ => {
                let import = random.below(10) == 0;
                let oldest = if import { START_MS - 3_000 * MINUTE_MS } else { now_ms - 40 * MINUTE_MS };
                some_batch(&mut random, &mut batch, now_ms, oldest);
                let receipt = if import { store.importer().push(&batch) } else { store.push(&batch) };
                let receipt = receipt.unwrap();
                assert!(receipt.report.is_clean(), "seed {seed} step {step}: {}", receipt.report);
                model.push(&batch).unwrap();
            }
        }
        if random.below(10) == 0 {
            let range = some_range(&mut random, now_ms);
            assert_same(&store, &model, range, &format!("seed {seed} step {step} {range:?}"));
        }
    }
    assert_same(&store, &model, TimeRange::ALL, &format!("seed {seed} end"));
    for _ in 0..3 {
        rig.clock.advance_ms(60 * 24 * MINUTE_MS);
        store.tick(rig.clock.now_ms()).unwrap();
        assert_same(&store, &model, TimeRange::ALL, &format!("seed {seed} all in blocks"));
    }
    let days = TimeRange::new(START_MS - 4_000 * MINUTE_MS, START_MS + 30_000 * MINUTE_MS);
    assert!(assert_hours_agree(&store, &model, days) > 0, "seed {seed} rows");
    assert_eq!(store.stats().head_series, 0, "seed {seed}");
    assert_eq!(rig.events(), [], "seed {seed}");
}

#[test]
fn a_store_is_a_map_that_survives() {
    for seed in 0..25 {
        run(seed, 200, [5, 30, 120][seed as usize % 3]);
    }
}
