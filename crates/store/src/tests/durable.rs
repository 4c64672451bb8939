//! What survives a crash, a power cut, and damage to the log.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, batch, dump, labels, push};
use crate::{Event, Store, Sync};
use model::{PushError, Sink, TimeRange};
use std::io::ErrorKind;
use std::path::Path;
use stdx::disk::{Call, Disk};
use stdx::random::Random;

fn count(store: &Store) -> usize {
    dump(store, TimeRange::ALL).iter().map(|(_, samples)| samples.len()).sum()
}

#[test]
fn what_was_acknowledged_survives_the_death_of_the_process() {
    let rig = Rig::new();
    let mut store = rig.open();
    for i in 0..300 {
        push(&store, &[("a=1", START_MS + i, i as f64), ("a=2", START_MS + i, 0.5)]);
        if i % 50 == 0 {
            store = rig.kill_and_open(store);
            assert_eq!(count(&store), 2 * (i as usize + 1));
        }
    }
    assert_eq!(rig.events(), []);
}

#[test]
fn what_was_synced_survives_a_power_cut() {
    for seed in 0..40 {
        let rig = Rig::new();
        let mut options = rig.options();
        options.segment_bytes = 500;
        let always = seed % 2 == 0;
        if always {
            options.sync = Sync::Always;
        }
        let store = Store::open(options.clone()).unwrap();
        for i in 0..100 {
            push(&store, &[("a=1", START_MS + i, i as f64), ("a=2", START_MS + i, 0.5)]);
            if !always && i == 59 {
                store.flush().unwrap();
            }
        }
        rig.disk.lose_power(&mut Random::from_seed(seed));
        drop(store);
        let store = Store::open(options).unwrap();
        let left = dump(&store, TimeRange::ALL);
        for (_, samples) in &left {
            let promised = if always { 100 } else { 60 };
            assert!(samples.len() >= promised, "seed {seed}: {} left", samples.len());
            for (i, (time_ms, _)) in samples[..promised].iter().enumerate() {
                assert_eq!(*time_ms, START_MS + i as i64, "seed {seed}");
            }
        }
        assert_eq!(left.len(), 2, "seed {seed}");
    }
}

#[test]
fn a_full_disk_says_busy_and_recovers_when_there_is_space() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("a=1", START_MS, 1.0)]);
    rig.disk.set_capacity_bytes(Some(1));
    for i in 0..3 {
        let refused = store.push(&batch(&[("a=1", START_MS + 1, 1.0), ("new=1", START_MS + 1, 1.0)]));
        assert!(matches!(refused, Err(PushError::Busy(_))), "{i}: {refused:?}");
    }
    assert!(matches!(rig.events()[..], [Event::Busy { .. }]), "told once");
    assert_eq!(count(&store), 1);
    rig.disk.set_capacity_bytes(None);
    push(&store, &[("a=1", START_MS + 1, 1.0), ("new=1", START_MS + 1, 1.0)]);
    let store = rig.kill_and_open(store);
    assert_eq!(count(&store), 3);
    assert_eq!(rig.events(), []);
}

#[test]
fn after_a_failed_sync_nothing_is_taken_and_reading_goes_on() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.sync = Sync::Always;
    let store = Store::open(options).unwrap();
    push(&store, &[("a=1", START_MS, 1.0)]);
    rig.disk.fail(Call::Sync, 1, ErrorKind::Other);
    for _ in 0..2 {
        let failed = store.push(&batch(&[("a=1", START_MS + 1, 1.0)]));
        assert!(matches!(failed, Err(PushError::Failed(_))), "{failed:?}");
    }
    assert!(store.flush().is_err(), "never claims safety after a failed sync");
    assert!(matches!(rig.events()[..], [Event::WritingStopped { .. }]));
    assert!(count(&store) >= 1);
    // What was refused may be seen, but nothing is made of it: no block, and after a power cut nothing that was
    // acknowledged is missing, nothing else is there, and the sender who tries again is served.
    store.tick(START_MS + 6 * 3_600_000).unwrap();
    assert!(store.seal().is_err());
    assert_eq!(store.stats().blocks, 0);
    assert!(store.close().is_err());
    drop(store);
    rig.disk.lose_power(&mut Random::from_seed(3));
    let store = Store::open(rig.options()).unwrap();
    let acknowledged = (START_MS, 1f64.to_bits());
    let left = dump(&store, TimeRange::ALL).remove(0).1;
    assert!(left == [acknowledged] || left == [acknowledged, (START_MS + 1, 1f64.to_bits())], "{left:?}");
    push(&store, &[("a=1", START_MS + 1, 1.0)]);
    assert_eq!(count(&store), 2);
}

