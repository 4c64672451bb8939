//! What a check found.

use crate::Metric;
use crate::metric::{DURATION, PHASE};
use net::Error;
use net::probe::{Failure, PHASES, Phase, Watch};

/// How things stand, as monitoring plugins count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok = 0,
    /// Somebody should look at it.
    Warning = 1,
    /// Not as it should be.
    Critical = 2,
    /// The check could not be made.
    Unknown = 3,
}

impl State {
    /// In capitals, as plugins print it.
    pub fn as_str(self) -> &'static str {
        ["OK", "WARNING", "CRITICAL", "UNKNOWN"][self as usize]
    }
}

/// Every reason a check may fail for: the values of the label `reason`.
pub static REASONS: [&str; 13] = [
    "dns",
    "connect",
    "tls",
    "timeout",
    "protocol",
    "status",
    "redirect",
    "body",
    "answer",
    "certificate",
    "loss",
    "slow",
    "setup",
];

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How things stand.
    pub state: State,
    /// Why not ok, one of [`REASONS`]; "" when ok.
    pub reason: &'static str,
    /// One line for people.
    pub text: String,
    /// The numbers.
    pub readings: Vec<Reading>,
}

/// A number that a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What it is.
    pub metric: &'static Metric,
    /// The value of the metric's own label; "" when it has none.
    pub detail: &'static str,
    /// The number.
    pub value: f64,
    /// Where a warning and a critical state begin.
    pub bounds: Bounds,
}

/// Where a number stops being good.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Beyond this, a warning.
    pub warning: Option<f64>,
    /// Beyond this, critical.
    pub critical: Option<f64>,
    /// Whether beyond means less.
    pub is_floor: bool,
}

impl Bounds {
    /// The state that a value means.
    pub fn judge(&self, value: f64) -> State {
        let beyond =
            |bound: Option<f64>| bound.is_some_and(|b| if self.is_floor { value < b } else { value > b });
        match (beyond(self.critical), beyond(self.warning)) {
            (true, _) => State::Critical,
            (_, true) => State::Warning,
            _ => State::Ok,
        }
    }
}

impl Default for Outcome {
    /// Ok, without words.
    fn default() -> Self {
        Self { state: State::Ok, reason: "", text: String::new(), readings: Vec::new() }
    }
}

impl Outcome {
    /// Adds a number.
    pub fn read(&mut self, metric: &'static Metric, detail: &'static str, value: f64) {
        self.readings.push(Reading { metric, detail, value, bounds: Bounds::default() });
    }

    /// Adds a number that has bounds; beyond them the state gets worse and the text says so.
    pub fn judge(
        &mut self,
        metric: &'static Metric,
        value: f64,
        bounds: Bounds,
        reason: &'static str,
        text: String,
    ) {
        self.readings.push(Reading { metric, detail: "", value, bounds });
        self.worsen(bounds.judge(value), reason, text);
    }

    /// Makes the state worse, with the reason, unless it is as bad already.
    pub fn worsen(&mut self, state: State, reason: &'static str, text: String) {
        debug_assert!(REASONS.contains(&reason), "{reason}");
        if state > self.state {
            (self.state, self.reason, self.text) = (state, reason, text);
        }
    }

    /// The check failed in a phase.
    pub fn fail(&mut self, failure: &Failure) {
        self.worsen(State::Critical, reason(failure), failure.to_string());
    }

    /// Adds how long everything took.
    pub fn time(&mut self, watch: &Watch, bounds: Bounds) {
        for (phase, time) in PHASES.iter().zip(watch.times()) {
            if let Some(time) = time {
                self.read(&PHASE, phase.as_str(), time.as_secs_f64());
            }
        }
        let took = watch.elapsed().as_secs_f64();
        let limit = bounds.critical.filter(|b| took > *b).or(bounds.warning).unwrap_or(0.0);
        let text = format!("it took {took:.3} s, more than {limit} s");
        self.judge(&DURATION, took, bounds, "slow", text);
    }
}

fn reason(failure: &Failure) -> &'static str {
    match (&failure.error, failure.phase) {
        (None, _) => "timeout",
        (Some(Error::Request(_)), _) => "setup",
        (_, Phase::Dns) => "dns",
        (_, Phase::Connect) => "connect",
        (_, Phase::Tls) => "tls",
        _ => "protocol",
    }
}
