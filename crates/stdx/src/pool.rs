//! A few threads for turns that come at their times and may take long: one waits for the next turn, the others are at work
//! or wait for a call. A thread that takes a turn wakes another to wait in its place, or starts one while there may be
//! more; of those that have had nothing to do for a while two stay. So one slow turn costs one thread, some quick ones
//! two, and many slow ones never more than the limit.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest wait for a turn: a jump of the clock is noticed after that.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Threads that are kept: one at work and one that waits for the next turn.
const THREADS_KEPT: usize = 2;
/// How long a thread beyond these waits for work before it ends.
const RETIRE_AFTER: Duration = Duration::from_secs(30);

/// What a thread is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<T> {
    /// A turn has come, and is taken.
    Run(T),
    /// None for so long, in milliseconds.
    Wait(u64),
    /// None before one that is being worked on is done.
    Idle,
}

/// What the threads do.
pub trait Work: Send + Sync + Sized + 'static {
    /// What they agree on; under a lock, so nothing that takes long or can panic is done with it.
    type Agreed: Send;
    /// What is taken out of it to be worked on.
    type Turn;
    /// What comes of that.
    type Done;
    /// Ends what a thread is doing, from another one.
    type Interrupt: Default + Clone + Send + 'static;
    /// What the threads are called; the kernel keeps 15 bytes.
    const NAME: &'static str;

    /// The next turn, which is taken.
    fn next(&self, agreed: &mut Self::Agreed) -> Next<Self::Turn>;
    /// Works on it, without the lock.
    fn run(&self, pool: &Pool<Self>, turn: Self::Turn, interrupt: &Self::Interrupt) -> Self::Done;
    /// Puts the turn back.
    fn done(&self, agreed: &mut Self::Agreed, done: Self::Done);
    /// Uses it.
    fn interrupt(interrupt: &Self::Interrupt);
    /// There are so many threads now.
    fn count(&self, _threads: usize) {}
}

/// The threads, as long as [`Pool::stop`] was not called.
pub struct Pool<W: Work> {
    work: W,
    threads_max: usize,
    state: Mutex<State<W>>,
    /// Wakes the thread that waits for the next turn.
    turn: Condvar,
    /// Wakes one that waits for work.
    call: Condvar,
}

struct State<W: Work> {
    agreed: W::Agreed,
    workers: Vec<(W::Interrupt, JoinHandle<()>)>,
    /// Whether one waits for the next turn.
    is_watched: bool,
    /// Threads that wait for work.
    idle: usize,
    /// Threads that have not ended.
    alive: usize,
    is_stopped: bool,
}

impl<W: Work> Pool<W> {
    /// A pool without a thread.
    pub fn new(work: W, agreed: W::Agreed, threads_max: usize) -> Arc<Self> {
        let state =
            State { agreed, workers: Vec::new(), is_watched: false, idle: 0, alive: 0, is_stopped: false };
        Arc::new(Self {
            work,
            threads_max: threads_max.max(1),
            state: Mutex::new(state),
            turn: Condvar::new(),
            call: Condvar::new(),
        })
    }

    /// Starts the first thread.
    ///
    /// # Errors
    /// When the system has none left.
    pub fn start(self: &Arc<Self>) -> io::Result<()> {
        self.spawn(&mut self.lock())
    }

    /// Gives up what is under way and waits for the threads.
    pub fn stop(&self) {
        let workers = {
            let mut state = self.lock();
            state.is_stopped = true;
            std::mem::take(&mut state.workers)
        };
        self.turn.notify_all();
        self.call.notify_all();
        workers.iter().for_each(|(interrupt, _)| W::interrupt(interrupt));
        for (_, thread) in workers {
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }

    /// What was given to it.
    pub fn work(&self) -> &W {
        &self.work
    }

    /// Threads there are now.
    pub fn threads(&self) -> usize {
        self.lock().alive
    }

    /// Looks at, or changes, what the threads agree on.
    pub fn with<T>(&self, what: impl FnOnce(&mut W::Agreed) -> T) -> T {
        what(&mut self.lock().agreed)
    }

    // Nothing that can panic is done under this lock.
    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: &Arc<Self>, state: &mut State<W>) -> io::Result<()> {
        state.workers.retain(|(_, thread)| !thread.is_finished());
        let interrupt = W::Interrupt::default();
        let (own, theirs) = (self.clone(), interrupt.clone());
        let thread = std::thread::Builder::new().name(W::NAME.into()).spawn(move || own.live(&theirs))?;
        state.workers.push((interrupt, thread));
        state.alive += 1;
        self.work.count(state.alive);
        Ok(())
    }

    /// The life of a thread.
    fn live(self: Arc<Self>, interrupt: &W::Interrupt) {
        let mut state = self.lock();
        let mut idle_since = Instant::now();
        while !state.is_stopped {
            match self.work.next(&mut state.agreed) {
                Next::Run(turn) => {
                    self.call_another(&mut state);
                    drop(state);
                    let done = self.work.run(&self, turn, interrupt);
                    state = self.lock();
                    self.work.done(&mut state.agreed, done);
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
                        self.call.wait_timeout(state, RETIRE_AFTER).unwrap_or_else(PoisonError::into_inner).0;
                    state.idle -= 1;
                }
            }
        }
        state.alive -= 1;
        self.work.count(state.alive);
    }

    /// Somebody must wait for the next turn while this thread is at work.
    fn call_another(self: &Arc<Self>, state: &mut State<W>) {
        if state.is_watched {
            return;
        }
        if state.idle > 0 {
            self.call.notify_one();
        } else if state.alive < self.threads_max && self.spawn(state).is_err() {
            // As many threads as the system allows are as good as the limit.
            self.turn.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
