//! Runs the collectors on whole multiples of the interval and hands one batch a tick to a sink.

pub mod board;
pub mod stop;
pub mod timetable;

pub use board::Board;
pub use stop::Stop;
pub use timetable::{Moment, Timetable};

use crate::collector::{Pass, Row, Shared};
use crate::collectors::COLLECTORS;
use crate::options::process::RULES_MAX;
use crate::record::{Identity, Recorder, SeriesCell};
use crate::{Collector, Error, Host, Metric, Observer, Options, ProcessTable, telemetry};
use model::{Batch, Sink, Standing, Standings};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// What the scheduler says of each collector, from when that first measured something or failed: of a disk array that a
/// host does not have nobody asks how long it takes to find none.
pub static SELF_METRICS: [Metric; 2] = [DURATION, SUCCESS];
const DURATION: Metric = Metric::gauge(
    "windhover_collect_duration_seconds",
    "seconds",
    "How long the collector's last pass took.",
)
.by(&["collector"]);
const SUCCESS: Metric = Metric::gauge(
    "windhover_collect_success",
    "",
    "1 when the collector's last pass succeeded, 0 when it failed or panicked.",
)
.by(&["collector"]);

/// What is said of a collector whose pass panicked.
const PANICKED: &str = "panicked; it was opened anew";

/// Series the dictionary may hold beyond twice the live ones before it is started anew.
const DEAD_SERIES_MIN: usize = 128;

/// The collectors of one host and the batch they fill.
pub struct Scheduler {
    host: Host,
    options: Options,
    entries: Vec<Entry>,
    identity: Identity,
    batch: Batch,
    buffer: Vec<u8>,
    shared: Shared,
    processes: ProcessTable,
    observers: Vec<Observing>,
    board: Arc<Board>,
}

/// A collector at work.
struct Entry {
    row: &'static Row,
    collector: Box<dyn Collector>,
    /// Tick of the last pass.
    last_ms: Option<i64>,
    /// Rows of the last pass that succeeded: its series that are alive.
    live: usize,
    /// Whether it ever measured something or failed.
    has_told: bool,
    duration: SeriesCell,
    success: SeriesCell,
}

/// Somebody from outside who looks at the processes.
struct Observing {
    every_ms: u64,
    last_ms: Option<i64>,
    observer: Box<dyn Observer>,
}

impl Scheduler {
    /// Opens the collectors that `options` do not leave out. Fails when an option makes no sense.
    pub fn new(host: Host, options: Options) -> Result<Self, Error> {
        check(&options)?;
        let chosen = COLLECTORS.iter().filter(|row| !options.left_out.iter().any(|name| name == row.name));
        let opened = chosen.map(|row| Entry::open(row, &host, &options));
        let entries: Vec<Entry> = opened.filter(|entry| entry.collector.is_wanted()).collect();
        let identity = Identity::new(&options.host_name, &options.labels);
        let mut scheduler = Self {
            board: Arc::new(Board::new(entries.iter().map(|entry| entry.row.name))),
            processes: ProcessTable::new(&host),
            observers: Vec::new(),
            host,
            options,
            entries,
            identity,
            batch: Batch::new(),
            buffer: Vec::new(),
            shared: Shared::default(),
        };
        scheduler.identity.renew(&mut scheduler.batch);
        Ok(scheduler)
    }

    /// Ticks until `stop`; returns within a moment of it, or after the pass under way.
    pub fn run(&mut self, clock: &dyn Clock, stop: &Stop, sink: &dyn Sink) {
        let mut timetable = Timetable::new(self.options.interval_ms, clock.now_ms());
        while !stop.is_stopped() {
            match timetable.at(clock.now_ms()) {
                Moment::Wait { wait_ms } => {
                    stop.wait(Duration::from_millis(wait_ms));
                }
                Moment::Tick { tick_ms, skipped } => {
                    telemetry::TICKS_SKIPPED.add(skipped);
                    self.tick(tick_ms, sink);
                }
            }
        }
    }

    /// One round: runs the collectors that are due at `now_ms` (a whole multiple of the interval) and pushes what they
    /// say. What the sink does not take is lost and counted.
    pub fn tick(&mut self, now_ms: i64, sink: &dyn Sink) {
        telemetry::TICKS.add(1);
        self.collect(now_ms);
        if self.batch.is_empty() {
            return;
        }
        let samples = self.batch.len() as u64;
        match sink.push(&self.batch) {
            Ok(receipt) => telemetry::SAMPLES.add(receipt.report.accepted),
            Err(_) => telemetry::SAMPLES_LOST.add(samples),
        }
    }

    /// Shows the processes to `observer` every so often (whole multiples of the time; at every tick if that is rarer).
    pub fn observe(&mut self, every_ms: u64, observer: Box<dyn Observer>) {
        self.observers.push(Observing { every_ms, last_ms: None, observer });
    }

    /// How the collectors stand; may be asked at any time, from any thread.
    pub fn board(&self) -> Arc<Board> {
        self.board.clone()
    }

