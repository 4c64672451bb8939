//! The newest samples are known without looking into blocks, also right after a seal, and are never ones that are gone.

use super::rig::{MINUTE_MS, Rig, START_MS, batch, labels, push};
use crate::Store;
use model::{Keeper, Labels, MatchOp, Matcher, Sample, SeriesId, Sink, Source, TimeRange};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use stdx::clock::Clock;
use stdx::disk::Call;
use stdx::random::Random;

const DAY: i64 = 24 * 60 * MINUTE_MS;

fn ids(store: &Store) -> Vec<SeriesId> {
    let all = store.select(&[], TimeRange::ALL, usize::MAX).unwrap().series;
    all.iter().map(|series| series.id).collect()
}

fn host(value: &str) -> Vec<Matcher> {
    vec![Matcher::new("host", MatchOp::Regex, value).unwrap()]
}

/// A seal an hour, series that report a minute apart from each other, one host whose clock is ahead, one that stopped.
#[test]
fn right_after_a_seal_no_block_is_read() {
    let rig = Rig::new();
    let store = rig.open();
    for minute in 0..180 {
        let now = START_MS + minute * MINUTE_MS;
        rig.clock.set_ms(now);
        push(&store, &[("host=a", now, minute as f64), ("host=b", now - 40_000, 0.5)]);
        push(&store, &[("host=ahead", now + 5 * MINUTE_MS, 2.0)]);
        if minute < 170 {
            push(&store, &[("host=stopped", now, 3.0)]);
        }
        if minute % 60 == 59 {
            store.seal().unwrap();
        }
    }
    assert_eq!((store.stats().blocks, store.stats().head_samples), (3, 0));
    let now = START_MS + 179 * MINUTE_MS;
    let ids = ids(&store);
    let last = |range| store.last(&ids, range).unwrap();
    rig.disk.fail(Call::Read, 1, ErrorKind::Other);
    let sample = |time_ms, value| Some(Sample { time_ms, value });
    let all = [
        sample(now, 179.0),
        sample(now - 40_000, 0.5),
        sample(now + 5 * MINUTE_MS, 2.0),
        sample(START_MS + 169 * MINUTE_MS, 3.0),
    ];
    assert_eq!(last(TimeRange::ALL), all);
    assert_eq!(last(TimeRange::new(now - 20_000, i64::MAX)), [all[0], None, all[2], None]);
    assert_eq!(rig.disk.heal(), 1, "nothing was read");
    rig.clock.advance_ms(MINUTE_MS);
    push(&store, &[("host=a", now + MINUTE_MS, 7.0), ("host=b", now + 20_000, 0.25)]);
    rig.disk.fail(Call::Read, 1, ErrorKind::Other);
    assert_eq!(last(TimeRange::ALL)[..3], [sample(now + MINUTE_MS, 7.0), sample(now + 20_000, 0.25), all[2]]);
    assert_eq!(rig.disk.heal(), 1, "nothing was read");
    // After a deletion what is remembered of its time means nothing, also when it was of other series.
    store.delete(&[host("a|ahead")], TimeRange::new(now, i64::MAX)).unwrap();
    let left =
        [sample(now - MINUTE_MS, 178.0), sample(now + 20_000, 0.25), sample(now - 20_000, 2.0), all[3]];
    assert_eq!(last(TimeRange::ALL)[..2], left[..2]);
    assert_eq!(last(TimeRange::ALL)[3], all[3]);
    assert!(last(TimeRange::ALL)[2].is_some_and(|sample| sample.time_ms < now));
}

type Map = BTreeMap<(Labels, i64), u64>;

/// What a map has last of each series in a range.
fn newest(map: &Map, range: TimeRange) -> BTreeMap<Labels, (i64, u64)> {
    let inside = map.iter().filter(|((_, time_ms), _)| range.contains(*time_ms));
    inside.map(|((labels, time_ms), bits)| (labels.clone(), (*time_ms, *bits))).collect()
}

fn found(store: &Store, range: TimeRange) -> BTreeMap<Labels, (i64, u64)> {
    let all = store.select(&[], TimeRange::ALL, usize::MAX).unwrap().series;
    let last = store.last(&ids(store), range).unwrap();
    let named = all.into_iter().zip(last);
    named
        .filter_map(|(series, last)| Some((series.labels, last.map(|s| (s.time_ms, s.value.to_bits()))?)))
        .collect()
}

