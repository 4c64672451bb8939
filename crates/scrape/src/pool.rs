//! The threads that ask. One waits for the next turn; the others are at work or wait for a call. A thread that takes a turn
//! wakes another to wait in its place, or starts one while there may be more; of those that have had nothing to do for a
//! while two stay.

mod roster;
#[cfg(test)]
mod tests;

use crate::memory::Of;
use crate::turns::{Id, Next};
use crate::{Job, ask, telemetry};
use model::{Sink, Standing, Standings};
use net::{Interrupt, Resolve};
use roster::{Asked, Roster, Task};
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

/// How targets are asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of this host, which is that of targets on it.
    pub host: String,
    /// Most targets that are asked at the same time.
    pub threads_max: usize,
}

/// Targets being asked. Dropping it gives up those under way and ends the threads.
pub struct Scraper(Arc<Shared>);

impl Scraper {
    /// Starts asking; what targets say goes into `sink`. Without jobs there is no thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(
        jobs: Vec<Job>,
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        resolver: Arc<dyn Resolve>,
    ) -> io::Result<Self> {
        let is_idle = jobs.is_empty();
        let roster = Roster::new(jobs, options.host, clock.now_ms());
        let threads =
            Threads { roster, workers: Vec::new(), is_watched: false, idle: 0, alive: 0, is_stopped: false };
        let shared = Arc::new(Shared {
            threads_max: options.threads_max.max(1),
            sink,
            clock,
            resolver,
            state: Mutex::new(threads),
            turn: Condvar::new(),
            work: Condvar::new(),
        });
        if !is_idle {
            Shared::spawn(&shared, &mut shared.lock())?;
        }
        Ok(Self(shared))
    }

    /// Who can say how each target stands.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.0.clone()
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.0.stop();
    }
}

struct Shared {
    threads_max: usize,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
    state: Mutex<Threads>,
    /// Wakes the thread that waits for the next turn.
    turn: Condvar,
    /// Wakes one that waits for work.
    work: Condvar,
}

/// What the threads agree on.
struct Threads {
    roster: Roster,
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
    fn stop(&self) {
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
        let thread = std::thread::Builder::new().name("scrape".into()).spawn(move || own.work(&theirs))?;
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
            match state.roster.turns.next(self.clock.now_ms()) {
                Next::Run { id, turn_ms, skipped } => {
                    let task = state.roster.task(id);
                    if matches!(task, Some(Task::Ask(_))) {
                        telemetry::SKIPPED.add(skipped);
                    }
                    self.call_another(&mut state);
                    drop(state);
                    self.run(id, task, turn_ms, interrupt);
                    state = self.lock();
                    state.roster.turns.done(id);
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

    fn run(&self, id: Id, task: Option<Task>, turn_ms: i64, interrupt: &Interrupt) {
        match task {
            None => {}
            Some(Task::Ask(asked)) => {
                let scrape = AssertUnwindSafe(|| self.scrape(&asked, turn_ms, interrupt));
                let standing = catch_unwind(scrape).unwrap_or_else(|_| panicked());
                if !interrupt.is_given_up() {
                    self.lock().roster.stands(id, standing);
                }
            }
            Some(Task::Look(source)) => {
                let started = Instant::now();
                let found = {
                    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                    source.look(self.resolver.as_ref(), interrupt)
                };
                if interrupt.is_given_up() {
                    return;
                }
                telemetry::DISCOVERY_FAILURES.add(found.problems.len() as u64);
                let gone = self.lock().roster.found(id, found, turn_ms, started.elapsed());
                gone.iter().for_each(|asked| self.end(asked));
            }
        }
    }

    /// Asks a target once and hands on what it said.
    fn scrape(&self, asked: &Asked, turn_ms: i64, interrupt: &Interrupt) -> Standing {
        telemetry::SCRAPES.add(1);
        let (started, now_ms) = (Instant::now(), self.clock.now_ms());
        // Equal distances cost a store next to nothing, and so small a delay is no news.
        let slack_ms = asked.target.interval.as_millis() as i64 / 100 + 2;
        let time_ms = if (0..=slack_ms).contains(&(now_ms - turn_ms)) { turn_ms } else { now_ms };
        let of = Of { job: &asked.job, target: &asked.target, time_ms };
        let said = ask::ask(&asked.job, &asked.target, self.resolver.as_ref(), interrupt);
        if interrupt.is_given_up() {
            return Standing::default();
        }
        let mut memory = asked.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let result = match said {
            Ok(said) => {
                telemetry::BODY_BYTES.add(said.body.len() as u64);
                memory.take(&said, of)
            }
            Err(why) => {
                memory.end(time_ms);
                Err(why)
            }
        };
        let took = started.elapsed();
        telemetry::FAILURES.add(u64::from(result.is_err()));
        let (tally, mut problem) = match result {
            Ok(tally) => (tally, None),
            Err(why) => (Default::default(), Some(why)),
        };
        let up = f64::from(u8::from(problem.is_none()));
        memory
            .tell(of, [up, took.as_secs_f64(), tally.scraped as f64, tally.kept as f64, tally.added as f64]);
        telemetry::LINES_REFUSED.add(tally.report.rejected);
        if !tally.report.is_clean() {
            problem.get_or_insert_with(|| tally.report.to_string());
        }
        if let Err(why) = self.hand_on(&memory) {
            problem.get_or_insert(why);
        }
        Standing {
            part: roster::PART,
            last_ms: Some(time_ms),
            took_us: took.as_micros() as u64,
            samples: tally.kept,
            problem: problem.unwrap_or_default(),
            ..Standing::default()
        }
    }

    fn hand_on(&self, memory: &crate::memory::Memory) -> Result<(), String> {
        let batch = memory.batch();
        match self.sink.push(batch) {
            Ok(receipt) => {
                telemetry::SAMPLES.add(receipt.report.accepted);
                Ok(())
            }
            Err(e) => {
                telemetry::SAMPLES_LOST.add(batch.len() as u64);
                Err(e.to_string())
            }
        }
    }

    /// Ends the series of a target that is there no more.
    fn end(&self, asked: &Asked) {
        let mut memory = asked.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.end_all(self.clock.now_ms());
        // What went wrong is counted, and there is nobody left whose standing could tell it.
        let _ = self.hand_on(&memory);
    }

    // Nothing that can panic is done under this lock.
    fn lock(&self) -> MutexGuard<'_, Threads> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings for Shared {
    fn standings(&self) -> Vec<Standing> {
        self.lock().roster.standings()
    }
}

fn panicked() -> Standing {
    telemetry::PANICS.add(1);
    Standing {
        part: roster::PART,
        problem: "the scrape panicked; this is a defect of ours".into(),
        ..Standing::default()
    }
}
