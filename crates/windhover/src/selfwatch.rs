//! Watching itself: the numbers that every crate keeps, and what the process costs, pushed as series of this host.

pub mod profile;
mod threads;

use crate::beat::Beat;
use model::{Batch, Description, HOST, Kind, Labels, NAME, Sink, Slot};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::telemetry::{Counter, Gauge, Item};
use threads::Threads;

static CPU_SECONDS: Gauge =
    Gauge::new("windhover_process_cpu_seconds_total", "Processor time this process used, user and system.");
static RESIDENT_BYTES: Gauge = Gauge::new(
    "windhover_process_resident_bytes",
    "Memory of this process that is in RAM, shared file pages included.",
);
static ANONYMOUS_BYTES: Gauge = Gauge::new(
    "windhover_process_anonymous_bytes",
    "Memory that only this process holds and that no file backs.",
);
static LOST: Counter = Counter::new(
    "windhover_selfwatch_lost_samples_total",
    "Numbers about the program itself that were not taken in.",
);

/// The numbers of this file.
pub static TELEMETRY: &[Item] = &[
    Item::Gauge(&CPU_SECONDS),
    Item::Gauge(&RESIDENT_BYTES),
    Item::Gauge(&ANONYMOUS_BYTES),
    Item::Counter(&LOST),
];

/// Least time between two looks.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// What to watch and where to put it.
pub struct Watched {
    /// Time between two looks.
    pub every: Duration,
    /// The tables of all crates of this role.
    pub tables: Vec<&'static [Item]>,
    /// Name of this host.
    pub host: String,
    /// Role, as a label: the same host may run several.
    pub role: &'static str,
    /// Where the series go.
    pub sink: Arc<dyn Sink>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Brings gauges up to date that nobody sets on the way.
    pub refresh: Box<dyn Fn() + Send>,
}

/// Looks at once, then every few seconds, until dropped.
pub fn start(watched: Watched) -> std::io::Result<Beat> {
    let mut series = Series::new(&watched);
    Beat::start("selfwatch", watched.every, move || series.push(&watched))
}

struct Series {
    batch: Batch,
    slots: Vec<(Item, Slot)>,
    threads: Threads,
}

impl Series {
    fn new(watched: &Watched) -> Self {
        let (mut batch, mut slots) = (Batch::new(), Vec::new());
        for &item in watched.tables.iter().flat_map(|table| table.iter()) {
            // `_total` is a growing sum wherever it is kept: the processor time above is read, not counted.
            let kind = if item.is_counter() || item.name().ends_with("_total") {
                Kind::Counter
            } else {
                Kind::Gauge
            };
            let own = [(NAME, item.name()), (HOST, watched.host.as_str()), ("role", watched.role)];
            let labels = Labels::from_pairs(own.into_iter().chain(item.labels().iter().copied()));
            let labels = labels.expect("names in the tables are within the limits");
            slots.push((item, batch.dictionary.add(&labels, kind)));
            batch.dictionary.describe(Description::of(item.name(), kind, unit(item.name()), item.help()));
        }
        batch.dictionary.describe(Threads::description());
        Self { batch, slots, threads: Threads::default() }
    }

    fn push(&mut self, watched: &Watched) {
        (watched.refresh)();
        read_process();
        self.batch.clear_rows();
        // On whole seconds, like the collectors, so that rows of one second stand together.
        self.batch.begin(watched.clock.now_ms() / 1000 * 1000);
        for (item, slot) in &self.slots {
            self.batch.push(*slot, item.value());
        }
        self.threads.push(&mut self.batch, &watched.host, watched.role);
        if watched.sink.push(&self.batch).is_err() {
            LOST.add(self.batch.len() as u64);
        }
    }
}

/// Processor time this process used so far, in seconds.
pub fn cpu_seconds() -> f64 {
    std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| seconds_in(&stat)).unwrap_or(0.0)
}

/// Memory that only this process holds and that no file backs.
pub fn anonymous_bytes() -> u64 {
    read_process();
    ANONYMOUS_BYTES.get() as u64
}

fn unit(name: &str) -> &'static str {
    let stem = name.trim_end_matches("_total");
    ["bytes", "seconds", "ratio"].into_iter().find(|unit| stem.ends_with(unit)).unwrap_or("")
}

/// Reads what this process costs (proc(5)); a number that cannot be read keeps its last value.
fn read_process() {
    if let Some(seconds) = std::fs::read_to_string("/proc/self/stat").ok().and_then(|s| seconds_in(&s)) {
        CPU_SECONDS.set(seconds);
    }
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    for (name, gauge) in [("VmRSS:", &RESIDENT_BYTES), ("RssAnon:", &ANONYMOUS_BYTES)] {
        let line = status.lines().find_map(|l| l.strip_prefix(name));
        if let Some(kib) = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok()) {
            gauge.set(kib * 1024.0);
        }
    }
}

/// utime + stime: fields 14 and 15, counted after the command's closing parenthesis; in ticks of 10 ms on Linux.
fn seconds_in(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
