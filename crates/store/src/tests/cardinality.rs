//! Counting series: each once, wherever it is.

use super::rig::{MINUTE_MS, Rig, START_MS, push};
use model::keeper::Count;
use model::{Keeper, Matcher, Source, TimeRange};
use std::collections::BTreeMap;
use stdx::clock::Clock;

fn texts(from: usize, to: usize) -> Vec<String> {
    let source = |i: usize| if i.is_multiple_of(3) { "host" } else { "instance" };
    (from..to).map(|i| format!("__name__=m{},{}=s{},number={i}", i % 5, source(i), i % 4)).collect()
}

#[test]
fn every_series_is_counted_once() {
    let rig = Rig::new();
    let store = rig.open();
    for (part, (from, to)) in [(0, (0, 60)), (1, (40, 90)), (2, (30, 45))] {
        let now = START_MS + part * 600 * MINUTE_MS;
        rig.clock.set_ms(now);
        let texts = texts(from, to);
        push(&store, &texts.iter().map(|text| (text.as_str(), now, 1.0)).collect::<Vec<_>>());
        store.tick(now).unwrap();
    }
    assert!(store.stats().blocks > 0 && store.stats().head_series > 0);
    let found = store.cardinality(TimeRange::ALL, 1000).unwrap();
    let all = store.select(&[], TimeRange::ALL, usize::MAX).unwrap().series;
    assert_eq!((found.series, found.created_24h), (90, 90));
    let mut pairs: BTreeMap<String, u64> = BTreeMap::new();
    let mut sources: BTreeMap<String, u64> = BTreeMap::new();
    for series in &all {
        series.labels.iter().for_each(|(n, v)| *pairs.entry(format!("{n}={v}")).or_insert(0) += 1);
        let source = series.labels.get("host").or(series.labels.get("instance")).unwrap();
        *sources.entry(source.to_owned()).or_insert(0) += 1;
    }
    let as_map = |rows: &[Count]| rows.iter().map(|r| (r.name.clone(), r.count)).collect::<BTreeMap<_, _>>();
    assert_eq!(found.pairs, pairs.len() as u64);
    assert_eq!(as_map(&found.label_pairs), pairs);
    assert!(found.label_pairs.is_sorted_by(|a, b| a.count >= b.count));
    // A source that is a host here and an instance there has a row for each.
    assert_eq!(found.sources.iter().map(|row| row.count).sum::<u64>(), 90);
    assert!(found.sources.iter().all(|row| sources.contains_key(&row.name)));
    assert_eq!(
        found.names.iter().map(|row| (row.series, row.created_24h)).collect::<Vec<_>>(),
        [(18, 18); 5]
    );
    assert_eq!(store.cardinality(TimeRange::ALL, 2).unwrap().label_pairs, found.label_pairs[..2]);
    let old = TimeRange::new(START_MS, START_MS + MINUTE_MS);
    assert_eq!(store.cardinality(old, 10).unwrap().series, 60);
}

#[test]
fn what_is_new_ages_and_what_was_asked_for_survives() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("__name__=a,i=1", START_MS, 1.0), ("__name__=b,i=1", START_MS, 1.0)]);
    store.tick(START_MS).unwrap();
    rig.clock.advance_ms(5 * 60 * MINUTE_MS);
    push(&store, &[("__name__=a,i=2", rig.clock.now_ms(), 1.0)]);
    let row = |store: &crate::Store, name: &str| {
        let found = store.cardinality(TimeRange::ALL, 10).unwrap();
        found.names.into_iter().find(|row| row.name == name).unwrap()
    };
    assert_eq!((row(&store, "a").created_1h, row(&store, "a").created_24h), (1, 2));
    assert_eq!((row(&store, "b").created_1h, row(&store, "b").created_24h), (0, 1));
    store.select(&[], TimeRange::ALL, 10).unwrap();
    assert_eq!(row(&store, "a").queried_ms, None, "listing everything asks for nothing");
    store.select(&[Matcher::equal("__name__", "a")], TimeRange::ALL, 10).unwrap();
    store.tick(rig.clock.now_ms()).unwrap();
    let store = rig.kill_and_open(store);
    assert_eq!(row(&store, "a").queried_ms, Some(rig.clock.now_ms()));
    assert_eq!(row(&store, "b").queried_ms, None);
    rig.clock.advance_ms(25 * 60 * MINUTE_MS);
    assert_eq!(store.cardinality(TimeRange::ALL, 10).unwrap().created_24h, 0);
}

#[test]
fn what_grows_has_its_number_although_others_are_larger() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("__name__=large,i=1", START_MS, 1.0), ("__name__=large,i=2", START_MS, 1.0)]);
    store.tick(START_MS).unwrap();
    rig.clock.advance_ms(25 * 60 * MINUTE_MS);
    push(&store, &[("__name__=new", rig.clock.now_ms(), 1.0)]);
    let found = store.cardinality(TimeRange::ALL, 1).unwrap();
    assert_eq!((found.names[0].name.as_str(), found.names[0].series), ("large", 2));
    assert_eq!((found.growing[0].name.as_str(), found.growing[0].series), ("new", 1));
}
