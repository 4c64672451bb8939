//! Snapshots: all of one moment, stores by themselves, and the way back.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, dump, push};
use crate::{Options, Store};
use model::{Keeper, Matcher, Source, TimeRange};
use std::path::Path;
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::{Call, Disk, RealDisk};

fn fill(rig: &Rig, store: &Store, minutes: i64) {
    for _ in 0..minutes {
        let now = rig.clock.now_ms();
        push(store, &[("__name__=a,host=x", now, (now % 977) as f64), ("__name__=b,host=y", now, 0.5)]);
        rig.clock.advance_ms(MINUTE_MS);
        if now % (30 * MINUTE_MS) == 0 {
            store.tick(now).unwrap();
        }
    }
}

#[test]
fn a_snapshot_is_a_store_of_its_own_and_can_be_taken_back() {
    let rig = Rig::new();
    let store = rig.open();
    fill(&rig, &store, 400);
    let then = dump(&store, TimeRange::ALL);
    let snapshot = store.snapshot("before-it").unwrap();
    assert!(snapshot.name.ends_with("Z-before-it") && snapshot.blocks > 0, "{snapshot:?}");
    fill(&rig, &store, 200);
    let second = store.snapshot("").unwrap();
    let third = store.snapshot("").unwrap();
    assert_eq!(store.snapshots().unwrap().len(), 3, "{} {}", second.name, third.name);
    assert_eq!(store.snapshots().unwrap()[0], snapshot);

    let mut options = rig.options();
    options.dir = Path::new(DIR).join("snapshots").join(&snapshot.name).join("store");
    let alone = Store::open(options.clone()).unwrap();
    assert_eq!(dump(&alone, TimeRange::ALL), then);
    alone.close().unwrap();

    let now = dump(&store, TimeRange::ALL);
    let matchers = vec![vec![Matcher::equal("host", "x")]];
    store.delete(&matchers, TimeRange::ALL).unwrap();
    store.clean().unwrap();
    let range = TimeRange::new(START_MS + 100 * MINUTE_MS, START_MS + 300 * MINUTE_MS);
    let restored = store.restore(&snapshot.name, &matchers, range).unwrap();
    assert_eq!((restored.series, restored.samples, restored.known, restored.refused), (1, 200, 0, 0));
    let restored = store.restore(&snapshot.name, &[], TimeRange::ALL).unwrap();
    assert_eq!((restored.series, restored.samples, restored.known), (2, 200, 600));
    let restored = store.restore(&third.name, &[], TimeRange::ALL).unwrap();
    assert_eq!((restored.samples, restored.known), (200, 1000));
    assert_eq!(dump(&store, TimeRange::ALL), now);
    let store = rig.kill_and_open(store);
    assert_eq!(dump(&store, TimeRange::ALL), now);

    store.remove_snapshot(&snapshot.name).unwrap();
    assert!(
        store.restore(&snapshot.name, &[], TimeRange::ALL).unwrap_err().to_string().contains(&snapshot.name)
    );
    assert!(store.remove_snapshot("../blocks").is_err());
    assert!(store.snapshot("../x").unwrap_err().to_string().contains("label"));
    assert_eq!(store.snapshots().unwrap().len(), 2);
    assert_eq!(dump(&store, TimeRange::ALL), now);
    assert_eq!(rig.events(), []);
}

#[test]
fn a_snapshot_that_fails_is_none() {
    let rig = Rig::new();
    let store = rig.open();
    fill(&rig, &store, 300);
    let mut failures = 0;
    for call in [Call::Create, Call::Write, Call::Sync, Call::Rename, Call::SyncDir, Call::CreateDir] {
        for nth in [1, 2, 5] {
            let before = store.snapshots().unwrap().len();
            rig.disk.fail(call, nth, std::io::ErrorKind::Other);
            let made = store.snapshot("x");
            rig.disk.heal();
            failures += usize::from(made.is_err());
            assert_eq!(
                store.snapshots().unwrap().len(),
                before + usize::from(made.is_ok()),
                "{call:?} {nth}"
            );
        }
    }
    assert!(failures > 10, "{failures}");
    rig.events();
}

#[test]
fn on_a_real_disk_a_snapshot_shares_its_files() {
    let dir = std::env::temp_dir().join(format!("windhover-snapshot-{}", std::process::id()));
    let rig = Rig::new();
    let mut options = Options::new(&dir, Arc::new(RealDisk), Arc::clone(&rig.clock) as _);
    options.background = false;
    let store = Store::open(options.clone()).unwrap();
    fill(&rig, &store, 300);
    let then = dump(&store, TimeRange::ALL);
    let name = store.snapshot("real").unwrap().name;
    store.delete(&[vec![Matcher::equal("host", "x")]], TimeRange::ALL).unwrap();
    store.clean().unwrap();
    assert_eq!(store.label_values("host", &[], TimeRange::ALL, 9).unwrap(), ["y"]);
    store.close().unwrap();
    options.dir = dir.join("snapshots").join(&name).join("store");
    let alone = Store::open(options).unwrap();
    assert_eq!(dump(&alone, TimeRange::ALL), then);
    alone.close().unwrap();
    RealDisk.remove_dir_all(&dir).unwrap();
}
