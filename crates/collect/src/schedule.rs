//! Runs the collectors on whole multiples of the interval and hands one batch a tick to a sink.

pub mod stop;
pub mod timetable;

pub use stop::Stop;
pub use timetable::{Moment, Timetable};

use crate::collector::{Pass, Row, Shared};
use crate::collectors::COLLECTORS;
use crate::record::{Identity, Recorder, SeriesCell};
use crate::{Collector, Error, Host, Metric, Options, telemetry};
use model::{Batch, Sink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// What the scheduler says of each collector.
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
}

/// A collector at work.
struct Entry {
    row: &'static Row,
    collector: Box<dyn Collector>,
    /// Tick of the last pass.
    last_ms: Option<i64>,
    /// Rows of the last pass that succeeded: its series that are alive.
    live: usize,
    duration: SeriesCell,
    success: SeriesCell,
    /// What the last pass failed with.
    failure: Option<Failure>,
}

enum Failure {
    Error(Error),
    Panic,
}

impl Scheduler {
    /// Opens the collectors that `options` do not leave out. Fails when an option makes no sense.
    pub fn new(host: Host, options: Options) -> Result<Self, Error> {
        check(&options)?;
        let chosen = COLLECTORS.iter().filter(|row| !options.left_out.iter().any(|name| name == row.name));
        let entries = chosen.map(|row| Entry::open(row, &host, &options)).collect();
        let identity = Identity::new(&options.host_name, &options.labels);
        let mut scheduler = Self {
            host,
            options,
            entries,
            identity,
            batch: Batch::new(),
            buffer: Vec::new(),
            shared: Shared::default(),
        };
        scheduler.renew();
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

    /// Names of the collectors whose last pass failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.entries.iter().filter_map(|entry| match &entry.failure {
            Some(Failure::Error(error)) => Some((entry.row.name, error.to_string())),
            Some(Failure::Panic) => Some((entry.row.name, "panicked".to_owned())),
            None => None,
        })
    }

    fn collect(&mut self, now_ms: i64) {
        if self.is_mostly_dead() {
            telemetry::RENEWALS.add(1);
            self.renew();
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
        telemetry::SERIES.set(self.batch.dictionary.len() as f64);
    }

    fn pass(&mut self, at: usize, now_ms: i64) {
        let entry = &mut self.entries[at];
        let start = Instant::now();
        let out = Recorder::new(&mut self.batch, &mut self.identity);
        let mut pass = Pass { now_ms, buffer: &mut self.buffer, shared: &mut self.shared, out };
        let outcome = catch_unwind(AssertUnwindSafe(|| entry.collector.collect(&mut pass)));
        let live = pass.out.live();
        entry.last_ms = Some(now_ms);
        entry.failure = match outcome {
            Ok(Ok(())) => {
                entry.live = live;
                None
            }
            Ok(Err(error)) => {
                telemetry::ERRORS.add(1);
                Some(Failure::Error(error))
            }
            Err(_) => {
                telemetry::PANICS.add(1);
                // What it knew may be half changed.
                entry.collector = (entry.row.open)(&self.host, &self.options);
                Some(Failure::Panic)
            }
        };
        entry.report(start.elapsed(), &mut Recorder::new(&mut self.batch, &mut self.identity));
    }

    fn is_mostly_dead(&self) -> bool {
        let live: usize = self.entries.iter().map(|entry| entry.live + SELF_METRICS.len()).sum();
        self.batch.dictionary.len() > 2 * live + DEAD_SERIES_MIN
    }

    fn renew(&mut self) {
        let metrics = self.entries.iter().flat_map(|entry| entry.row.metrics).chain(&SELF_METRICS);
        self.identity.renew(&mut self.batch, metrics);
    }
}

impl Entry {
    fn open(row: &'static Row, host: &Host, options: &Options) -> Self {
        Self {
            row,
            collector: (row.open)(host, options),
            last_ms: None,
            live: 0,
            duration: SeriesCell::default(),
            success: SeriesCell::default(),
            failure: None,
        }
    }

    /// Whether a period of the collector's own interval began since its last pass, so that a skipped tick delays a
    /// slow collector but never robs it of its turn.
    fn is_due(&self, now_ms: i64) -> bool {
        let period = |time_ms: i64| time_ms.div_euclid(self.row.interval_ms.max(1) as i64);
        self.last_ms.is_none_or(|last_ms| period(last_ms) != period(now_ms))
    }

    fn report(&mut self, took: Duration, out: &mut Recorder<'_>) {
        let labels = [self.row.name];
        let success = if self.failure.is_none() { 1.0 } else { 0.0 };
        out.push(&mut self.duration, &DURATION, &labels, took.as_secs_f64());
        out.push(&mut self.success, &SUCCESS, &labels, success);
    }
}

fn check(options: &Options) -> Result<(), Error> {
    if options.interval_ms == 0 {
        return Err(Error::Option("an interval of 0 ms".to_owned()));
    }
    if options.host_name.is_empty() {
        return Err(Error::Option("no name of the host".to_owned()));
    }
    match options.left_out.iter().find(|name| crate::collectors::find(name).is_none()) {
        Some(name) => Err(Error::Option(format!("no collector is called `{name}`"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