/// A sample of some series: most at about now, some late, some of a time that has a sample already.
fn some_sample(random: &mut Random, map: &Map, now: i64, oldest: i64) -> (String, i64) {
    let host = random.below(6);
    let text = format!("__name__=m,host=h{host}");
    let known: Vec<i64> = map.keys().filter(|(l, _)| *l == labels(&text)).map(|(_, t)| *t).collect();
    let time_ms = match random.below(6) {
        0 => now - random.below((now - oldest) as u64) as i64,
        1 if !known.is_empty() => known[known.len() - 1 - random.below(known.len().min(3) as u64) as usize],
        _ => now + host as i64 * 20_000,
    };
    (text, time_ms.max(oldest))
}

fn run(seed: u64) {
    let mut random = Random::from_seed(seed);
    let rig = Rig::new();
    let mut options = rig.options();
    options.shards = 2;
    let mut map = Map::new();
    let mut store = Store::open(options.clone()).unwrap();
    for step in 0..200 {
        rig.clock.advance_ms(random.below(30) as i64 * MINUTE_MS);
        let now = rig.clock.now_ms();
        match random.below(20) {
            0 => {
                rig.kill(store);
                store = Store::open(options.clone()).unwrap();
            }
            1 | 2 => store.tick(now).unwrap(),
            3 | 4 => store.seal().unwrap(),
            5 => {
                let matchers = host(["h1", "h[12]", "h.*", "h3|h4"][random.below(4) as usize]);
                let start = now - random.below(300) as i64 * MINUTE_MS;
                let length = [MINUTE_MS, 100 * MINUTE_MS, DAY, i64::MAX / 2][random.below(4) as usize];
                let range = TimeRange::new(start, start + length);
                store.delete(std::slice::from_ref(&matchers), range).unwrap();
                map.retain(|(l, t), _| !(range.contains(*t) && Matcher::all_match(&matchers, l)));
            }
            6 => store.clean().unwrap(),
            n => {
                let import = n < 9;
                let oldest = now - if import { 3 * DAY } else { 40 * MINUTE_MS };
                for _ in 0..1 + random.below(4) {
                    let (text, time_ms) = some_sample(&mut random, &map, now, oldest);
                    let value = random.below(3) as f64;
                    let batch = batch(&[(&text, time_ms, value)]);
                    let receipt = if import { store.importer().push(&batch) } else { store.push(&batch) };
                    assert!(receipt.unwrap().report.is_clean());
                    map.insert((labels(&text), time_ms), value.to_bits());
                }
            }
        }
        let end = now - 20 * MINUTE_MS + random.below(60) as i64 * MINUTE_MS;
        let recent = TimeRange::new(end - random.below(200) as i64 * MINUTE_MS, end);
        for range in [TimeRange::ALL, recent, TimeRange::new(recent.start_ms, i64::MAX)] {
            assert_eq!(found(&store, range), newest(&map, range), "seed {seed} step {step} {range:?}");
        }
    }
    assert_eq!(rig.events(), []);
}

#[test]
fn the_newest_samples_are_those_of_a_plain_map() {
    (0..12).for_each(run);
}

/// What is forgotten with its block is not remembered.
#[test]
fn a_forgotten_block_takes_its_newest_samples_along() {
    let rig = Rig::new();
    let mut options = rig.options();
    let store = Store::open(options.clone()).unwrap();
    push(&store, &[("host=a", START_MS, 1.0)]);
    store.seal().unwrap();
    assert_eq!(
        store.last(&ids(&store), TimeRange::ALL).unwrap(),
        [Some(Sample { time_ms: START_MS, value: 1.0 })]
    );
    drop(store);
    options.retention_bytes = Some(0);
    let store = Store::open(options).unwrap();
    store.tick(START_MS + 1).unwrap();
    push(&store, &[("host=a", START_MS + 1, 2.0)]);
    store.seal().unwrap();
    let ids = ids(&store);
    assert!(store.last(&ids, TimeRange::ALL).unwrap()[0].is_some());
    store.tick(START_MS + 2).unwrap();
    assert_eq!((store.stats().blocks, store.stats().head_series), (0, 1));
    assert_eq!(store.last(&ids, TimeRange::ALL).unwrap(), [None]);
}