#[test]
fn a_failed_write_stops_writing() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("a=1", START_MS, 1.0)]);
    rig.disk.fail(Call::Write, 1, ErrorKind::Other);
    for _ in 0..2 {
        let failed = store.push(&batch(&[("a=1", START_MS + 1, 1.0)]));
        assert!(matches!(failed, Err(PushError::Failed(_))), "{failed:?}");
    }
    let store = rig.kill_and_open(store);
    push(&store, &[("a=1", START_MS + 1, 1.0)]);
    assert_eq!(count(&store), 2);
}

/// A block may cover a place in a log segment that a power cut takes away, name and all.
#[test]
fn a_segment_number_that_is_covered_is_not_used_again() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("a=1", START_MS, 1.0)]);
    rig.clock.advance_ms(6 * 3_600_000);
    store.tick(START_MS + 6 * 3_600_000).unwrap();
    assert_eq!(store.stats().blocks, 1);
    rig.disk.lose_power(&mut Random::from_seed(1));
    drop(store);
    assert_eq!(log_files(&rig).len(), 0);
    let store = rig.open();
    push(&store.importer(), &[("a=1", START_MS + 1, 2.0)]);
    let store = rig.kill_and_open(store);
    assert_eq!(count(&store), 2);
}

fn log_files(rig: &Rig) -> Vec<std::path::PathBuf> {
    rig.disk.files().into_iter().filter(|path| path.starts_with(Path::new(DIR).join("log"))).collect()
}

/// Every bit of the log may flip: opening never fails, and what is served is what was pushed.
#[test]
fn damage_in_the_log_costs_some_samples_and_never_lies() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.segment_bytes = 700;
    let store = Store::open(options.clone()).unwrap();
    for i in 0..150 {
        let now = START_MS + i * MINUTE_MS;
        rig.clock.set_ms(now);
        push(&store, &[("a=1", now, i as f64), ("a=2", now, 0.5)]);
    }
    store.close().unwrap();
    drop(store);
    let value = |text: &str, time_ms: i64| {
        if text == "a=1" {
            ((time_ms - START_MS) as f64 / MINUTE_MS as f64).to_bits()
        } else {
            0.5f64.to_bits()
        }
    };
    for path in log_files(&rig) {
        let bytes = rig.disk.read(&path).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            rig.disk.damage(&path, |bytes| bytes[at] ^= 1 << (at % 8));
            if let Ok(store) = Store::open(options.clone()) {
                for text in ["a=1", "a=2"] {
                    for (found, samples) in dump(&store, TimeRange::ALL) {
                        if found == labels(text) {
                            for (time_ms, bits) in samples {
                                assert_eq!(bits, value(text, time_ms), "{path:?} byte {at}");
                            }
                        }
                    }
                }
                // Values start over every ten minutes, and labels are written twice.
                let left = count(&store);
                assert!(left >= 280, "{path:?} byte {at}: {left} left");
                assert_eq!(left == 300, rig.events().is_empty(), "{path:?} byte {at}: {left} left");
                store.close().unwrap();
            } else {
                assert!((6..8).contains(&at), "only a newer version is an error");
            }
            rig.disk.damage(&path, |now| now.clone_from(&bytes));
        }
        rig.events();
    }
}
