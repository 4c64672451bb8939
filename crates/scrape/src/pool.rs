//! What the threads that ask do.

mod roster;
#[cfg(test)]
mod tests;

use crate::memory::Of;
use crate::{Job, ask, telemetry};
use model::{Sink, Standing, Standings};
use net::{Interrupt, Resolve};
use roster::{Asked, Roster, Task};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use stdx::clock::Clock;
use stdx::pool::{self, Pool, Work};
use stdx::turns::{Id, Next};

/// How targets are asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of this host, which is that of targets on it.
    pub host: String,
    /// Most targets that are asked at the same time.
    pub threads_max: usize,
}

/// Targets being asked. Dropping it gives up those under way and ends the threads.
pub struct Scraper(Arc<Shown>);

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
        let pool = Pool::new(Asking { sink, clock, resolver }, roster, options.threads_max);
        if !is_idle {
            pool.start()?;
        }
        Ok(Self(Arc::new(Shown(pool))))
    }

    /// Who can say how each target stands.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.0.clone()
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.0.0.stop();
    }
}

/// How the targets of these threads stand.
struct Shown(Arc<Pool<Asking>>);

impl Standings for Shown {
    fn standings(&self) -> Vec<Standing> {
        self.0.with(|roster| roster.standings())
    }
}

struct Asking {
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
}

/// A turn that was taken: what it is of, what is to be done, and when it came, in Unix milliseconds.
struct Turn {
    id: Id,
    task: Option<Task>,
    turn_ms: i64,
}

impl Work for Asking {
    type Agreed = Roster;
    type Turn = Turn;
    type Done = Id;
    type Interrupt = Interrupt;
    const NAME: &'static str = "scrape";

    fn next(&self, roster: &mut Roster) -> pool::Next<Turn> {
        match roster.turns.next(self.clock.now_ms()) {
            Next::Run { id, turn_ms, skipped } => {
                let task = roster.task(id);
                if matches!(task, Some(Task::Ask(_))) {
                    telemetry::SKIPPED.add(skipped);
                }
                pool::Next::Run(Turn { id, task, turn_ms })
            }
            Next::Wait(wait_ms) => pool::Next::Wait(wait_ms),
            Next::Idle => pool::Next::Idle,
        }
    }

    fn run(&self, pool: &Pool<Self>, Turn { id, task, turn_ms }: Turn, interrupt: &Interrupt) -> Id {
        match task {
            None => {}
            Some(Task::Ask(asked)) => {
                let scrape = AssertUnwindSafe(|| self.scrape(&asked, turn_ms, interrupt));
                let standing = catch_unwind(scrape).unwrap_or_else(|_| panicked());
                if !interrupt.is_given_up() {
                    pool.with(|roster| roster.stands(id, standing));
                }
            }
            Some(Task::Look(source)) => {
                let started = Instant::now();
                let found = {
                    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                    source.look(self.resolver.as_ref(), interrupt)
                };
                if interrupt.is_given_up() {
                    return id;
                }
                telemetry::DISCOVERY_FAILURES.add(found.problems.len() as u64);
                let gone = pool.with(|roster| roster.found(id, found, turn_ms, started.elapsed()));
                gone.iter().for_each(|asked| self.end(asked));
            }
        }
        id
    }

    fn done(&self, roster: &mut Roster, id: Id) {
        roster.turns.done(id);
    }

    fn interrupt(interrupt: &Interrupt) {
        interrupt.interrupt();
    }

    fn count(&self, threads: usize) {
        telemetry::THREADS.set(threads as f64);
    }
}

impl Asking {
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
}

fn panicked() -> Standing {
    telemetry::PANICS.add(1);
    Standing {
        part: roster::PART,
        problem: "the scrape panicked; this is a defect of ours".into(),
        ..Standing::default()
    }
}
