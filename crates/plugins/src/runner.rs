//! Plugins at work: a thread that starts them when they are due and waits for all of them at once.

pub(crate) mod worker;

use crate::folder::Folder;
use crate::outlet::Outlet;
use crate::plugin::Plugin;
use model::{Sink, Standing, Standings};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::random::Random;
use worker::Worker;

pub use wire::protocols::putval::notice::Severity;

/// What holds for all plugins.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of this host in its series.
    pub host: String,
    /// First starts are spread over this time, or over the plugin's period when that is shorter.
    pub spread: Duration,
    /// Most plugins of [`crate::Mode::Once`] that run at the same time; others wait.
    pub running_max: usize,
}

impl Options {
    /// The usual ones.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into(), spread: Duration::from_secs(10), running_max: 16 }
    }
}

/// Something a plugin has to tell in words (`PUTNOTIF`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which plugin.
    pub plugin: String,
    /// How bad it is.
    pub severity: Severity,
    /// Unix milliseconds.
    pub time_ms: i64,
    /// What it says.
    pub message: String,
    /// What it is about: `host`, `plugin`, `type` … in the order they came.
    pub about: Vec<(String, String)>,
}

/// Takes notices.
pub type Tell = Box<dyn Fn(&Notice) + Send>;

/// Plugins at work. Dropping it ends them, children and all, and waits until they are gone.
pub struct Runner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the runner and its thread share.
pub(crate) struct Shared {
    wake: OwnedFd,
    inbox: Mutex<Inbox>,
    standings: Mutex<BTreeMap<String, Standing>>,
}

/// What the thread is to do next.
#[derive(Default)]
struct Inbox {
    wishes: Vec<Wish>,
    stopping: bool,
}

/// A change of what is run.
enum Wish {
    Put(Box<Plugin>),
    Remove(String),
    Watch(Box<Folder>),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runner {
    /// Starts without any plugin. Samples go into `sink`, notices to `tell`.
    pub fn start(
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        random: Random,
        tell: Tell,
    ) -> io::Result<Self> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let (inbox, standings) = Default::default();
        let shared = Arc::new(Shared { wake, inbox, standings });
        let outlet = Outlet::new(sink, options.host.clone());
        let worker = Worker::new(options, shared.clone(), outlet, clock, random, tell);
        let thread = std::thread::Builder::new().name("plugins".into()).spawn(move || worker.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Adds a plugin, or changes the one of this name: what runs of it is ended first. The same plugin again changes
    /// nothing.
    pub fn put(&self, plugin: Plugin) {
        self.wish(Wish::Put(Box::new(plugin)));
    }

    /// Ends the plugin of this name and forgets it.
    pub fn remove(&self, name: &str) {
        self.wish(Wish::Remove(name.to_owned()));
    }

    /// Runs what is in a folder, and follows its changes.
    pub fn watch(&self, folder: Folder) {
        self.wish(Wish::Watch(Box::new(folder)));
    }

    /// Who can say how the plugins stand, also when the runner is gone.
    pub fn board(&self) -> Arc<dyn Standings> {
        self.shared.clone()
    }

    fn wish(&self, wish: Wish) {
        lock(&self.shared.inbox).wishes.push(wish);
        self.shared.wake();
    }
}

impl Standings for Shared {
    fn standings(&self) -> Vec<Standing> {
        lock(&self.standings).values().cloned().collect()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        lock(&self.shared.inbox).stopping = true;
        self.shared.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn wake(&self) {
        // It can only fail when the counter is full, and then the thread is woken anyway.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }
}
