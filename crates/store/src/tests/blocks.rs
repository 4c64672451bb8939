//! A store through the days: sealing, joining, forgetting, and what lies about in the folder.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, assert_same, batch, dump, labels, push};
use crate::{Error, Event, Store};
use model::memory::MemoryStore;
use model::{Matcher, Sink, Source, TimeRange};
use std::path::Path;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::Disk;

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Two series a minute for so many hours, with a tick each quarter of an hour.
fn fill(rig: &Rig, store: &Store, model: &MemoryStore, hours: i64) {
    let end = rig.clock.now_ms() + hours * HOUR_MS;
    while rig.clock.now_ms() < end {
        let now = rig.clock.now_ms();
        let b = batch(&[("__name__=a,host=h1", now, now as f64), ("__name__=b,host=h2", now, 1.5)]);
        store.push(&b).unwrap();
        model.push(&b).unwrap();
        if now % (15 * MINUTE_MS) == 0 {
            store.tick(now).unwrap();
        }
        rig.clock.advance_ms(MINUTE_MS);
    }
}

fn block_files(rig: &Rig, name: &str) -> Vec<std::path::PathBuf> {
    let blocks = Path::new(DIR).join("blocks");
    rig.disk.files().into_iter().filter(|path| path.starts_with(&blocks) && path.ends_with(name)).collect()
}

#[test]
fn samples_go_from_memory_to_blocks_and_blocks_grow_to_days() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 70);
    assert_same(&store, &model, TimeRange::ALL, "70 hours");
    let stats = store.stats();
    assert!(stats.head_samples <= 2 * 5 * 60, "{} samples in memory", stats.head_samples);
    assert!((3..=14).contains(&stats.blocks) && stats.compactions >= 2, "{stats:?}");
    assert_eq!(stats.head_samples + stats.block_samples, 2 * 70 * 60);
    assert!(stats.log_bytes < stats.log_written_bytes / 5, "{stats:?}");
    assert_eq!(block_files(&rig, "meta").len() as u64, stats.blocks, "replaced blocks are removed");
    for hours in [0, 1, 5, 30, 60, 69] {
        let start = START_MS + hours * HOUR_MS + 7;
        for len in [1, MINUTE_MS, 3 * HOUR_MS, 40 * HOUR_MS] {
            assert_same(&store, &model, TimeRange::new(start, start + len), &format!("{hours} h, {len} ms"));
        }
    }
    let store = rig.kill_and_open(store);
    assert_same(&store, &model, TimeRange::ALL, "opened again");
    assert_eq!(rig.events(), []);
}

#[test]
fn a_series_that_comes_back_has_its_old_id() {
    let rig = Rig::new();
    let (mut store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 6);
    let id_of = |store: &Store| {
        let found = store.select(&[Matcher::equal("host", "h2")], TimeRange::ALL, 9).unwrap().series;
        assert_eq!(found.len(), 1);
        found[0].id
    };
    let id = id_of(&store);
    rig.clock.advance_ms(40 * HOUR_MS);
    store.tick(rig.clock.now_ms()).unwrap();
    store.tick(rig.clock.now_ms() + 2 * HOUR_MS).unwrap();
    for round in 0..2 {
        assert_eq!(store.stats().head_series, 0, "only in blocks");
        let now = rig.clock.now_ms();
        push(&store, &[("__name__=new", now, 1.0), ("__name__=b,host=h2", now, 2.0)]);
        assert_eq!(id_of(&store), id, "round {round}");
        let all = store.select(&[], TimeRange::ALL, 99).unwrap().series;
        assert_eq!(all.len(), 3, "round {round}");
        assert!(all.is_sorted_by(|a, b| a.id < b.id));
        rig.clock.advance_ms(40 * HOUR_MS);
        store = rig.kill_and_open(store);
        store.tick(rig.clock.now_ms()).unwrap();
        store.tick(rig.clock.now_ms() + 2 * HOUR_MS).unwrap();
    }
}

#[test]
fn the_last_sample_is_found_wherever_it_is() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 6);
    rig.clock.advance_ms(40 * HOUR_MS);
    store.tick(rig.clock.now_ms()).unwrap();
    // An import makes a tail that is older than what the block has.
    push(&store.importer(), &[("__name__=a,host=h1", START_MS + 1, 7.0)]);
    let series = store.select(&[Matcher::equal("host", "h1")], TimeRange::ALL, 9).unwrap().series;
    let last = store.last(&[series[0].id], TimeRange::ALL).unwrap()[0].unwrap();
    assert_eq!(last.time_ms, START_MS + 6 * HOUR_MS - MINUTE_MS);
    let early = store.last(&[series[0].id], TimeRange::new(START_MS, START_MS + 2)).unwrap()[0].unwrap();
    assert_eq!((early.time_ms, early.value), (START_MS + 1, 7.0));
}

