//! What is taken and what is refused.

use super::rig::{MINUTE_MS, Rig, START_MS, batch, dump, labels, push};
use crate::{Error, Store};
use model::{Batch, Description, Kind, Matcher, Position, Sink, Source, TimeRange};

#[test]
fn duplicates_are_free_and_conflicts_end_with_the_last_value() {
    let rig = Rig::new();
    let store = rig.open();
    let t = START_MS;
    push(&store, &[("a=1", t, 1.0), ("a=1", t + 1, f64::NAN)]);
    let receipt = store.push(&batch(&[("a=1", t, 1.0), ("a=1", t + 1, f64::NAN), ("a=1", t, 2.0)])).unwrap();
    assert_eq!((receipt.report.accepted, receipt.duplicates), (3, 2));
    let stats = store.stats();
    assert_eq!((stats.appended, stats.duplicates, stats.conflicts, stats.head_samples), (2, 2, 1, 2));
    let expected = vec![(t, 2f64.to_bits()), (t + 1, f64::NAN.to_bits())];
    assert_eq!(dump(&store, TimeRange::ALL), [(labels("a=1"), expected)]);
}

#[test]
fn times_outside_the_window_are_refused_with_their_place_and_reason() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.retention_age = Some(std::time::Duration::from_secs(86_400));
    let store = Store::open(options).unwrap();
    let day = 24 * 60 * MINUTE_MS;
    let now = START_MS;
    let samples = batch(&[
        ("a=1", now - 61 * MINUTE_MS, 1.0),
        ("a=1", now - 59 * MINUTE_MS, 1.0),
        ("b=1", now + 11 * MINUTE_MS, 1.0),
        ("a=1", now + 9 * MINUTE_MS, 1.0),
        ("c=1", now - day - 1, 1.0),
    ]);
    let receipt = store.push(&samples).unwrap();
    assert_eq!((receipt.report.accepted, receipt.report.rejected), (2, 3));
    let told: Vec<_> =
        receipt.report.reasons.iter().map(|r| (r.position, r.reason.split(',').next().unwrap())).collect();
    assert_eq!(
        told,
        [
            (Position::Item(1), "time is 1h 1m ago"),
            (Position::Item(3), "time is 11m in the future"),
            (Position::Item(5), "time is 1d ago"),
        ]
    );
    let stats = store.stats();
    assert_eq!((stats.refused_late, stats.refused_future, stats.refused_expired), (1, 1, 1));
    assert_eq!(stats.head_series, 1, "refused samples make no series");
    let receipt = store.importer().push(&samples).unwrap();
    assert_eq!((receipt.report.accepted, receipt.report.rejected), (3, 2));
}

#[test]
fn series_beyond_the_limit_are_refused_and_known_ones_go_on() {
    let rig = Rig::new();
    let mut options = rig.options();
    options.series_max = 2;
    let store = Store::open(options).unwrap();
    let mut batch = batch(&[("a=1", START_MS, 1.0), ("a=2", START_MS, 1.0), ("a=3", START_MS, 1.0)]);
    for round in 0..2 {
        let receipt = store.push(&batch).unwrap();
        assert_eq!((receipt.report.accepted, receipt.report.rejected), (2, 1), "round {round}");
        assert_eq!(receipt.report.reasons[0].position, Position::Item(3));
    }
    let known = batch.dictionary.add(&labels("a=2"), Kind::Gauge);
    batch.clear_rows();
    batch.sample(known, START_MS + 1, 5.0);
    assert!(store.push(&batch).unwrap().report.is_clean());
    assert_eq!(store.stats().refused_series, 2);
}

