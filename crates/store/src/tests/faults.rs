//! Every call to the disk fails in turn. The store says so, stays right, and goes on.

use super::rig::{MINUTE_MS, Rig, START_MS, assert_same, batch};
use super::tiers::{assert_hours_agree, rows_for_ever};
use crate::{Options, Store, Sync};
use model::memory::MemoryStore;
use model::{PushError, Sink, TimeRange};
use std::io::ErrorKind;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::Call;
use stdx::random::Random;

/// A failed opening must work the second time.
fn open(options: &Options) -> Store {
    Store::open(options.clone()).or_else(|_| Store::open(options.clone())).unwrap()
}

/// Twelve hours in steps of half an hour, with seals and joins, in which the `nth` call of a kind fails. False when
/// there are not so many.
fn run(call: Call, nth: u64, kind: ErrorKind, sync: Sync, die: bool) -> bool {
    let what = format!("{call:?} {nth} {kind:?} {sync:?} die {die}");
    let rig = Rig::new();
    let mut options = rig.options();
    options.sync = sync;
    options.segment_bytes = 300;
    options.block_span = Duration::from_secs(3600);
    options.policies = rows_for_ever();
    let model = MemoryStore::new();
    rig.disk.fail(call, nth, kind);
    let mut store = open(&options);
    for step in 0..24 {
        rig.clock.advance_ms(30 * MINUTE_MS);
        let now_ms = rig.clock.now_ms();
        let new = format!("step={step}");
        let samples = [
            ("__name__=a,host=h1", now_ms, f64::from(step)),
            ("__name__=a,host=h2", now_ms - 20 * MINUTE_MS, 0.5),
            (new.as_str(), now_ms, 1.0),
        ];
        let batch = batch(&samples);
        let mut tries = 0;
        while let Err(error) = store.push(&batch) {
            tries += 1;
            assert!(tries < 3, "{what}: {error}");
            if matches!(error, PushError::Failed(_)) {
                rig.kill(store);
                store = open(&options);
            }
        }
        model.push(&batch).unwrap();
        // Whatever failed, dying right after must be no worse than going on.
        if step % 3 == 0 && store.tick(now_ms).is_err() && die {
            rig.kill(store);
            store = open(&options);
        }
        if step % 10 == 9 && (store.close().is_err() || step == 19) {
            rig.kill(store);
            store = open(&options);
        } else if step % 10 == 9 {
            drop(store);
            store = open(&options);
        }
    }
    let hit = rig.disk.heal() == 0;
    assert_same(&store, &model, TimeRange::ALL, &what);
    rig.clock.advance_ms(60 * 48 * MINUTE_MS);
    store.tick(rig.clock.now_ms()).unwrap();
    assert_same(&store, &model, TimeRange::ALL, &format!("{what}: after the work"));
    let day = TimeRange::new(START_MS - 60 * MINUTE_MS, START_MS + 24 * 60 * MINUTE_MS);
    assert!(assert_hours_agree(&store, &model, day) > 0, "{what}: rows");
    assert_eq!(store.stats().head_samples, 0, "{what}");
    assert_eq!(store.stats().quarantined, 0, "{what}");
    let blocks = store.stats().blocks;
    let store = rig.kill_and_open(store);
    assert_same(&store, &model, TimeRange::ALL, &format!("{what}: opened again"));
    assert_eq!(store.stats().blocks, blocks, "{what}");
    store.close().unwrap();
    drop(store);
    rig.disk.lose_power(&mut Random::from_seed(nth));
    assert_same(&open(&options), &model, TimeRange::ALL, &format!("{what}: after a power cut"));
    hit
}

/// Each of the first calls fails, of later ones some; with `WINDHOVER_LONG` all.
fn run_all(call: Call, kind: ErrorKind) {
    let interval = Sync::Interval(Duration::from_millis(200));
    let is_long = std::env::var_os("WINDHOVER_LONG").is_some();
    let mut nth = 0;
    loop {
        // An odd step, so that even and odd take turns.
        nth += if is_long { 1 } else { 1 + nth / 24 * 2 };
        let sync = if nth % 2 == 0 { Sync::Always } else { interval };
        let hit = run(call, nth, kind, sync, false);
        let tick_can_fail = !matches!(call, Call::List);
        if tick_can_fail {
            run(call, nth, kind, interval, true);
        }
        if !hit && nth % 2 == 1 {
            assert!(nth > 3, "{call:?} hardly happens");
            return;
        }
    }
}

#[test]
fn failing_writes() {
    run_all(Call::Write, ErrorKind::Other);
}

#[test]
fn full_disks() {
    run_all(Call::Write, ErrorKind::StorageFull);
}

#[test]
fn failing_syncs() {
    run_all(Call::Sync, ErrorKind::Other);
}

#[test]
fn failing_folder_syncs() {
    run_all(Call::SyncDir, ErrorKind::Other);
}

#[test]
fn failing_creations_and_renames() {
    run_all(Call::Create, ErrorKind::Other);
    run_all(Call::CreateDir, ErrorKind::Other);
    run_all(Call::Rename, ErrorKind::Other);
}

#[test]
fn failing_removals() {
    run_all(Call::Remove, ErrorKind::Other);
}

#[test]
fn failing_reads_and_listings() {
    run_all(Call::Read, ErrorKind::Other);
    run_all(Call::List, ErrorKind::Other);
}