    /// How the collectors stood after the last tick.
    pub fn standings(&self) -> Vec<Standing> {
        self.board.standings()
    }

    fn collect(&mut self, now_ms: i64) {
        if self.is_mostly_dead() {
            telemetry::RENEWALS.add(1);
            self.identity.renew(&mut self.batch);
        }
        self.shared = Shared::default();
        self.identity.begin_tick();
        self.batch.clear_rows();
        self.batch.begin(now_ms);
        for at in 0..self.entries.len() {
            if self.entries[at].is_due(now_ms) {
                self.pass(at, now_ms);
            }
        }
        self.show_processes(now_ms);
        telemetry::SERIES.set(self.batch.dictionary.len() as f64);
    }

    fn pass(&mut self, at: usize, now_ms: i64) {
        let entry = &mut self.entries[at];
        let (start, rows) = (Instant::now(), self.batch.len());
        let out = Recorder::new(&mut self.batch, &mut self.identity);
        let (buffer, shared, processes) = (&mut self.buffer, &mut self.shared, &mut self.processes);
        let mut pass = Pass { now_ms, buffer, shared, processes, out };
        let outcome = catch_unwind(AssertUnwindSafe(|| entry.collector.collect(&mut pass)));
        let live = pass.out.live();
        entry.last_ms = Some(now_ms);
        let problem = match outcome {
            Ok(Ok(())) => {
                entry.live = live;
                None
            }
            Ok(Err(error)) => {
                telemetry::ERRORS.add(1);
                Some(error.to_string())
            }
            Err(_) => {
                telemetry::PANICS.add(1);
                // What they knew may be half changed.
                entry.collector = (entry.row.open)(&self.host, &self.options);
                self.processes = ProcessTable::new(&self.host);
                Some(PANICKED.to_owned())
            }
        };
        let took = start.elapsed();
        let samples = self.batch.len().saturating_sub(rows) as u64;
        entry.has_told |= samples > 0 || problem.is_some();
        if entry.has_told {
            entry.report(took, problem.is_none(), &mut Recorder::new(&mut self.batch, &mut self.identity));
        }
        // Nothing failed, but it could say more.
        let remark = Some(entry.collector.remark()).filter(|remark| !remark.is_empty()).map(str::to_owned);
        self.board.note(at, now_ms, took, samples, problem.or(remark));
    }

    fn show_processes(&mut self, now_ms: i64) {
        for observing in &mut self.observers {
            let is_due = begins_period(observing.every_ms, observing.last_ms, now_ms);
            if !is_due || self.processes.read(now_ms, &mut self.buffer, self.shared.busy_ticks).is_err() {
                continue;
            }
            observing.last_ms = Some(now_ms);
            let (observer, processes) = (&mut observing.observer, &self.processes);
            if catch_unwind(AssertUnwindSafe(|| observer.observe(now_ms, processes))).is_err() {
                telemetry::PANICS.add(1);
            }
        }
    }

    fn is_mostly_dead(&self) -> bool {
        let own = |entry: &Entry| if entry.has_told { SELF_METRICS.len() } else { 0 };
        let live: usize = self.entries.iter().map(|entry| entry.live + own(entry)).sum();
        self.batch.dictionary.len() > 2 * live + DEAD_SERIES_MIN
    }
}

impl Entry {
    fn open(row: &'static Row, host: &Host, options: &Options) -> Self {
        Self {
            row,
            collector: (row.open)(host, options),
            last_ms: None,
            live: 0,
            has_told: false,
            duration: SeriesCell::default(),
            success: SeriesCell::default(),
        }
    }

    fn is_due(&self, now_ms: i64) -> bool {
        begins_period(self.row.interval_ms, self.last_ms, now_ms)
    }

    fn report(&mut self, took: Duration, is_well: bool, out: &mut Recorder<'_>) {
        let labels = [self.row.name];
        out.push(&mut self.duration, &DURATION, &labels, took.as_secs_f64());
        out.push(&mut self.success, &SUCCESS, &labels, f64::from(is_well));
    }
}

/// Whether a period began since the last time, so that a skipped tick delays what is slow but never robs it of its turn.
pub(crate) fn begins_period(every_ms: u64, last_ms: Option<i64>, now_ms: i64) -> bool {
    let period = |time_ms: i64| time_ms.div_euclid(i64::try_from(every_ms.max(1)).unwrap_or(i64::MAX));
    last_ms.is_none_or(|last_ms| period(last_ms) != period(now_ms))
}

fn check(options: &Options) -> Result<(), Error> {
    if options.interval_ms == 0 {
        return Err(Error::Option("an interval of 0 ms".to_owned()));
    }
    if options.host_name.is_empty() {
        return Err(Error::Option("no name of the host".to_owned()));
    }
    if options.process_rules.len() > RULES_MAX {
        return Err(Error::Option(format!("more than {RULES_MAX} rules for processes")));
    }
    match options.left_out.iter().find(|name| crate::collectors::find(name).is_none()) {
        Some(name) => Err(Error::Option(format!("no collector is called `{name}`"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
