//! Outputs that remember, and what the tests ask of them.

use crate::output::{Failure, Output, Sent};
use crate::outputs::Kind;
use crate::route::Routes;
use crate::{LogOptions, Options, OutputOptions, OutputStats, Relay};
use model::{Batch, Labels, Sink};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stdx::clock::ManualClock;
use stdx::disk::FaultyDisk;
use stdx::random::Random;

pub(super) const KIND: Kind =
    Kind { name: "test", summary: "", address: "", forms: &[], rows_max: 100, make: |_| Err(String::new()) };

/// A sample as it came out.
pub(super) type Row = (String, i64, f64);

/// The other side of an output.
#[derive(Clone, Default)]
pub(super) struct Peer {
    rows: Arc<Mutex<Vec<Row>>>,
    pub(super) is_dead: Arc<AtomicBool>,
    pub(super) refuses: Arc<AtomicBool>,
    /// Batches of more rows are too large; 0 for no limit.
    pub(super) rows_max: Arc<AtomicUsize>,
}

impl Peer {
    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap().clone()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.lock().unwrap().len()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.rows().into_iter().map(|row| row.0).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn die(&self, dead: bool) {
        self.is_dead.store(dead, Ordering::SeqCst);
    }
}

impl Output for Peer {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        if self.is_dead.load(Ordering::SeqCst) {
            return Err(Failure::Later("dead".to_owned(), None));
        }
        if self.refuses.load(Ordering::SeqCst) {
            return Err(Failure::Refused("no".to_owned()));
        }
        let max = self.rows_max.load(Ordering::SeqCst);
        if max > 0 && batch.len() > max {
            return Err(Failure::TooLarge);
        }
        let mut rows = self.rows.lock().unwrap();
        for group in batch.groups() {
            for (slot, value) in group.slots.iter().zip(group.values) {
                rows.push((batch.dictionary.labels(*slot).to_string(), group.time_ms, *value));
            }
        }
        Ok(Sent::default())
    }
}

pub(super) struct World {
    pub(super) disk: FaultyDisk,
    pub(super) clock: Arc<ManualClock>,
    pub(super) routes: Routes,
    pub(super) peers: Vec<(&'static str, Peer)>,
}

impl World {
    /// Outputs of these names, each of which gets everything.
    pub(super) fn new(names: &[&'static str]) -> Self {
        let rest = names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            disk: FaultyDisk::new(),
            clock: Arc::new(ManualClock::at(1_000_000)),
            routes: Routes { rest, ..Routes::default() },
            peers: names.iter().map(|name| (*name, Peer::default())).collect(),
        }
    }

    pub(super) fn peer(&self, name: &str) -> &Peer {
        &self.peers.iter().find(|(n, _)| *n == name).unwrap().1
    }

    pub(super) fn options(&self) -> Options {
        let output = |(name, peer): &(&'static str, Peer)| OutputOptions {
            name: (*name).to_owned(),
            kind: &KIND,
            output: Box::new(peer.clone()),
            queue_bytes_max: 1 << 30,
            rows_max: KIND.rows_max,
        };
        Options {
            log: LogOptions { segment_bytes_max: 4000, ..LogOptions::new("/relay") },
            outputs: self.peers.iter().map(output).collect(),
            routes: self.routes.clone(),
            checks: Vec::new(),
            leased: Vec::new(),
            net: net::Options::default(),
            tell: Arc::new(|_, _, _| {}),
        }
    }

    pub(super) fn start(&self) -> Relay {
        self.start_with(self.options())
    }

    pub(super) fn start_with(&self, options: Options) -> Relay {
        Relay::start(options, Arc::new(self.disk.clone()), self.clock.clone(), Random::from_seed(1)).unwrap()
    }
}

/// A batch of one time: names with labels as `name{a="b"}` would have them, here given as pairs.
pub(super) fn batch(time_ms: i64, series: &[(&[(&str, &str)], f64)]) -> Batch {
    let mut batch = Batch::new();
    batch.begin(time_ms);
    for (pairs, value) in series {
        let labels = Labels::from_pairs(pairs.iter().copied()).unwrap();
        let slot = batch.dictionary.add(&labels, model::Kind::Gauge);
        batch.push(slot, *value);
    }
    batch
}

/// Pushes `count` batches of ten series, a second apart from `from_s` on, as one sender who keeps its dictionary.
pub(super) fn push_many(relay: &Relay, from_s: i64, count: i64) {
    let mut sent = Batch::new();
    for n in 0..10 {
        let labels = Labels::from_pairs([("__name__", "load"), ("host", format!("web{n}").as_str())]);
        sent.dictionary.add(&labels.unwrap(), model::Kind::Gauge);
    }
    for second in from_s..from_s + count {
        sent.clear_rows();
        sent.begin(second * 1000);
        (0..10).for_each(|n| sent.push(model::Slot(n), (second * 10 + i64::from(n)) as f64));
        relay.push(&sent).unwrap();
    }
}

/// Waits for something that must come.
#[track_caller]
pub(super) fn until(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !ready() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Fails unless every sample is accounted for.
#[track_caller]
pub(super) fn agree(stats: &[OutputStats]) {
    for output in stats {
        assert_eq!(output.missing(), 0, "{output:?}");
    }
}
