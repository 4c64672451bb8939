//! What the threads that make checks do.

use super::Options;
use super::record::{Identity, Recorder};
use crate::{Configured, Network, Outcome, State, telemetry};
use model::{Sink, Standing, Standings};
use net::{Interrupt, Resolve};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use stdx::clock::Clock;
use stdx::pool::{self, Pool, Work};
use stdx::turns::{Next, Turns};

/// A check that begins so much after its turn is late, in milliseconds.
const LATE_MS: i64 = 1000;

pub(super) struct Making {
    checks: Vec<Configured>,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
    recorder: Mutex<Recorder>,
}

/// What the threads agree on.
pub(super) struct Agreed {
    turns: Turns,
    standings: Vec<Standing>,
}

/// A check, and how it stands after its turn.
pub(super) struct Made {
    at: usize,
    standing: Standing,
    took: Duration,
}

/// The threads that make these checks; not started yet.
pub(super) fn new(
    mut checks: Vec<Configured>,
    options: Options,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
) -> Arc<Pool<Making>> {
    let titles: Vec<String> = checks.iter().map(Configured::title).collect();
    let (mut turns, now_ms) = (Turns::default(), clock.now_ms());
    for (at, (title, check)) in titles.iter().zip(&checks).enumerate() {
        turns.add(at as u64, title, check.interval_ms, now_ms);
    }
    let identity =
        |check: &mut Configured| Identity::new(std::mem::take(&mut check.labels), check.row.labels.is_some());
    let recorder = Recorder::new(options.host, checks.iter_mut().map(identity).collect());
    let standing = |name| Standing { part: "check", name, ..Standing::default() };
    let agreed = Agreed { turns, standings: titles.into_iter().map(standing).collect() };
    // One more than there are checks would have nothing to wait for.
    let threads_max = options.threads_max.clamp(1, checks.len().max(1));
    let making = Making { checks, sink, clock, resolver, recorder: Mutex::new(recorder) };
    Pool::new(making, agreed, threads_max)
}

impl Work for Making {
    type Agreed = Agreed;
    /// Which check, and its turn in Unix milliseconds.
    type Turn = (usize, i64);
    type Done = Made;
    type Interrupt = Interrupt;
    const NAME: &'static str = "check";

    fn next(&self, agreed: &mut Agreed) -> pool::Next<(usize, i64)> {
        match agreed.turns.next(self.clock.now_ms()) {
            Next::Run { id, turn_ms, skipped } => {
                telemetry::SKIPPED.add(skipped);
                pool::Next::Run((id as usize, turn_ms))
            }
            Next::Wait(wait_ms) => pool::Next::Wait(wait_ms),
            Next::Idle => pool::Next::Idle,
        }
    }

    fn run(&self, _: &Pool<Self>, (at, turn_ms): (usize, i64), interrupt: &Interrupt) -> Made {
        let (standing, took) = self.make(at, turn_ms, interrupt);
        Made { at, standing, took }
    }

    fn done(&self, agreed: &mut Agreed, Made { at, standing, took }: Made) {
        agreed.turns.done(at as u64);
        telemetry::OVERRUNS.add(u64::from(took.as_millis() as u64 > self.checks[at].interval_ms));
        let name = std::mem::take(&mut agreed.standings[at].name);
        agreed.standings[at] = Standing { name, ..standing };
    }

    fn interrupt(interrupt: &Interrupt) {
        interrupt.interrupt();
    }

    fn count(&self, threads: usize) {
        telemetry::THREADS.set(threads as f64);
    }
}

impl Making {
    /// Makes one check and hands on what it found.
    fn make(&self, at: usize, turn_ms: i64, interrupt: &Interrupt) -> (Standing, Duration) {
        telemetry::RUNS.add(1);
        telemetry::LATE.add(u64::from(self.clock.now_ms() - turn_ms > LATE_MS));
        let start = Instant::now();
        let network = Network { resolver: self.resolver.as_ref(), interrupt, clock: self.clock.as_ref() };
        let check = &self.checks[at].check;
        let outcome = catch_unwind(AssertUnwindSafe(|| check.run(&network))).unwrap_or_else(|_| panicked());
        let took = start.elapsed();
        let mut standing = Standing {
            part: "check",
            last_ms: Some(turn_ms),
            took_us: took.as_micros() as u64,
            ..Standing::default()
        };
        // What was given up says nothing about the target.
        if !interrupt.is_given_up() {
            telemetry::FAILURES.add(u64::from(outcome.state >= State::Critical));
            let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
            standing.samples = recorder.record(at, turn_ms, &outcome, self.sink.as_ref());
            standing.problem = if outcome.state == State::Ok { String::new() } else { outcome.text };
        }
        (standing, took)
    }
}

/// How the checks of these threads stand.
pub(super) struct Shown(pub(super) Arc<Pool<Making>>);

impl Standings for Shown {
    fn standings(&self) -> Vec<Standing> {
        self.0.with(|agreed| agreed.standings.clone())
    }
}

fn panicked() -> Outcome {
    telemetry::PANICS.add(1);
    let mut outcome = Outcome::default();
    outcome.worsen(State::Unknown, "setup", "the check panicked; this is a defect of ours".into());
    outcome
}
