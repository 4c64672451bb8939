//! A store to test: its disk, its clock, and what it said.

use crate::{Event, Options, Store, Sync};
use model::memory::MemoryStore;
use model::{Batch, Chunk, Kind, Labels, MatchOp, Matcher, Series, Sink, Source, TimeRange};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stdx::clock::ManualClock;
use stdx::disk::FaultyDisk;

pub(super) const DIR: &str = "/data/store";
pub(super) const MINUTE_MS: i64 = 60_000;
/// Where the clock starts; a multiple of the block span.
pub(super) const START_MS: i64 = 7_200_000 * 1000;

pub(super) struct Rig {
    pub(super) disk: FaultyDisk,
    pub(super) clock: Arc<ManualClock>,
    pub(super) events: Arc<Mutex<Vec<Event>>>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self { disk: FaultyDisk::new(), clock: Arc::new(ManualClock::at(START_MS)), events: Arc::default() }
    }

    /// Blocks of two hours, an hour of lateness, no threads.
    pub(super) fn options(&self) -> Options {
        let events = Arc::clone(&self.events);
        let mut options = Options::new(DIR, Arc::new(self.disk.clone()), Arc::clone(&self.clock) as _);
        options.background = false;
        options.shards = 3;
        options.sync = Sync::Interval(Duration::from_millis(200));
        options.tell = Arc::new(move |event| events.lock().unwrap().push(event));
        options
    }

    pub(super) fn open(&self) -> Store {
        Store::open(self.options()).unwrap()
    }

    /// The process dies: nobody hears what the old store says any more.
    pub(super) fn kill(&self, store: Store) {
        self.disk.kill_process();
        let said = self.events();
        drop(store);
        *self.events.lock().unwrap() = said;
    }

    /// The process dies and the store is opened again.
    pub(super) fn kill_and_open(&self, store: Store) -> Store {
        self.kill(store);
        self.open()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap())
    }
}

pub(super) fn labels(text: &str) -> Labels {
    Labels::from_pairs(text.split(',').map(|pair| pair.split_once('=').unwrap())).unwrap()
}

/// A batch of (labels, time, value); names that end in `_total` are counters, the others gauges.
pub(super) fn batch(samples: &[(&str, i64, f64)]) -> Batch {
    let mut batch = Batch::new();
    for (text, time_ms, value) in samples {
        let kind = if text.contains("_total") { Kind::Counter } else { Kind::Gauge };
        let slot = batch.dictionary.add(&labels(text), kind);
        batch.sample(slot, *time_ms, *value);
    }
    batch
}

pub(super) fn push(store: &impl Sink, samples: &[(&str, i64, f64)]) {
    let receipt = store.push(&batch(samples)).unwrap();
    assert!(receipt.report.is_clean(), "{}", receipt.report);
}

/// Everything a source has in `range`, values as bits.
pub(super) fn dump(source: &dyn Source, range: TimeRange) -> Vec<(Labels, Vec<(i64, u64)>)> {
    let all = source.select(&[], range, usize::MAX).unwrap().series;
    let mut out = Vec::new();
    for Series { id, labels, .. } in all {
        let mut samples = Vec::new();
        source
            .read(&[id], range, &mut |at, Chunk::Samples { times_ms, values }| {
                assert_eq!(at, id);
                assert_eq!(times_ms.len(), values.len());
                samples.extend(times_ms.iter().copied().zip(values.iter().map(|v| v.to_bits())));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert!(samples.is_sorted_by(|a, b| a.0 < b.0), "{labels}: times ascend");
        let last = source.last(&[id], range).unwrap()[0].map(|s| (s.time_ms, s.value.to_bits()));
        assert_eq!(last, samples.last().copied(), "{labels}: last");
        if !samples.is_empty() {
            out.push((labels, samples));
        }
    }
    out.sort();
    out
}

/// Asserts that two sources say the same in `range`.
pub(super) fn assert_same(store: &Store, model: &MemoryStore, range: TimeRange, what: &str) {
    assert_eq!(dump(store, range), dump(model, range), "{what}");
    for matchers in [vec![], vec![Matcher::equal("host", "h1")]] {
        // Outside the range asked for, a store may name series that have samples close by.
        let check = |ask: &dyn Fn(&dyn Source, TimeRange) -> Vec<String>| {
            let (found, least, most) = (ask(store, range), ask(model, range), ask(model, TimeRange::ALL));
            assert!(found.is_sorted_by(|a, b| a < b), "{what}: {found:?}");
            assert!(least.iter().all(|n| found.contains(n)), "{what}: {found:?} lacks some of {least:?}");
            assert!(found.iter().all(|n| most.contains(n)), "{what}: {found:?} is not in {most:?}");
        };
        check(&|source, range| source.label_names(&matchers, range, 100).unwrap());
        check(&|source, range| source.label_values("host", &matchers, range, 100).unwrap());
        let mut own = matchers.clone();
        own.push(Matcher::new("__name__", MatchOp::Regex, "a\\.b.*").unwrap());
        check(&|source, range| source.label_values("__name__", &own, range, 100).unwrap());
        check(&|source, range| source.label_names(&own, range, 100).unwrap());
        check(&|source, range| {
            let names = ["a", "a.b", "a.b.c"].map(str::to_owned);
            let found = source.select_only("__name__", &names, range, 100).unwrap().series;
            found
                .iter()
                .map(|series| series.labels.to_string())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        });
        check(&|source, range| {
            let found = source.select_beside("__name__", &own, range, 100).unwrap().series;
            found
                .iter()
                .map(|series| series.labels.to_string())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        });
    }
    for prefix in ["", "a", "a.", "a.b"] {
        let paths = |source: &dyn Source, range| {
            let nodes = source.nodes("__name__", prefix, range, 100).unwrap();
            nodes.into_iter().map(|node| (node.path, node.is_leaf, node.is_branch)).collect::<Vec<_>>()
        };
        let (found, least, most) = (paths(store, range), paths(model, range), paths(model, TimeRange::ALL));
        assert!(found.is_sorted_by(|a, b| a.0 < b.0), "{what}: {found:?}");
        let is_in = |(path, is_leaf, is_branch): &(String, bool, bool), other: &[(String, bool, bool)]| {
            other.iter().any(|o| o.0 == *path && o.1 >= *is_leaf && o.2 >= *is_branch)
        };
        assert!(least.iter().all(|node| is_in(node, &found)), "{what}: {found:?} lacks some of {least:?}");
        assert!(found.iter().all(|node| is_in(node, &most)), "{what}: {found:?} is not in {most:?}");
    }
}
