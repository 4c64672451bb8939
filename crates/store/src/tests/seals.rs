//! Every record of the log is in exactly one seal, whatever fails and whoever pushes meanwhile.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, assert_same, batch, dump, push};
use crate::{Options, Store};
use model::memory::MemoryStore;
use model::{Sink, TimeRange};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use stdx::clock::{Clock, ManualClock};
use stdx::disk::{Call, Disk, FaultyDisk};
use stdx::random::Random;

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Samples in blocks and in memory; one that is in both counts twice.
fn held(store: &Store) -> u64 {
    let stats = store.stats();
    stats.block_samples + stats.head_samples
}

/// Blocks as they were sealed come from the same part of the log or from parts that do not overlap.
fn check_ranges(store: &Store, what: &str) {
    let next_offset = store.shared().work.lock().unwrap().manifest.next_offset;
    let blocks = store.shared().blocks();
    let sealed = || blocks.all().iter().filter(|block| block.meta.replaces.is_empty());
    for a in sealed() {
        let a = &a.meta.origin;
        assert!(a.from_offset < a.to_offset && a.to_offset <= next_offset, "{what}: {a:?}");
        for b in sealed() {
            let b = &b.meta.origin;
            let is_apart = b.to_offset <= a.from_offset || a.to_offset <= b.from_offset;
            let is_same = (a.from_offset, a.to_offset) == (b.from_offset, b.to_offset);
            assert!(is_apart || is_same, "{what}: {a:?} {b:?}");
        }
    }
}

fn push_hour(rig: &Rig, store: &Store, model: &MemoryStore) -> u64 {
    let mut pushed = 0;
    for _ in 0..6 {
        rig.clock.advance_ms(10 * MINUTE_MS);
        let now = rig.clock.now_ms();
        let b = batch(&[
            ("__name__=a,host=h1", now, now as f64),
            ("__name__=a,host=h2", now - 30 * MINUTE_MS, 0.5),
            ("__name__=a,host=h3", now, 1.0),
        ]);
        store.push(&b).unwrap();
        model.push(&b).unwrap();
        pushed += 3;
    }
    pushed
}

/// A seal in which the `nth` call of a kind fails, then death by `power`; false when there are not so many calls.
fn fail_in_seal(call: Call, nth: u64, power: bool) -> bool {
    let what = format!("{call:?} {nth} power {power}");
    let rig = Rig::new();
    let (mut store, model) = (rig.open(), MemoryStore::new());
    let mut pushed = 0;
    for _ in 0..3 {
        pushed += push_hour(&rig, &store, &model);
    }
    rig.disk.fail(call, nth, ErrorKind::Other);
    let _ = store.tick(rig.clock.now_ms());
    let hit = rig.disk.heal() == 0;
    pushed += push_hour(&rig, &store, &model);
    if power {
        store.flush().unwrap();
        rig.disk.lose_power(&mut Random::from_seed(nth));
    }
    rig.kill(store);
    store = rig.open();
    assert_eq!(held(&store), pushed, "{what}: opened again");
    assert_same(&store, &model, TimeRange::ALL, &what);
    pushed += push_hour(&rig, &store, &model);
    rig.clock.advance_ms(2 * HOUR_MS);
    store.tick(rig.clock.now_ms()).unwrap();
    assert_eq!((store.stats().head_samples, held(&store)), (0, pushed), "{what}: sealed");
    check_ranges(&store, &what);
    let store = rig.kill_and_open(store);
    assert_eq!((store.stats().replayed, held(&store)), (0, pushed), "{what}: nothing is read twice");
    assert_same(&store, &model, TimeRange::ALL, &what);
    hit
}

#[test]
fn a_record_is_in_one_seal_whatever_fails_in_it() {
    for call in Call::ALL {
        for nth in 1.. {
            let hit = fail_in_seal(call, nth, nth % 2 == 0);
            if !hit && nth % 2 == 1 {
                break;
            }
        }
    }
}

#[test]
fn a_seal_is_one_block_however_late_samples_are_and_more_only_for_imports() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    for _ in 0..9 {
        push_hour(&rig, &store, &model);
        store.tick(rig.clock.now_ms()).unwrap();
    }
    let stats = store.stats();
    // At 1:00 what was late for 0:00, then at 3:00, 5:00, 7:00 and 9:00.
    assert_eq!(stats.blocks_written, 5, "late samples make no blocks of their own: {stats:?}");
    assert_eq!(stats.head_series, 3, "series stay known");
    for days in [1, 2, 30] {
        let time_ms = START_MS - days * 24 * HOUR_MS;
        push(&store.importer(), &[("__name__=a,host=h1", time_ms, 1.0)]);
        model.push(&batch(&[("__name__=a,host=h1", time_ms, 1.0)])).unwrap();
    }
    rig.clock.advance_ms(2 * HOUR_MS);
    store.tick(rig.clock.now_ms()).unwrap();
    assert_eq!(store.stats().blocks_written, 5 + 3, "{:?}", store.stats());
    assert_same(&store, &model, TimeRange::ALL, "with imports");
    check_ranges(&store, "with imports");
}