#[test]
fn a_dictionary_can_grow_between_pushes() {
    let rig = Rig::new();
    let store = rig.open();
    let mut batch = Batch::new();
    for round in 0..5 {
        batch.clear_rows();
        let text = format!("round={round}");
        batch.dictionary.add(&labels(&text), Kind::Gauge);
        batch.begin(START_MS + round);
        for slot in 0..=round as u32 {
            batch.push(model::Slot(slot), f64::from(slot));
        }
        assert!(store.push(&batch).unwrap().report.is_clean());
    }
    assert_eq!(dump(&store, TimeRange::ALL).iter().map(|s| s.1.len()).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
}

#[test]
fn ids_kinds_and_descriptions_survive() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("__name__=up,host=a", START_MS, 1.0)]);
    let mut batch = Batch::new();
    let slot = batch.dictionary.add(&labels("__name__=ups"), Kind::Unknown);
    batch.sample(slot, START_MS, 1.0);
    store.push(&batch).unwrap();
    batch.dictionary.clear();
    batch.clear_rows();
    let slot = batch.dictionary.add(&labels("__name__=ups"), Kind::Counter);
    let description = Description {
        metric: "ups".into(),
        kind: Kind::Counter,
        unit: "1".into(),
        help: "How often it came up.".into(),
    };
    batch.dictionary.describe(description.clone());
    batch.sample(slot, START_MS + 1, 2.0);
    store.push(&batch).unwrap();
    let before = store.select(&[], TimeRange::ALL, 10).unwrap();
    assert_eq!(before.series.iter().map(|s| s.kind).collect::<Vec<_>>(), [Kind::Gauge, Kind::Counter]);
    let store = rig.kill_and_open(store);
    assert_eq!(store.select(&[], TimeRange::ALL, 10).unwrap(), before);
    assert_eq!(store.describe("ups"), Some(description));
    assert_eq!(store.describe("up"), None);
    let one = store.select(&[Matcher::equal("host", "a")], TimeRange::ALL, 10).unwrap();
    assert_eq!(one.series, before.series[..1]);
    let cut = store.select(&[], TimeRange::ALL, 1).unwrap();
    assert!(cut.truncated && cut.series == before.series[..1]);
}

#[test]
fn a_second_opening_is_told_which_folder_is_in_use() {
    let rig = Rig::new();
    let store = rig.open();
    let second = Store::open(rig.options()).err().unwrap();
    assert!(matches!(second, Error::InUse(_)) && second.to_string().contains(super::rig::DIR), "{second}");
    store.close().unwrap();
    rig.open();
}

#[test]
fn a_closed_store_takes_nothing_and_still_reads() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("a=1", START_MS, 1.0)]);
    store.close().unwrap();
    store.close().unwrap();
    assert!(store.push(&batch(&[("a=1", START_MS + 1, 1.0)])).is_err());
    assert_eq!(dump(&store, TimeRange::ALL).len(), 1);
}

#[test]
fn imports_take_the_oldest_times_there_are() {
    let rig = Rig::new();
    let store = rig.open();
    let times = [i64::MIN, i64::MIN + 1, i64::MIN + 7_200_001, -1, 0, 1, START_MS];
    for (i, &time_ms) in times.iter().enumerate() {
        push(&store.importer(), &[("a=1", time_ms, i as f64)]);
    }
    let expected: Vec<(i64, u64)> =
        times.iter().enumerate().map(|(i, &t)| (t, (i as f64).to_bits())).collect();
    assert_eq!(dump(&store, TimeRange::ALL), [(labels("a=1"), expected.clone())]);
    for hours in [5, 50, 500] {
        store.tick(START_MS + hours * 60 * MINUTE_MS).unwrap();
        assert_eq!(dump(&store, TimeRange::ALL), [(labels("a=1"), expected.clone())], "{hours} h");
    }
    assert_eq!(store.stats().head_samples, 0);
    let store = rig.kill_and_open(store);
    assert_eq!(dump(&store, TimeRange::ALL), [(labels("a=1"), expected)]);
}

#[test]
fn a_closed_store_does_no_work_in_a_folder_that_may_be_another_s() {
    let rig = Rig::new();
    let store = rig.open();
    push(&store, &[("a=1", START_MS, 1.0)]);
    store.close().unwrap();
    let files = rig.disk.files();
    store.tick(START_MS + 600 * MINUTE_MS).unwrap();
    assert_eq!(rig.disk.files(), files);
}
