//! Many watches in one thread, which exists as soon as there is one.

mod work;

use crate::watch::Spec;
use model::{Sink, Standing, Standings};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::Disk;
use work::Work;

/// Hears of a watch by its name when it gets a problem, and again ("") when that is gone.
pub type Tell = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// What holds for all watches.
pub struct Settings {
    /// The label `host`.
    pub host: String,
    /// Where positions are kept over restarts; in memory only when there is nothing.
    pub positions: Option<PathBuf>,
    /// Time between two samples of a series, in milliseconds.
    pub interval_ms: i64,
    /// Who hears of problems.
    pub tell: Tell,
}

/// Time between two looks at a file.
const TICK_MS: i64 = 1000;
/// Time between two looks while there is more to read than is read in one go: most of a core is left to others.
const BACKLOG_PAUSE: Duration = Duration::from_millis(20);

/// A change of what is watched.
enum Wish {
    Put(String, Box<Spec>),
    Remove(String),
}

#[derive(Default)]
struct Inbox {
    wishes: Vec<Wish>,
    stopping: bool,
}

struct Shared {
    inbox: Mutex<Inbox>,
    wake: Condvar,
    standings: Mutex<Vec<Standing>>,
}

/// What the thread is made of, until it starts.
struct Parts {
    settings: Settings,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    disk: Arc<dyn Disk>,
}

/// Logs that are followed. Dropping it ends that: what was counted is handed on, positions are kept.
pub struct Tailer {
    shared: Arc<Shared>,
    parts: Mutex<Option<Parts>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tailer {
    /// Prepares; nothing is read and no thread is there before the first [`Tailer::put`].
    pub fn new(settings: Settings, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>, disk: Arc<dyn Disk>) -> Self {
        let shared = Shared { inbox: Mutex::default(), wake: Condvar::new(), standings: Mutex::default() };
        Self {
            shared: Arc::new(shared),
            parts: Mutex::new(Some(Parts { settings, sink, clock, disk })),
            thread: Mutex::new(None),
        }
    }

    /// Watches what the specification says, under an id of the caller's; what was watched under this id ends. Files
    /// that both have are read on where they were.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn put(&self, id: impl Into<String>, spec: Spec) -> io::Result<()> {
        locked(&self.shared.inbox).wishes.push(Wish::Put(id.into(), Box::new(spec)));
        self.shared.wake.notify_all();
        let Some(parts) = locked(&self.parts).take() else { return Ok(()) };
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name("logs".into()).spawn(move || run(parts, &shared))?;
        *locked(&self.thread) = Some(thread);
        Ok(())
    }

    /// Stops watching; the series end.
    pub fn remove(&self, id: impl Into<String>) {
        locked(&self.shared.inbox).wishes.push(Wish::Remove(id.into()));
        self.shared.wake.notify_all();
    }
}

impl Tailer {
    /// Hands on what was counted, keeps the positions and ends the thread. What is put later is not followed.
    pub fn stop(&self) {
        locked(&self.shared.inbox).stopping = true;
        self.shared.wake.notify_all();
        drop(locked(&self.parts).take());
        if let Some(thread) = locked(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Standings for Tailer {
    fn standings(&self) -> Vec<Standing> {
        locked(&self.shared.standings).clone()
    }
}

impl Drop for Tailer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(parts: Parts, shared: &Shared) {
    let Parts { settings, sink, clock, disk } = parts;
    let mut work = Work::new(settings, sink, disk, clock.now_ms());
    loop {
        let (wishes, stopping) = {
            let mut inbox = locked(&shared.inbox);
            (std::mem::take(&mut inbox.wishes), inbox.stopping)
        };
        let now_ms = clock.now_ms();
        for wish in wishes {
            match wish {
                Wish::Put(id, spec) => work.put(id, *spec, now_ms),
                Wish::Remove(id) => work.remove(&id, now_ms),
            }
        }
        if stopping {
            return work.stop(now_ms);
        }
        let has_more = work.round(now_ms);
        if let Some(standings) = work.news() {
            *locked(&shared.standings) = standings;
        }
        let pause = if has_more { BACKLOG_PAUSE } else { until_next(clock.now_ms()) };
        let inbox = locked(&shared.inbox);
        if inbox.wishes.is_empty() && !inbox.stopping {
            let _ = shared.wake.wait_timeout(inbox, pause);
        }
    }
}

/// Ticks are at whole seconds.
fn until_next(now_ms: i64) -> Duration {
    Duration::from_millis((TICK_MS - now_ms.rem_euclid(TICK_MS)) as u64)
}
