//! Asks file systems for their space in threads of their own, because one whose server or disk is gone does not answer
//! and cannot be interrupted. It costs the thread that asked; the others are asked by another.

use crate::host::{AskSpace, Space};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most threads: so many file systems may be silent at a time before the others cannot be asked any more.
const THREADS_MAX: usize = 8;
/// How long a thread may be busy with one before another is started for those that wait.
const PATIENCE: Duration = Duration::from_millis(20);
/// Asking needs next to nothing.
const STACK_BYTES: usize = 64 << 10;

/// A path that is asked again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question(usize);

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Space(Space),
    /// The file system refused.
    Failed,
    /// It has not answered yet, or could not be asked.
    None,
}

pub(super) struct Asker {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    ask: AskSpace,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    round: u64,
    threads: usize,
    /// Threads that wait for work.
    idle: usize,
    is_closing: bool,
}

struct Job {
    path: Arc<Path>,
    phase: Phase,
    /// Whether it was late: then it is not waited for, and what it answers counts in the next round, until it answers
    /// promptly again.
    is_late: bool,
    /// What it answered last, while it is late.
    last: Answer,
    /// Forgotten by the asker; the place is free once nobody is at it.
    is_forgotten: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Done(Answer),
    Waiting,
    /// A thread asks since this round.
    Asked(u64),
}

impl Asker {
    pub(super) fn new(ask: AskSpace) -> Self {
        let shared = Shared { ask, state: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared), threads: Vec::new() }
    }

    /// Takes a path on; it is asked from the next round on.
    pub(super) fn add(&mut self, path: PathBuf) -> Question {
        let job = Job {
            path: path.into(),
            phase: Phase::Done(Answer::None),
            is_late: false,
            last: Answer::None,
            is_forgotten: false,
        };
        let mut state = self.shared.lock();
        let free = state.jobs.iter().position(|job| job.is_forgotten && matches!(job.phase, Phase::Done(_)));
        match free {
            Some(at) => {
                state.jobs[at] = job;
                Question(at)
            }
            None => {
                state.jobs.push(job);
                Question(state.jobs.len() - 1)
            }
        }
    }

    /// Asks no more.
    pub(super) fn forget(&mut self, question: Question) {
        self.shared.lock().jobs[question.0].is_forgotten = true;
    }

    /// Asks all that are not still being asked since an earlier round, and waits until they have answered, `within`
    /// at the longest; those that were late before are not waited for.
    pub(super) fn ask(&mut self, within: Duration) {
        let shared = self.shared.clone();
        let deadline = Instant::now() + within;
        let mut state = shared.lock();
        state.begin_round();
        shared.changed.notify_all();
        // All threads there are, if any, are held up since an earlier round.
        let mut is_overdue = state.threads == state.count(|phase| matches!(phase, Phase::Asked(_)));
        loop {
            if is_overdue && state.idle == 0 && state.threads < THREADS_MAX && state.has_waiting() {
                self.start_thread(&mut state);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !state.is_unfinished() {
                break;
            }
            let waited = shared.changed.wait_timeout(state, left.min(PATIENCE));
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            (state, is_overdue) = (woken, timeout.timed_out());
        }
        state.end_round();
    }

    /// What came of the question in the last round, or, of one that is late, in the round before.
    pub(super) fn answer(&self, question: Question) -> Answer {
        let state = self.shared.lock();
        let job = &state.jobs[question.0];
        match job.phase {
            Phase::Done(answer) => answer,
            Phase::Asked(round) if round < state.round => Answer::None,
            Phase::Waiting | Phase::Asked(_) => job.last,
        }
    }

    fn start_thread(&mut self, state: &mut State) {
        self.threads.retain(|thread| !thread.is_finished());
        let shared = self.shared.clone();
        let builder = std::thread::Builder::new().name("statvfs".to_owned()).stack_size(STACK_BYTES);
        // Without a thread there is no answer this round, which is told like silence.
        if let Ok(thread) = builder.spawn(move || shared.work()) {
            self.threads.push(thread);
            state.threads += 1;
        }
    }
}

impl Drop for Asker {
    /// Waits for the threads to end, unless one is held up: that one ends when its answer comes, if ever.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_closing = true;
        let is_held_up = state.count(|phase| matches!(phase, Phase::Asked(_))) > 0;
        drop(state);
        self.shared.changed.notify_all();
        if !is_held_up {
            self.threads.drain(..).for_each(|thread| drop(thread.join()));
        }
    }
}

impl State {
    fn begin_round(&mut self) {
        self.round += 1;
        for job in self.jobs.iter_mut().filter(|job| !job.is_forgotten) {
            job.last = match job.phase {
                Phase::Done(answer) if job.is_late => answer,
                _ => Answer::None,
            };
            if matches!(job.phase, Phase::Done(_)) {
                job.phase = Phase::Waiting;
            }
        }
    }

    /// Those nobody came to are not asked any more: their answer would be of another time.
    fn end_round(&mut self) {
        for job in &mut self.jobs {
            match job.phase {
                Phase::Done(_) => {}
                Phase::Asked(_) => job.is_late = true,
                Phase::Waiting if job.is_late => {}
                Phase::Waiting => job.phase = Phase::Done(Answer::None),
            }
        }
    }

    fn count(&self, is: impl Fn(Phase) -> bool) -> usize {
        self.jobs.iter().filter(|job| is(job.phase)).count()
    }

    fn has_waiting(&self) -> bool {
        self.count(|phase| phase == Phase::Waiting) > 0
    }

    fn is_unfinished(&self) -> bool {
        let is_open = |phase| phase == Phase::Waiting || phase == Phase::Asked(self.round);
        self.jobs.iter().any(|job| !job.is_late && is_open(job.phase))
    }

    /// Hands out work.
    fn take(&mut self) -> Option<(usize, Arc<Path>)> {
        let at = self.jobs.iter().position(|job| job.phase == Phase::Waiting)?;
        self.jobs[at].phase = Phase::Asked(self.round);
        Some((at, self.jobs[at].path.clone()))
    }
}

impl Shared {
    /// A thread's life: it ends when the asker is dropped, or when another thread is idle already.
    fn work(&self) {
        let mut state = self.lock();
        while !state.is_closing {
            if let Some((at, path)) = state.take() {
                drop(state);
                let start = Instant::now();
                let answer = (self.ask)(&path).map_or(Answer::Failed, Answer::Space);
                let is_prompt = start.elapsed() < PATIENCE;
                state = self.lock();
                let job = &mut state.jobs[at];
                job.phase = Phase::Done(answer);
                job.is_late &= !is_prompt;
                self.changed.notify_all();
            } else if state.idle > 0 {
                break;
            } else {
                state.idle += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
        state.threads -= 1;
    }

    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
