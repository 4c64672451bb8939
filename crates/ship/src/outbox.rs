//! The outbox: a sink whose samples leave for a server, and the thread that carries them.

use crate::pace::Pace;
use crate::post::HttpPost;
use crate::sender::{Post, Sender, Step};
use crate::spool::Spool;
use crate::{Options, Stats};
use model::{Batch, PushError, Receipt, Report, Sink};
use net::Interrupt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fmt, io};
use stdx::backoff::Backoff;
use stdx::clock::Clock;
use stdx::disk::Disk;
use stdx::random::Random;

/// Why an outbox could not be started.
#[derive(Debug)]
pub enum Error {
    /// No server was named.
    NoServer,
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer => f.write_str("no server to ship to"),
            Self::Thread(e) => write!(f, "the sending thread could not be started: {e}"),
        }
    }
}

impl std::error::Error for Error {}

/// How long an answer may take before it is told to be late, in milliseconds.
const ANSWER_LATE_MS: i64 = 10_000;
/// How that is told: once, and not with the seconds, which would be news every second.
const ANSWER_LATE: &str =
    "the server has not answered for more than 10 s though the link is alive: it is slow or stopped";

/// What the sink and the sending thread share.
pub(crate) struct State {
    pub(crate) spool: Spool,
    failures: u32,
    network_error: String,
    /// Since when a request is under way, in Unix milliseconds.
    asked_ms: Option<i64>,
    closing: bool,
    /// The sending thread has ended.
    ended: bool,
}

impl State {
    /// Notes how the network is doing.
    pub(crate) fn note_network(&mut self, failures: u32, error: String) {
        self.failures = failures;
        self.network_error = error;
    }

    /// Notes that a request is under way, or none any more.
    pub(crate) fn note_asked(&mut self, asked_ms: Option<i64>) {
        self.asked_ms = asked_ms;
    }

    /// What is wrong with the network. Only time tells that a server is stopped: TCP says that it is there.
    fn network_error(&self, now_ms: i64) -> String {
        let is_late = self.asked_ms.is_some_and(|ms| now_ms.saturating_sub(ms) >= ANSWER_LATE_MS);
        if is_late && self.network_error.is_empty() {
            ANSWER_LATE.to_owned()
        } else {
            self.network_error.clone()
        }
    }
}

/// See [`State`].
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    pub(crate) fn new(spool: Spool) -> Arc<Self> {
        let network_error = String::new();
        let state = State { spool, failures: 0, network_error, asked_ms: None, closing: false, ended: false };
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() })
    }

    // Every change under the lock leaves the spool whole: a file and its lengths are changed in that order.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits up to `wait` until `ready`.
    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        wait: Duration,
        ready: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout_while(state, wait, |s| !ready(s));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Takes batches, keeps them on disk, and sends them until a server has them.
pub struct Outbox {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    interrupt: Interrupt,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Outbox {
    /// Opens the spool and starts sending what is in it. A spool that is damaged or a disk that fails does not prevent
    /// the start: see [`Stats::disk_error`].
    ///
    /// # Errors
    /// When there is no server or no thread.
    pub fn start(
        options: Options,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        mut random: Random,
    ) -> Result<Self, Error> {
        if options.servers.is_empty() {
            return Err(Error::NoServer);
        }
        let backoff =
            Backoff::new(options.retry_base, options.retry_cap, Random::from_seed(random.next_u64()));
        let pace = Pace::new(options.backlog_bytes_per_second);
        let spool = Spool::open(options.spool, disk, random, clock.now_ms());
        let shared = Shared::new(spool);
        let post = HttpPost::new(&options.servers, options.net);
        let interrupt = post.interrupt();
        let sender = Sender::new(Arc::clone(&shared), post, backoff, pace, options.body_bytes_max);
        let (theirs, their_clock) = (Arc::clone(&shared), Arc::clone(&clock));
        let thread = std::thread::Builder::new()
            .name("ship".into())
            .spawn(move || run(sender, &theirs, their_clock.as_ref()))
            .map_err(Error::Thread)?;
        Ok(Self { shared, clock, interrupt, thread: Mutex::new(Some(thread)) })
    }

    /// How it stands.
    pub fn stats(&self) -> Stats {
        let (state, now_ms) = (self.shared.lock(), self.clock.now_ms());
        let network_error = state.network_error(now_ms);
        Stats { failures: state.failures, network_error, ..state.spool.stats(now_ms) }
    }

    /// Takes frames that say nothing of samples; see [`Spool::push_apart`].
    pub(crate) fn push_apart(&self, write: impl FnOnce(&mut Vec<u8>) -> u64) -> Result<(), PushError> {
        let mut state = self.shared.lock();
        if state.closing {
            return Err(PushError::Failed("the outbox is closed".into()));
        }
        state.spool.push_apart(self.clock.now_ms(), write);
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Waits for at most `deadline` until a server keeps everything pushed so far; says whether it does.
    pub fn flush(&self, deadline: Duration) -> bool {
        let state = self.shared.wait(self.shared.lock(), deadline, |s| s.ended || s.spool.is_done());
        state.spool.is_done()
    }

    /// Takes no more batches, tries for at most `deadline` to send what is left, and ends the thread. What could not be
    /// sent stays on disk for the next start. Calling it again does nothing.
    pub fn close(&self, deadline: Duration) {
        let mut state = self.shared.lock();
        state.closing = true;
        self.shared.changed.notify_all();
        let state = self.shared.wait(state, deadline, |s| s.ended);
        let in_time = state.ended;
        drop(state);
        if !in_time {
            self.interrupt.interrupt();
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic there has been reported by the thread itself; everything unsent is on disk.
            let _ = thread.join();
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

impl Sink for Outbox {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut state = self.shared.lock();
        if state.closing {
            return Err(PushError::Failed("the outbox is closed".into()));
        }
        state.spool.push(batch, self.clock.now_ms());
        drop(state);
        self.shared.changed.notify_all();
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

/// Marks the end of the thread, however it comes.
struct Ending<'a>(&'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }
}

/// Sends until closed; after that as long as it goes well, and once more if it went badly before.
fn run<P: Post>(mut sender: Sender<P>, shared: &Shared, clock: &dyn Clock) {
    /// While nothing waits, a push or the end wakes the thread; this long wait is only a bound.
    const IDLE: Duration = Duration::from_secs(3600);
    let _ending = Ending(shared);
    let mut last_try = false;
    loop {
        match sender.step(clock.now_ms()) {
            // Whoever waits for the spool to empty looks again.
            Step::Done => shared.changed.notify_all(),
            Step::Idle => {
                let state = shared.wait(shared.lock(), IDLE, |s| s.closing || !s.spool.is_done());
                if state.closing && state.spool.is_done() {
                    return;
                }
            }
            Step::Pause(pause) => {
                let state = shared.wait(shared.lock(), pause, |s| s.closing || s.spool.has_fresh());
                // What is left has waited long and waits for the next start.
                if state.closing && !state.spool.has_fresh() {
                    return;
                }
            }
            Step::Wait(_) if last_try => return,
            Step::Wait(wait) => last_try = shared.wait(shared.lock(), wait, |s| s.closing).closing,
        }
    }
}

#[cfg(test)]
mod tests;
