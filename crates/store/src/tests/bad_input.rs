//! Bad input, one row each: a message of its own that names the thing, and nothing else suffers.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, batch, dump, push};
use crate::{Error, Event, Store};
use model::{Batch, Kind, Labels, Sink, TimeRange};
use std::path::{Path, PathBuf};
use stdx::crc::crc32;
use stdx::disk::Disk;

/// Some blocks and something in the log; closed.
fn filled(rig: &Rig) {
    let store = rig.open();
    for minute in 0..400 {
        let now = START_MS + minute * MINUTE_MS;
        rig.clock.set_ms(now);
        push(&store, &[("__name__=a,host=x", now, minute as f64)]);
        store.tick(now).unwrap();
    }
    assert!(store.stats().blocks > 1);
    store.close().unwrap();
}

fn block_file(rig: &Rig, name: &str) -> PathBuf {
    let blocks = Path::new(DIR).join("blocks");
    rig.disk.files().into_iter().find(|path| path.starts_with(&blocks) && path.ends_with(name)).unwrap()
}

/// Another version, with a checksum that is right.
fn newer(bytes: &mut [u8]) {
    bytes[6] = 99;
    let body = bytes.len() - 4;
    let crc = crc32(&bytes[..body]);
    bytes[body..].copy_from_slice(&crc.to_le_bytes());
}

#[test]
fn keys_over_the_limits_are_refused_by_name() {
    let long = |len: usize| "v".repeat(len);
    let many: Vec<(String, String)> = (0..65).map(|i| (format!("l{i}"), "v".to_owned())).collect();
    let wide: Vec<(String, String)> = (0..5).map(|i| (format!("l{i}"), long(2000))).collect();
    let cases: Vec<(Vec<(String, String)>, &str)> = vec![
        (vec![(long(201), "v".into())], "label name `v"),
        (vec![("big".into(), long(2049))], "label `big`"),
        (many, "65 labels"),
        (wide, "10"),
        (vec![("a".into(), "1".into()), ("a".into(), "2".into())], "`a` is given twice"),
        (vec![(String::new(), "v".into())], "without a name"),
    ];
    let mut messages = std::collections::HashSet::new();
    for (pairs, named) in cases {
        let error = Labels::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(named), "{text}");
        assert!(messages.insert(text.chars().filter(|c| c.is_alphabetic()).collect::<String>()), "{text}");
    }
}

#[test]
fn samples_outside_the_window_are_refused_alone() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.retention_age = Some(std::time::Duration::from_secs(10 * 86_400));
    let store = Store::open(options).unwrap();
    let (old, far) = (START_MS - 61 * MINUTE_MS, START_MS + 11 * MINUTE_MS);
    let mixed = batch(&[("host=x", START_MS, 1.0), ("host=y", old, 2.0), ("host=z", far, 3.0)]);
    let receipt = store.push(&mixed).unwrap();
    assert_eq!(receipt.report.accepted, 1);
    let text = receipt.report.to_string();
    assert!(text.contains("old") || text.contains("late"), "{text}");
    let ancient = batch(&[("host=x", START_MS - 11 * 86_400_000, 1.0)]);
    let text = store.importer().push(&ancient).unwrap().report.to_string();
    assert!(!text.is_empty());
    assert_eq!(dump(&store, TimeRange::ALL).len(), 1, "the good one is there and nothing else");
}

#[test]
fn a_series_keeps_its_kind_and_takes_any_value() {
    let rig = Rig::new();
    let store = rig.open();
    for (kind, value) in [(Kind::Counter, -1.0), (Kind::Unknown, f64::NAN), (Kind::Counter, f64::INFINITY)] {
        let mut batch = Batch::new();
        let labels = Labels::from_pairs([("__name__", "a")]).unwrap();
        let slot = batch.dictionary.add(&labels, kind);
        batch.sample(slot, START_MS, value);
        assert!(store.push(&batch).unwrap().report.is_clean(), "a float store takes every float");
        let found = dump(&store, TimeRange::ALL);
        assert_eq!(found[0].1, [(START_MS, value.to_bits())]);
    }
}

#[test]
fn newer_formats_and_foreign_files_are_named_and_left_as_they_are() {
    for name in ["meta", "index", "data"] {
        let rig = Rig::new();
        filled(&rig);
        let file = block_file(&rig, name);
        rig.disk.damage(&file, |bytes| newer(bytes));
        let bytes = rig.disk.read(&file).unwrap();
        let store = rig.open();
        let block = file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let events = rig.events();
        let told = |event: &Event| {
            let text = event.to_string();
            matches!(event, Event::Skipped { .. }) && text.contains(&block) && text.contains("99")
        };
        assert!(events.iter().any(told), "{name}: {events:?}");
        assert!(!dump(&store, TimeRange::ALL).is_empty(), "{name}: the others are served");
        store.tick(START_MS + 420 * MINUTE_MS).unwrap();
        assert_eq!(rig.disk.read(&file).unwrap(), bytes, "{name}: it is left as it is");
    }
    let rig = Rig::new();
    filled(&rig);
    rig.disk.damage(&Path::new(DIR).join("MANIFEST"), |bytes| newer(bytes));
    let error = Store::open(rig.options()).err().unwrap();
    assert!(
        matches!(error, Error::Newer { version: 99, .. }) && error.to_string().contains("MANIFEST"),
        "{error}"
    );
}

#[test]
fn foreign_files_and_second_processes_are_told() {
    let rig = Rig::new();
    filled(&rig);
    let foreign = Path::new(DIR).join("blocks").join("holiday.jpg");
    rig.disk.create(&foreign).unwrap().write_all(b"not ours").unwrap();
    let store = rig.open();
    let events: Vec<String> = rig.events().iter().map(ToString::to_string).collect();
    assert!(events.iter().any(|text| text.contains("holiday.jpg")), "{events:?}");
    assert_eq!(rig.disk.read(&foreign).unwrap(), b"not ours");
    let error = Store::open(rig.options()).err().unwrap();
    assert!(matches!(error, Error::InUse(_)) && error.to_string().contains(DIR), "{error}");
    push(&store, &[("__name__=a,host=x", START_MS + 400 * MINUTE_MS, 1.0)]);
    assert!(!dump(&store, TimeRange::ALL).is_empty(), "the first one goes on");
}