/// What is overwritten late and by imports is right after any joining.
#[test]
fn the_value_accepted_last_is_right_after_joining() {
    for seed in 0..30 {
        let mut random = Random::from_seed(seed);
        let rig = Rig::new();
        let (store, model) = (rig.open(), MemoryStore::new());
        for step in 0..60 {
            rig.clock.advance_ms(40 * MINUTE_MS);
            let now = rig.clock.now_ms();
            let mut samples = vec![("__name__=a,host=h1", now, 1.0)];
            for _ in 0..3 {
                let back = random.below(if step % 4 == 0 { 30 } else { 2 }) as i64 * 30 * MINUTE_MS;
                samples.push(("__name__=a,host=h1", now - back, random.unit()));
            }
            let b = batch(&samples);
            store.importer().push(&b).unwrap();
            model.push(&b).unwrap();
            store.tick(now).unwrap();
            assert_eq!(dump(&store, TimeRange::ALL), dump(&model, TimeRange::ALL), "seed {seed} step {step}");
        }
        assert!(store.stats().compactions > 0);
        check_ranges(&store, "overwritten");
    }
}

#[test]
fn pushes_and_seals_side_by_side_lose_nothing_and_double_nothing() {
    let disk = FaultyDisk::new();
    let clock = Arc::new(ManualClock::at(START_MS + HOUR_MS));
    let mut options = Options::new(DIR, Arc::new(disk.clone()), clock);
    options.background = false;
    options.shards = 4;
    options.log_bytes_max = 2000;
    let store = Store::open(options.clone()).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                store.tick(START_MS + HOUR_MS).unwrap();
            }
        });
        let pushers: Vec<_> = (0..4)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    for i in 0..300 {
                        let (own, other) = (format!("host={thread}"), format!("host=x{thread},i={}", i % 7));
                        let time_ms = START_MS + i;
                        // Some are pushed before, some after and some between two seals.
                        match i {
                            100 => wait_for(|| store.stats().blocks_written > 0),
                            250 => wait_for(|| store.stats().blocks_written > 1),
                            _ => {}
                        }
                        push(store, &[(own.as_str(), time_ms, i as f64), (other.as_str(), time_ms, 0.5)]);
                        // However fast pushes are, there are two seals between them.
                        while i % 100 == 99 && store.stats().blocks_written < (i as u64 / 100).min(2) {
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
        is_over.store(true, Ordering::SeqCst);
        worker.join().unwrap();
    });
    assert!(store.stats().blocks_written > 1, "{:?}", store.stats());
    assert_eq!(held(&store), 4 * 300 * 2);
    check_ranges(&store, "side by side");
    disk.kill_process();
    drop(store);
    let store = Store::open(options).unwrap();
    assert_eq!(held(&store), 4 * 300 * 2, "and after opening again");
    let samples: usize = dump(&store, TimeRange::ALL).iter().map(|(_, samples)| samples.len()).sum();
    assert_eq!(samples, 4 * 300 * 2);
}

fn wait_for(is_true: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(Instant::now() < deadline, "it never came true");
        std::thread::yield_now();
    }
}

/// One batch may touch all shards; what is refused is told once and in order.
#[test]
fn a_batch_over_many_shards_is_taken_and_refused_as_one() {
    let rig = Rig::new();
    let store = rig.open();
    let hosts: Vec<String> = (0..40).map(|i| format!("__name__=a,host=h{i}")).collect();
    let now = START_MS;
    let time_ms = |i: i64| if i % 10 == 3 { now - 2 * HOUR_MS } else { now };
    let rows: Vec<_> = hosts.iter().zip(0..).map(|(host, i)| (host.as_str(), time_ms(i), i as f64)).collect();
    let receipt = store.push(&batch(&rows)).unwrap();
    assert_eq!((receipt.report.accepted, receipt.report.rejected), (36, 4));
    let places: Vec<_> = receipt.report.reasons.iter().map(|reason| reason.position).collect();
    assert_eq!(places, [4, 14, 24, 34].map(model::Position::Item));
    assert_eq!(store.push(&batch(&rows)).unwrap().duplicates, 36);
    let store = rig.kill_and_open(store);
    assert_eq!(held(&store), 36);
    // Another number of shards finds the same.
    drop(store);
    for shards in [1, 7] {
        let mut options = rig.options();
        options.shards = shards;
        let store = Store::open(options).unwrap();
        push(&store, &[("__name__=a,host=h1", now + shards as i64, 0.0)]);
        assert_eq!(dump(&store, TimeRange::ALL).len(), 36);
    }
    assert!(!rig.disk.list(&Path::new(DIR).join("log")).unwrap().is_empty());
}
