//! The threads that make checks.

use super::Options;
use super::record::{Identity, Recorder};
use super::turns::{Next, Turns};
use crate::{Configured, Network, Outcome, State, telemetry};
use model::{Sink, Standing, Standings};
use net::{Interrupt, Resolve};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// Longest wait for a turn: a jump of the clock is noticed after that.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Threads that are kept: one at work and one that waits for the next turn.
const THREADS_KEPT: usize = 2;
/// How long a thread beyond these waits for work before it ends.
const RETIRE_AFTER: Duration = Duration::from_secs(30);
/// A check that begins so much after its turn is late, in milliseconds.
const LATE_MS: i64 = 1000;

pub(super) struct Shared {
    checks: Vec<Configured>,
    threads_max: usize,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
    recorder: Mutex<Recorder>,
    state: Mutex<Threads>,
    /// Wakes the thread that waits for the next turn.
    turn: Condvar,
    /// Wakes one that waits for work.
    work: Condvar,
}

/// What the threads agree on.
struct Threads {
    turns: Turns,
    standings: Vec<Standing>,
    workers: Vec<Worker>,
    /// Whether one waits for the next turn.
    is_watched: bool,
    /// Threads that wait for work.
    idle: usize,
    /// Threads that have not ended.
    alive: usize,
    is_stopped: bool,
}

struct Worker {
    interrupt: Interrupt,
    thread: JoinHandle<()>,
}

impl Shared {
    pub(super) fn new(
        mut checks: Vec<Configured>,
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        resolver: Arc<dyn Resolve>,
    ) -> Arc<Self> {
        let titles: Vec<String> = checks.iter().map(Configured::title).collect();
        let turns = Turns::new(
            titles.iter().map(String::as_str).zip(checks.iter().map(|check| check.interval_ms)),
            clock.now_ms(),
        );
        let identity = |check: &mut Configured| {
            Identity::new(std::mem::take(&mut check.labels), check.row.labels.is_some())
        };
        let recorder = Recorder::new(options.host, checks.iter_mut().map(identity).collect());
        let standing = |name| Standing { part: "check", name, ..Standing::default() };
        let state = Threads {
            turns,
            standings: titles.into_iter().map(standing).collect(),
            workers: Vec::new(),
            is_watched: false,
            idle: 0,
            alive: 0,
            is_stopped: false,
        };
        Arc::new(Self {
            // One more than there are checks would have nothing to wait for.
            threads_max: options.threads_max.clamp(1, checks.len().max(1)),
            checks,
            sink,
            clock,
            resolver,
            recorder: Mutex::new(recorder),
            state: Mutex::new(state),
            turn: Condvar::new(),
            work: Condvar::new(),
        })
    }

    /// Starts the first thread, if there is anything to do.
    pub(super) fn start(shared: &Arc<Self>) -> io::Result<()> {
        if shared.checks.is_empty() { Ok(()) } else { Self::spawn(shared, &mut shared.lock()) }
    }

    pub(super) fn threads(&self) -> usize {
        self.lock().alive
    }

    /// Gives up what is under way and waits for the threads.
    pub(super) fn stop(&self) {
        let workers = {
            let mut state = self.lock();
            state.is_stopped = true;
            std::mem::take(&mut state.workers)
        };
        self.turn.notify_all();
        self.work.notify_all();
        workers.iter().for_each(|worker| worker.interrupt.interrupt());
        for worker in workers {
            // A panic there has been reported by the thread itself.
            let _ = worker.thread.join();
        }
    }

    fn spawn(shared: &Arc<Self>, state: &mut Threads) -> io::Result<()> {
        state.workers.retain(|worker| !worker.thread.is_finished());
        let interrupt = Interrupt::default();
        let (own, theirs) = (shared.clone(), interrupt.clone());
        let thread = std::thread::Builder::new().name("check".into()).spawn(move || own.work(&theirs))?;
        state.workers.push(Worker { interrupt, thread });
        state.alive += 1;
        telemetry::THREADS.set(state.alive as f64);
        Ok(())
    }

    /// The life of a thread.
    fn work(self: Arc<Self>, interrupt: &Interrupt) {
        let mut state = self.lock();
        let mut idle_since = Instant::now();
        while !state.is_stopped {
            match state.turns.next(self.clock.now_ms()) {
                Next::Run { at, turn_ms, skipped } => {
                    telemetry::SKIPPED.add(skipped);
                    self.call_another(&mut state);
                    drop(state);
                    let (standing, took) = self.make(at, turn_ms, interrupt);
                    state = self.lock();
                    state.turns.done(at);
                    telemetry::OVERRUNS.add(u64::from(took.as_millis() as u64 > self.checks[at].interval_ms));
                    let name = std::mem::take(&mut state.standings[at].name);
                    state.standings[at] = Standing { name, ..standing };
                    // Its next turn may come before the one that is waited for.
                    self.turn.notify_one();
                    idle_since = Instant::now();
                }
                Next::Wait(wait_ms) if !state.is_watched => {
                    state.is_watched = true;
                    let wait = WAIT_MAX.min(Duration::from_millis(wait_ms));
                    state = self.turn.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
                    state.is_watched = false;
                }
                _ if idle_since.elapsed() >= RETIRE_AFTER && state.alive > THREADS_KEPT => break,
                _ => {
                    state.idle += 1;
                    state =
                        self.work.wait_timeout(state, RETIRE_AFTER).unwrap_or_else(PoisonError::into_inner).0;
                    state.idle -= 1;
                }
            }
        }
        state.alive -= 1;
        telemetry::THREADS.set(state.alive as f64);
    }

    /// Somebody must wait for the next turn while this thread is at work.
    fn call_another(self: &Arc<Self>, state: &mut Threads) {
        if state.is_watched {
            return;
        }
        if state.idle > 0 {
            self.work.notify_one();
        } else if state.alive < self.threads_max && Self::spawn(self, state).is_err() {
            // As many threads as the system allows are as good as the limit.
            self.turn.notify_one();
        }
    }

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

    // Nothing that can panic is done under this lock.
    fn lock(&self) -> MutexGuard<'_, Threads> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings for Shared {
    fn standings(&self) -> Vec<Standing> {
        self.lock().standings.clone()
    }
}

fn panicked() -> Outcome {
    telemetry::PANICS.add(1);
    let mut outcome = Outcome::default();
    outcome.worsen(State::Unknown, "setup", "the check panicked; this is a defect of ours".into());
    outcome
}