#[test]
fn imports_are_written_out_when_they_are_many_or_wait_long() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.old_samples_max = 1000;
    let (store, model) = (Store::open(options).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 8);
    let blocks = store.stats().blocks_written;
    for i in 0..500 {
        let b = batch(&[("__name__=a,host=h1", START_MS - i * HOUR_MS, 3.0)]);
        store.importer().push(&b).unwrap();
        model.push(&b).unwrap();
    }
    let now = rig.clock.now_ms();
    store.tick(now).unwrap();
    assert_eq!(store.stats().blocks_written, blocks, "waits for more");
    store.tick(now + 11 * MINUTE_MS).unwrap();
    let stats = store.stats();
    assert!(stats.blocks_written > blocks, "waited long enough");
    assert!(stats.blocks_written < blocks + 12, "old samples go into wide blocks: {stats:?}");
    assert_same(&store, &model, TimeRange::ALL, "imported");
    for i in 0..1001 {
        let b = batch(&[("__name__=a,host=h1", START_MS + i, 4.0)]);
        store.importer().push(&b).unwrap();
        model.push(&b).unwrap();
    }
    store.tick(now + 11 * MINUTE_MS).unwrap();
    assert!(store.stats().blocks_written > stats.blocks_written, "many enough");
    assert_same(&store, &model, TimeRange::ALL, "imported more");
    let store = rig.kill_and_open(store);
    assert_same(&store, &model, TimeRange::ALL, "opened again");
}

#[test]
fn the_oldest_is_forgotten_by_age_and_by_size() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.retention_age = Some(Duration::from_secs(20 * 3600));
    let store = Store::open(options.clone()).unwrap();
    fill(&rig, &store, &MemoryStore::new(), 60);
    let oldest = dump(&store, TimeRange::ALL)[0].1[0].0;
    let age = rig.clock.now_ms() - oldest;
    assert!((20 * HOUR_MS..=23 * HOUR_MS).contains(&age), "{} hours", age / HOUR_MS);
    assert!(store.stats().blocks_forgotten > 5);
    store.close().unwrap();
    drop(store);
    let bytes = {
        options.retention_bytes = Some(10_000);
        let store = Store::open(options).unwrap();
        store.tick(rig.clock.now_ms()).unwrap();
        store.stats().block_bytes
    };
    assert!((3_000..=10_000).contains(&bytes), "{bytes}");
}

#[test]
fn what_lies_about_in_the_folder_is_cleared_or_left_alone() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 8);
    store.close().unwrap();
    drop(store);
    let write = |name: &str, bytes: &[u8]| {
        let path = Path::new(DIR).join(name);
        rig.disk.create_dir_all(path.parent().unwrap()).unwrap();
        rig.disk.create(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    let unfinished = write("blocks/00000000000000aa.tmp/data", b"x");
    let orphan = write("blocks/00000000000000ab/meta", b"x");
    let foreign = write("blocks/notes.txt", b"mine");
    let strange = write("log/README", b"mine");
    let store = rig.open();
    assert_same(&store, &model, TimeRange::ALL, "with foreign files");
    let there = rig.disk.files();
    assert!(there.contains(&foreign) && there.contains(&strange));
    assert!(!there.contains(&unfinished) && !there.contains(&orphan));
    let names: Vec<String> = rig
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Skipped { name, .. } => name,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(names, ["blocks/notes.txt", "log/README"]);
}

#[test]
fn a_lost_manifest_is_worked_out_from_the_blocks() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 60);
    store.close().unwrap();
    drop(store);
    let mut damaged = vec!["MANIFEST"];
    for what in ["taken from the copy", "worked out"] {
        for name in &damaged {
            rig.disk.damage(&Path::new(DIR).join(name), |bytes| bytes[20] ^= 1);
        }
        let store = rig.open();
        assert!(matches!(&rig.events()[..], [Event::FileRebuilt { name, .. }] if name == "MANIFEST"));
        assert_same(&store, &model, TimeRange::ALL, what);
        fill(&rig, &store, &model, 10);
        let store = rig.kill_and_open(store);
        assert_same(&store, &model, TimeRange::ALL, "and on");
        assert_eq!(rig.events(), []);
        store.close().unwrap();
        damaged.push("MANIFEST.copy");
    }
}

