//! Bytes written by earlier versions are opened for ever. Those of version 1 are looked at here.

mod version_2;

use super::rig::{MINUTE_MS, START_MS, batch, dump, labels};
use crate::{Options, Store};
use model::{Description, Kind, Sink, Source, TimeRange};
use std::path::Path;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::{Disk, FaultyDisk, RealDisk};

const VERSIONS: [u16; 1] = [1];

/// The samples of every fixture: constants, counters, fractions, full-precision values, markers, gaps.
fn samples(minute: i64) -> Vec<(&'static str, i64, f64)> {
    let t = START_MS + minute * MINUTE_MS;
    let mut all = vec![
        ("__name__=up,host=a", t, 1.0),
        ("__name__=requests_total,code=200,host=a", t + 3, (minute * minute) as f64),
        ("__name__=load,host=a", t, 0.25 + (minute % 7) as f64 / 100.0),
        ("__name__=ratio,host=b", t, 1.0 / (minute + 3) as f64),
    ];
    if minute % 50 == 0 {
        all.push(("__name__=load,host=a", t + 1, model::STALE));
        all.push(("__name__=odd,host=b", t, f64::from_bits(0xfff8_0000_0000_0000 + minute as u64)));
        all.push(("__name__=odd,host=b", t + 1, -0.0));
    }
    all
}

const MINUTES: i64 = 400;

fn write(store: &Store, clock: &ManualClock) {
    let mut first = batch(&[]);
    first.dictionary.describe(Description {
        metric: "load".into(),
        kind: Kind::Gauge,
        unit: "processes".into(),
        help: "Processes that run or wait.".into(),
    });
    store.push(&first).unwrap();
    for minute in 0..MINUTES {
        clock.set_ms(START_MS + minute * MINUTE_MS);
        store.push(&batch(&samples(minute))).unwrap();
        store.tick(START_MS + minute * MINUTE_MS).unwrap();
    }
}

fn fixture(version: u16) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../fixtures/stores/{version}"))
}

/// What the fixture is made of, written today.
#[test]
fn the_bytes_of_today_are_written() {
    let clock = Arc::new(ManualClock::at(START_MS));
    let mut options = Options::new("/store", Arc::new(FaultyDisk::new()), Arc::clone(&clock) as _);
    options.background = false;
    let store = Store::open(options).unwrap();
    write(&store, &clock);
    assert_eq!(dump(&store, TimeRange::ALL), dump(&expected(), TimeRange::ALL));
    store.close().unwrap();
}

/// All samples in a plain map.
fn expected() -> model::memory::MemoryStore {
    let model = model::memory::MemoryStore::new();
    for minute in 0..MINUTES {
        model.push(&batch(&samples(minute))).unwrap();
    }
    model
}

/// The fixture is copied to a disk in memory, so that the files in the repository stay as they are.
fn copy(disk: &FaultyDisk, from: &Path, to: &Path) {
    disk.create_dir_all(to).unwrap();
    for entry in RealDisk.list(from).unwrap() {
        let target = to.join(&entry.name);
        if entry.is_dir {
            copy(disk, &entry.path, &target);
        } else {
            disk.create(&target).unwrap().write_all(&RealDisk.read(&entry.path).unwrap()).unwrap();
        }
    }
}

#[test]
fn old_bytes_are_understood() {
    let model = expected();
    for version in VERSIONS {
        let disk = FaultyDisk::new();
        copy(&disk, &fixture(version), Path::new("/store"));
        let clock = Arc::new(ManualClock::at(START_MS + MINUTES * MINUTE_MS));
        let mut options = Options::new("/store", Arc::new(disk), clock);
        options.background = false;
        options.tell = Arc::new(|event| panic!("{event}"));
        let store = Store::open(options).unwrap();
        assert!(store.stats().blocks > 0 && store.stats().head_samples > 0, "both blocks and a log");
        assert_eq!(dump(&store, TimeRange::ALL), dump(&model, TimeRange::ALL), "version {version}");
        assert_eq!(store.describe("load").map(|d| d.unit), Some("processes".into()));
        let up = store.select(&[], TimeRange::ALL, 1).unwrap().series.remove(0);
        assert_eq!((up.labels, up.kind), (labels("__name__=up,host=a"), Kind::Gauge));
    }
}

/// What is pushed goes into a log of today; the old one is read until it is in blocks, and then removed.
#[test]
fn a_store_of_version_1_goes_on_as_one_of_today() {
    let (disk, model) = (FaultyDisk::new(), expected());
    copy(&disk, &fixture(1), Path::new("/store"));
    let clock = Arc::new(ManualClock::at(START_MS + MINUTES * MINUTE_MS));
    let mut options = Options::new("/store", Arc::new(disk.clone()), Arc::clone(&clock) as _);
    options.background = false;
    options.tell = Arc::new(|event| panic!("{event}"));
    let old_files = || disk.files().into_iter().filter(|path| path.starts_with("/store/wal")).count();
    for round in 0..3 {
        let store = Store::open(options.clone()).unwrap();
        let b = batch(&[
            ("__name__=up,host=a", START_MS + MINUTES * MINUTE_MS + round, 2.0),
            ("new=1", START_MS, 1.0),
        ]);
        store.importer().push(&b).unwrap();
        model.push(&b).unwrap();
        assert_eq!(dump(&store, TimeRange::ALL), dump(&model, TimeRange::ALL), "round {round}");
        assert!(old_files() > 0);
        store.close().unwrap();
        disk.kill_process();
    }
    clock.advance_ms(180 * MINUTE_MS);
    let store = Store::open(options.clone()).unwrap();
    store.tick(START_MS + (MINUTES + 180) * MINUTE_MS).unwrap();
    assert_eq!((store.stats().head_samples, old_files()), (0, 0));
    assert_eq!(dump(&store, TimeRange::ALL), dump(&model, TimeRange::ALL), "sealed");
    store.close().unwrap();
    drop(store);
    let store = Store::open(options).unwrap();
    assert_eq!(store.stats().replayed, 0);
    assert_eq!(dump(&store, TimeRange::ALL), dump(&model, TimeRange::ALL), "opened again");
}
