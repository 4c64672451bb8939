//! Checking finds every flipped bit, changes nothing, and repairing keeps what can be read.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, dump, push};
use crate::{Store, check, repair};
use model::TimeRange;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::disk::Disk;
use stdx::random::Random;

/// Hosts with full-precision values over 12 hours, in blocks and in the log.
fn filled(rig: &Rig) -> Store {
    let store = rig.open();
    let mut random = Random::from_seed(3);
    for minute in 0..720 {
        let now = START_MS + minute * MINUTE_MS;
        rig.clock.set_ms(now);
        let texts: Vec<String> = (0..6).map(|i| format!("__name__=m{},host=h{}", i % 2, i)).collect();
        push(&store, &texts.iter().map(|text| (text.as_str(), now, random.unit())).collect::<Vec<_>>());
        if minute % 30 == 0 {
            store.tick(now).unwrap();
        }
    }
    store
}

fn disk(rig: &Rig) -> Arc<dyn Disk> {
    Arc::new(rig.disk.clone())
}

fn contents(rig: &Rig) -> Vec<(PathBuf, Vec<u8>)> {
    rig.disk.files().into_iter().map(|path| (path.clone(), rig.disk.read(&path).unwrap())).collect()
}

#[test]
fn checking_a_running_store_finds_nothing_and_changes_nothing() {
    let rig = Rig::new();
    let store = filled(&rig);
    store.flush().unwrap();
    let before = contents(&rig);
    let checked = check(&disk(&rig), Path::new(DIR)).unwrap();
    assert_eq!((checked.damaged.clone(), checked.notes.clone()), (vec![], vec![]));
    assert_eq!(checked.blocks, store.stats().blocks);
    assert_eq!(checked.samples, store.stats().block_samples);
    assert!(checked.records > 0);
    assert!(contents(&rig) == before);
    let error = check(&disk(&rig), Path::new("/data")).unwrap_err().to_string();
    assert!(error.contains("no store"), "{error}");
    let error = repair(&rig.options()).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
}

#[test]
fn every_flipped_bit_is_told_by_name() {
    let rig = Rig::new();
    filled(&rig).close().unwrap();
    let mut random = Random::from_seed(8);
    for (path, bytes) in contents(&rig) {
        if path.ends_with("LOCK") || path.ends_with("QUERIED") {
            continue;
        }
        for _ in 0..12 {
            let bit = random.below(bytes.len() as u64 * 8) as usize;
            rig.disk.damage(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let checked = check(&disk(&rig), Path::new(DIR)).unwrap();
            rig.disk.damage(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let told: Vec<String> =
                checked.damaged.iter().map(|d| d.to_string()).chain(checked.notes).collect();
            let folder = path.parent().and_then(Path::file_name).and_then(|n| n.to_str()).unwrap();
            let file = path.file_name().and_then(|n| n.to_str()).unwrap();
            let names_it = told.iter().any(|line| line.contains(folder) || line.contains(file));
            // A segment's length in the log may point anywhere; what follows is then told as its unfinished end.
            assert!(names_it, "{} bit {bit}: {told:?}", path.display());
        }
    }
}

#[test]
fn repairing_keeps_what_can_be_read() {
    let rig = Rig::new();
    let store = filled(&rig);
    let before = dump(&store, TimeRange::ALL);
    store.close().unwrap();
    drop(store);
    let data: Vec<PathBuf> = rig.disk.files().into_iter().filter(|path| path.ends_with("data")).collect();
    // In the middle of the values of one series.
    rig.disk.damage(&data[0], |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
    });
    let damaged = check(&disk(&rig), Path::new(DIR)).unwrap().damaged;
    assert!(damaged.len() == 1 && damaged[0].range.is_some(), "{damaged:?}");
    let repaired = repair(&rig.options()).unwrap();
    assert_eq!(repaired.done.len(), 1, "{repaired:?}");
    assert_eq!(check(&disk(&rig), Path::new(DIR)).unwrap().damaged, []);
    let aside = Path::new(DIR).join("quarantine");
    assert!(rig.disk.files().iter().any(|path| path.starts_with(&aside)));
    let store = rig.open();
    let after = dump(&store, TimeRange::ALL);
    let count = |all: &[(model::Labels, Vec<(i64, u64)>)]| all.iter().map(|(_, s)| s.len()).sum::<usize>();
    assert!(count(&after) < count(&before) && count(&after) > count(&before) / 2);
    assert_eq!(after.len(), before.len());
    for ((labels, kept), (_, all)) in after.iter().zip(&before) {
        assert!(kept.iter().all(|sample| all.contains(sample)), "{labels}");
    }
    store.close().unwrap();
    drop(store);
    rig.disk.damage(&Path::new(DIR).join("MANIFEST"), |bytes| bytes[9] ^= 1);
    let repaired = repair(&rig.options()).unwrap();
    assert!(repaired.done[0].contains("MANIFEST"), "{repaired:?}");
    assert_eq!(dump(&rig.open(), TimeRange::ALL), after);
    rig.events();
}
