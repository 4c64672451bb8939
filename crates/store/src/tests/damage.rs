//! A bit flips in a file: opening works, what is served is what was pushed, and what is lost is told.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, batch};
use super::tiers::rows_for_ever;
use crate::{Event, Store};
use model::memory::MemoryStore;
use model::{Chunk, Sink, Source, TimeRange};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use stdx::clock::Clock;
use stdx::disk::Disk;
use stdx::random::Random;

/// What a source has, by label text and time; a store may fail to read a damaged block once.
fn all(source: &dyn Source) -> Option<BTreeMap<(String, i64), u64>> {
    let mut found = BTreeMap::new();
    for series in source.select(&[], TimeRange::ALL, 1000).ok()?.series {
        source
            .read(&[series.id], TimeRange::ALL, &mut |_, Chunk::Samples { times_ms, values }| {
                for (time_ms, value) in times_ms.iter().zip(values) {
                    found.insert((series.labels.to_string(), *time_ms), value.to_bits());
                }
                ControlFlow::Continue(())
            })
            .ok()?;
    }
    Some(found)
}

fn fill(rig: &Rig, store: &Store, model: &MemoryStore) {
    let mut random = Random::from_seed(1);
    for step in 0..200 {
        rig.clock.advance_ms(10 * MINUTE_MS);
        let now = rig.clock.now_ms();
        let value = [random.unit(), f64::from(step), 0.25][step as usize % 3];
        let b = batch(&[("__name__=a,host=h1", now, value), ("__name__=a,host=h2", now, 1.0)]);
        store.push(&b).unwrap();
        model.push(&b).unwrap();
        if step % 9 == 0 {
            store.tick(now).unwrap();
        }
    }
}

#[test]
fn any_flipped_bit_is_found_and_costs_no_more_than_a_block_or_a_segment() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.segment_bytes = 1000;
    options.policies = rows_for_ever();
    let (store, model) = (Store::open(options.clone()).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model);
    store.close().unwrap();
    drop(store);
    let truth = all(&model).unwrap();
    let before: Vec<(std::path::PathBuf, Vec<u8>)> =
        rig.disk.files().into_iter().map(|path| (path.clone(), rig.disk.read(&path).unwrap())).collect();
    let mut random = Random::from_seed(9);
    for (path, bytes) in &before {
        for _ in 0..25.min(bytes.len() * 8) {
            let bit = random.below(bytes.len() as u64 * 8) as usize;
            let what = format!("{} bit {bit}", path.display());
            rig.disk.damage(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            match Store::open(options.clone()) {
                Ok(store) => check(&store, &rig, &truth, &what),
                Err(error) => {
                    assert!(matches!(error, crate::Error::Newer { .. }), "{what}: {error}");
                    assert!((48..64).contains(&bit), "{what}: only a version is an error");
                }
            }
            put_back(&rig, &before);
        }
    }
}

fn check(store: &Store, rig: &Rig, truth: &BTreeMap<(String, i64), u64>, what: &str) {
    // The first read that meets damage may fail; the next one goes without it.
    let found = all(store).or_else(|| all(store)).or_else(|| all(store)).expect(what);
    for (key, bits) in &found {
        assert_eq!(truth.get(key), Some(bits), "{what}: {key:?} was never pushed so");
    }
    if found.len() < truth.len() {
        assert!(!rig.events().is_empty(), "{what}: {} lost in silence", truth.len() - found.len());
    }
    assert!(found.len() >= truth.len() / 4, "{what}: {} of {}", found.len(), truth.len());
    store.tick(START_MS).unwrap();
    rig.events();
    if store.stats().quarantined > 0 {
        let aside = Path::new(DIR).join("quarantine");
        assert!(rig.disk.files().iter().any(|path| path.starts_with(&aside)), "{what}");
    }
    assert_eq!(all(store), Some(found), "{what}: nothing more is lost by setting aside");
    store.close().unwrap();
}

/// Everything as it was.
fn put_back(rig: &Rig, before: &[(std::path::PathBuf, Vec<u8>)]) {
    rig.events();
    for path in rig.disk.files() {
        rig.disk.remove_file(&path).unwrap();
    }
    for (path, bytes) in before {
        rig.disk.create_dir_all(path.parent().unwrap()).unwrap();
        rig.disk.create(path).unwrap().write_all(bytes).unwrap();
    }
    for entry in rig.disk.list(&Path::new(DIR).join("blocks")).unwrap() {
        if rig.disk.list(&entry.path).unwrap().is_empty() {
            rig.disk.remove_dir_all(&entry.path).unwrap();
        }
    }
}

#[test]
fn a_damaged_block_is_told_by_name_and_range() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model);
    let data = rig.disk.files().into_iter().find(|path| path.ends_with("data")).unwrap();
    let name = data.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    rig.disk.damage(&data, |bytes| bytes[18] ^= 1);
    let error = store.select(&[], TimeRange::ALL, 9).unwrap();
    let ids: Vec<_> = error.series.iter().map(|s| s.id).collect();
    let mut visit = |_, _: Chunk<'_>| ControlFlow::Continue(());
    let error = store.read(&ids, TimeRange::ALL, &mut visit).unwrap_err().to_string();
    assert!(error.contains(&name), "{error}");
    let events = rig.events();
    assert!(
        matches!(&events[..], [Event::BlockSetAside { name: n, range: Some(_), .. }] if *n == name),
        "{events:?}"
    );
    store.read(&ids, TimeRange::ALL, &mut visit).unwrap();
    // Dying before the files are moved must not make leftovers of them.
    rig.disk.fail(stdx::disk::Call::Rename, 1, std::io::ErrorKind::Other);
    assert!(store.tick(rig.clock.now_ms()).is_err());
    rig.clock.advance_ms(300 * MINUTE_MS);
    store.push(&batch(&[("__name__=a,host=h1", rig.clock.now_ms(), 1.0)])).unwrap();
    let store = rig.kill_and_open(store);
    assert!(rig.disk.files().contains(&data));
    assert!(store.read(&ids, TimeRange::ALL, &mut visit).is_err(), "found again");
    rig.events();
    store.tick(rig.clock.now_ms()).unwrap();
    assert!(rig.disk.files().contains(&Path::new(DIR).join("quarantine").join(&name).join("data")));
    let store = rig.kill_and_open(store);
    store.read(&ids, TimeRange::ALL, &mut visit).unwrap();
    assert_eq!(rig.events(), []);
}