#[test]
fn newer_formats_are_named_and_left_alone() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 8);
    store.close().unwrap();
    drop(store);
    let meta = block_files(&rig, "meta").remove(0);
    let mut known = 0;
    rig.disk.damage(&meta, |bytes| known = std::mem::replace(&mut bytes[6], 99));
    for round in 0..2 {
        let store = rig.open();
        assert!(matches!(&rig.events()[..], [Event::Skipped { .. }]), "round {round}");
        assert!(!dump(&store, TimeRange::ALL).is_empty());
        fill(&rig, &store, &model, 3);
        store.close().unwrap();
    }
    rig.disk.damage(&meta, |bytes| bytes[6] = known);
    let store = rig.open();
    assert_same(&store, &model, TimeRange::ALL, "known again");
    store.close().unwrap();
    drop(store);
    let log =
        rig.disk.files().into_iter().rfind(|path| path.starts_with(Path::new(DIR).join("log"))).unwrap();
    rig.disk.damage(&log, |bytes| bytes[6] = 99);
    let error = Store::open(rig.options()).err().unwrap();
    assert!(matches!(error, Error::Newer { version: 99, known: 2, .. }), "{error}");
}

#[test]
fn postings_and_label_lists_are_the_same_in_blocks() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    for i in 0..300i64 {
        let text = format!("__name__=m{},host=h{},i=v{i:03}", i % 7, i % 20);
        let b = batch(&[(text.as_str(), START_MS + i, 1.0)]);
        store.push(&b).unwrap();
        model.push(&b).unwrap();
    }
    store.tick(START_MS + 5 * HOUR_MS).unwrap();
    assert_eq!((store.stats().head_series, store.stats().blocks), (300, 1), "they may still be sent");
    store.tick(START_MS + 7 * HOUR_MS).unwrap();
    assert_eq!((store.stats().head_series, store.stats().blocks), (0, 1));
    let ask = |source: &dyn Source| {
        let mut answers = Vec::new();
        for (name, op, value) in [
            ("i", model::MatchOp::Equal, "v017"),
            ("i", model::MatchOp::Equal, "v0170"),
            ("i", model::MatchOp::Regex, "v01[0-9]"),
            ("host", model::MatchOp::NotEqual, "h3"),
            ("host", model::MatchOp::NotRegex, "h1.*"),
            ("absent", model::MatchOp::Equal, ""),
            ("absent", model::MatchOp::Equal, "x"),
        ] {
            let matchers = [Matcher::new(name, op, value).unwrap(), Matcher::equal("__name__", "m3")];
            let found = source.select(&matchers[..1], TimeRange::ALL, 1000).unwrap().series;
            answers.push(found.iter().map(|s| s.labels.to_string()).collect::<Vec<_>>());
            answers.push(source.label_values("i", &matchers, TimeRange::ALL, 1000).unwrap());
            answers.push(source.label_names(&matchers, TimeRange::ALL, 1000).unwrap());
        }
        answers
    };
    assert_eq!(ask(&store), ask(&model));
    assert_eq!(
        store.label_values("i", &[], TimeRange::ALL, 2).unwrap(),
        ["v000", "v001"],
        "the first ones under a limit"
    );
    assert_eq!(dump(&store, TimeRange::ALL).len(), 300);
    assert!(
        store.select(&[Matcher::equal("i", "v299")], TimeRange::ALL, 1).unwrap().series[0].labels
            == labels("__name__=m5,host=h19,i=v299")
    );
}

#[test]
fn limits_give_the_first_of_all_wherever_they_are() {
    let rig = Rig::new();
    let store = rig.open();
    let name = |i: usize| format!("__name__=m{:03},host=h{:02}", i, i % 40);
    // Some in old blocks, some in newer ones, some in memory, and some in all.
    for (part, step) in [(0, 3), (1, 2), (2, 5)] {
        let texts: Vec<String> = (0..120).filter(|i| i % step == 0).map(name).collect();
        let now = START_MS + part * 600 * MINUTE_MS;
        rig.clock.set_ms(now);
        let samples: Vec<_> = texts.iter().rev().map(|text| (text.as_str(), now, 1.0)).collect();
        push(&store, &samples);
        store.tick(now).unwrap();
    }
    let all = store.select(&[], TimeRange::ALL, usize::MAX).unwrap();
    assert!(!all.truncated && store.stats().blocks > 0 && store.stats().head_series > 0);
    let values = store.label_values("host", &[], TimeRange::ALL, usize::MAX).unwrap();
    assert_eq!(values.len(), 40);
    for limit in [0, 1, 5, 39, 40, 41, all.series.len() - 1, all.series.len(), all.series.len() + 1] {
        let first = store.select(&[], TimeRange::ALL, limit).unwrap();
        assert_eq!(first.series, all.series[..limit.min(all.series.len())]);
        assert_eq!(first.truncated, limit < all.series.len());
        let found = store.label_values("host", &[], TimeRange::ALL, limit).unwrap();
        assert_eq!(found, values[..limit.min(values.len())]);
        let names = store.label_names(&[], TimeRange::ALL, limit).unwrap();
        assert_eq!(names, ["__name__", "host"][..limit.min(2)]);
    }
}
