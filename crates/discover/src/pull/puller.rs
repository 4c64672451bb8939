//! One service instance, asked again and again.

use super::ask::Ask;
use super::dial::{Dial, Network};
use super::record::Recorder;
use super::{COMMON, Client, Error, Row, TAKEN, Target, UP, telemetry};
use model::{Batch, Standing};
use std::time::{Duration, Instant};
use stdx::random::Random;

/// How often is asked for what costs the service something: sizes of databases, statements, tables.
pub const FULL_EVERY_MS: i64 = 300_000;
/// How long a service that does not let us in is left alone: each try is a line in its log.
pub const DENIED_FOR_MS: i64 = 300_000;
/// How long a whole pull may take.
pub const WITHIN: Duration = Duration::from_secs(10);

/// One service instance: its connection, the places of its series, and how the last pull went.
pub struct Puller {
    row: &'static Row,
    target: Target,
    client: Box<dyn Client>,
    dialer: Box<dyn Dial>,
    recorder: Recorder,
    random: Random,
    within: Duration,
    full_due_ms: i64,
    /// Until when nothing is asked, because we were not let in.
    denied_until_ms: i64,
    standing: Standing,
}

impl Puller {
    /// One that has not asked yet. `common` are the labels of every series: the host, and what tells this instance from
    /// others on it.
    pub fn new(row: &'static Row, target: Target, common: Vec<(String, String)>) -> Self {
        let name = match common.iter().find(|(name, _)| name == "instance") {
            Some((_, instance)) => format!("{} {instance}", row.name),
            None => format!("{} {}", row.name, target.address(row)),
        };
        Self {
            row,
            target,
            client: (row.open)(),
            dialer: Box::new(Network),
            recorder: Recorder::new(common),
            random: Random::from_entropy(),
            within: WITHIN,
            full_due_ms: i64::MIN,
            denied_until_ms: i64::MIN,
            standing: Standing { part: "service", name, ..Standing::default() },
        }
    }

    /// The same with other connections than the network's, and with numbers that can be foreseen: for tests.
    pub fn through(mut self, dialer: Box<dyn Dial>, seed: u64) -> Self {
        self.dialer = dialer;
        self.random = Random::from_seed(seed);
        self
    }

    /// The same with another bound on the time of a pull.
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Which service it is.
    pub fn row(&self) -> &'static Row {
        self.row
    }

    /// Asks once, and blocks until there is an answer or the time is over. The batch holds whatever was learnt, be it
    /// only that the service is down; [`Puller::standing`] says why.
    pub fn pull(&mut self, now_ms: i64) -> &Batch {
        let start = Instant::now();
        let is_full = now_ms >= self.full_due_ms;
        self.recorder.begin(now_ms, COMMON.iter().chain(self.row.metrics).copied());
        if now_ms < self.denied_until_ms {
            self.recorder.push(&UP, &[self.row.name], 0.0);
            return self.recorder.finish();
        }
        let mut remark = String::new();
        let outcome = self.ask(start + self.within, is_full, &mut remark);
        if !is_full && outcome.is_ok() {
            self.recorder.repeat_slow();
        }
        if is_full && outcome.is_ok() {
            self.full_due_ms = now_ms.saturating_add(FULL_EVERY_MS);
        }
        if let Err(Error::Denied(_)) = outcome {
            self.denied_until_ms = now_ms.saturating_add(DENIED_FOR_MS);
        }
        let took = start.elapsed();
        self.conclude(now_ms, took, outcome, remark);
        self.recorder.finish()
    }

    fn ask(&mut self, deadline: Instant, is_full: bool, remark: &mut String) -> Result<(), Error> {
        let was_kept = self.client.keeps_a_link();
        let mut ask = Ask {
            target: &self.target,
            is_full,
            random: &mut self.random,
            row: self.row,
            deadline,
            dialer: &mut *self.dialer,
            out: &mut self.recorder,
            remark,
        };
        let outcome = self.client.ask(&mut ask);
        // A connection kept from the last pull may have been closed since, by a restart or for being idle.
        match outcome {
            Err(Error::Closed | Error::Broken(_)) if was_kept => self.client.ask(&mut ask),
            outcome => outcome,
        }
    }

    fn conclude(&mut self, now_ms: i64, took: Duration, outcome: Result<(), Error>, remark: String) {
        self.recorder.push(&UP, &[self.row.name], f64::from(u8::from(outcome.is_ok())));
        self.recorder.push(&TAKEN, &[self.row.name], took.as_secs_f64());
        telemetry::PULLS.add(1);
        telemetry::FAILURES.add(u64::from(outcome.is_err() || !remark.is_empty()));
        self.standing.last_ms = Some(now_ms);
        self.standing.took_us = took.as_micros() as u64;
        self.standing.samples = self.recorder.live() as u64;
        let problems = [outcome.err().map_or(remark, |error| error.to_string()), self.recorder.problem()];
        self.standing.problem =
            problems.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ");
    }

    /// How the last pull went.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }
}

#[cfg(test)]
mod tests;
