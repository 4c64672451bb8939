//! Samples of long ago become rows of the tiers that still keep that age.

use super::rig::{MINUTE_MS, Rig, START_MS, labels};
use super::rolled::{assert_agree, edges};
use crate::{Event, Options, Policy, Store};
use model::memory::MemoryStore;
use model::{Aspects, Batch, Detail, Kind, Sink, Source, TierChoice, TimeRange};
use std::ops::ControlFlow;

const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const YEAR_MS: i64 = 31_556_952_000;
/// Noon of a day long after the epoch, so that ten years before it are after it.
const NOW_MS: i64 = START_MS + 5000 * DAY_MS + 12 * HOUR_MS;

fn options(rig: &Rig) -> Options {
    rig.clock.set_ms(NOW_MS);
    let mut options = rig.options();
    options.policies = vec![Policy::default()];
    options.old_samples_max = 1000;
    options
}

fn import(store: &Store, model: &MemoryStore, text: &str, samples: impl Iterator<Item = (i64, f64)>) {
    let mut batch = Batch::new();
    let kind = if text.contains("_total") { Kind::Counter } else { Kind::Gauge };
    let slot = batch.dictionary.add(&labels(text), kind);
    let samples: Vec<_> = samples.collect();
    for part in samples.chunks(10_000) {
        batch.clear_rows();
        part.iter().for_each(|&(time_ms, value)| batch.sample(slot, time_ms, value));
        let receipt = store.importer().push(&batch).unwrap();
        assert!(receipt.report.is_clean(), "{}", receipt.report);
        model.push(&batch).unwrap();
    }
}

/// Ticks until there is nothing left to do.
fn settle(rig: &Rig, store: &Store) {
    let work = |store: &Store| {
        let stats = store.stats();
        (stats.windows_rolled, stats.compactions, stats.blocks_forgotten, stats.blocks_written)
    };
    let mut before = (u64::MAX, 0, 0, 0);
    let mut now_ms = NOW_MS;
    while before != work(store) {
        before = work(store);
        now_ms += MINUTE_MS;
        rig.clock.set_ms(now_ms);
        store.tick(now_ms).unwrap();
    }
}

fn hours_of_ten_years() -> impl Iterator<Item = (i64, f64)> {
    let start_ms = NOW_MS - 10 * YEAR_MS + DAY_MS;
    (0..(NOW_MS - start_ms) / HOUR_MS)
        .map(move |at| (start_ms + at * HOUR_MS, (at * 7919 % 1000) as f64 / 10.0))
}

fn seconds_of_twenty_days() -> impl Iterator<Item = (i64, f64)> {
    let start_ms = NOW_MS - 20 * DAY_MS;
    (0..20 * 8640).map(move |at| (start_ms + at * 10_000, (at * 3 + at % 7) as f64))
}

/// Which tiers answer steps of that length over a range of days ago.
fn tiers_used(store: &Store, text: &str, days: (i64, i64), step_ms: i64, model: &MemoryStore) -> Vec<u32> {
    let whole = TimeRange::new(NOW_MS - days.0 * DAY_MS, NOW_MS - days.1 * DAY_MS);
    let start_ms = (whole.start_ms + step_ms - 1).div_euclid(step_ms) * step_ms;
    let range = TimeRange::new(start_ms, whole.end_ms.div_euclid(step_ms) * step_ms);
    let edges_ms = edges(range, step_ms);
    let aspects = Aspects::COUNT | Aspects::SUM | Aspects::MIN | Aspects::MAX | Aspects::LAST;
    let detail = Detail { edges_ms: &edges_ms, aspects, tier: TierChoice::Auto };
    assert!(assert_agree(store, model, range, &detail) > 0, "{text} {days:?}");
    let found = store.select(&[model::Matcher::equal("__name__", text)], range, 9).unwrap().series;
    let ids: Vec<_> = found.iter().map(|series| series.id).collect();
    let mut visit = |_, _: model::Rolled<'_>| ControlFlow::Continue(());
    store.read_rolled(&ids, range, &detail, &mut visit).unwrap().tiers_ms
}

#[test]
fn ten_years_of_hours_become_hours_and_days() {
    let rig = Rig::new();
    let (store, model) = (Store::open(options(&rig)).unwrap(), MemoryStore::new());
    import(&store, &model, "__name__=load", hours_of_ten_years());
    import(&store, &model, "__name__=bytes_total", seconds_of_twenty_days());
    settle(&rig, &store);
    assert!(!rig.events().iter().any(|event| matches!(event, Event::WorkFailed { .. })));

    assert_eq!(tiers_used(&store, "load", (3600, 600), DAY_MS, &model), [86_400_000]);
    assert_eq!(tiers_used(&store, "load", (540, 100), HOUR_MS, &model), [3_600_000]);
    assert_eq!(tiers_used(&store, "load", (80, 30), HOUR_MS, &model), [3_600_000]);
    assert_eq!(tiers_used(&store, "bytes_total", (19, 15), MINUTE_MS, &model), [60_000]);
    assert_eq!(tiers_used(&store, "bytes_total", (19, 15), HOUR_MS, &model), [3_600_000]);
    assert!(tiers_used(&store, "bytes_total", (9, 2), HOUR_MS, &model).contains(&3_600_000));

    let old = TimeRange::new(i64::MIN / 4, NOW_MS - 13 * DAY_MS);
    let all: Vec<_> = store.select(&[], old, 9).unwrap().series.iter().map(|series| series.id).collect();
    assert_eq!(all.len(), 2);
    store.read(&all, old, &mut |_, _| panic!("samples older than ten days are gone")).unwrap();
    let stats = store.stats();
    assert!(stats.windows_rolled < 120, "{} commits", stats.windows_rolled);
    println!("{} rolls, {} blocks, {} bytes", stats.windows_rolled, stats.blocks, stats.block_bytes);
    assert!(stats.block_bytes < 200_000, "{}", stats.block_bytes);
}

#[test]
fn an_import_in_many_parts_is_the_same() {
    let rig = Rig::new();
    let mut options = options(&rig);
    options.old_samples_max = 20_000;
    let (store, model) = (Store::open(options).unwrap(), MemoryStore::new());
    let hours: Vec<_> = hours_of_ten_years().collect();
    for (at, part) in hours.chunks(15_000).enumerate() {
        import(&store, &model, "__name__=load,host=a", part.iter().copied());
        import(&store, &model, "__name__=load,host=b", part.iter().copied());
        if at % 2 == 0 {
            store.tick(NOW_MS + at as i64 * 1000).unwrap();
        }
    }
    settle(&rig, &store);
    assert_eq!(tiers_used(&store, "load", (3600, 600), DAY_MS, &model), [86_400_000]);
    assert_eq!(tiers_used(&store, "load", (540, 100), HOUR_MS, &model), [3_600_000]);
    assert!(!rig.events().iter().any(|event| matches!(event, Event::WorkFailed { .. })));
}
