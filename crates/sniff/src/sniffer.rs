//! The sniffer at work: a thread that reads the ring and tells a batch every interval. Without a watched port there is
//! neither thread nor ring.

mod work;

use crate::aggregate;
use crate::limits::PORTS_MAX;
use crate::protocols::{self, Row};
use crate::ring;
use crate::wiretap::Wiretap;
use model::{Sink, Standing, Standings};
use rustix::event::{EventfdFlags, eventfd};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;
use work::Work;

/// What an administrator may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where to look, and how much room there is.
    pub ring: ring::Options,
    /// Time between two batches, which are on whole multiples of it.
    pub interval: Duration,
    /// Names and quantiles.
    pub aggregate: aggregate::Options,
}

impl Options {
    /// The usual choices for a host: all interfaces, every ten seconds.
    pub fn for_host(host: impl Into<String>) -> Self {
        Self {
            ring: ring::Options::default(),
            interval: Duration::from_secs(10),
            aggregate: aggregate::Options::for_host(host),
        }
    }
}

/// Why a port is not watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no protocol of this name.
    Protocol(String),
    /// There is no room for more ports.
    Full,
    /// The system gives no thread, or no descriptor to wake it.
    System(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(name) => {
                let known: Vec<&str> = protocols::PROTOCOLS.iter().map(|row| row.name).collect();
                write!(f, "there is no protocol `{name}`; there are {}", known.join(", "))
            }
            Self::Full => write!(f, "at most {PORTS_MAX} ports can be watched"),
            Self::System(why) => write!(f, "the sniffer cannot start: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

#[derive(Default)]
struct Wish {
    ports: BTreeMap<u16, &'static Row>,
    /// Those of them that somebody listens to and tells of.
    lent: BTreeSet<u16>,
    /// Changes with every change of the ports.
    version: u64,
    stops: bool,
}

/// What the thread tells of itself.
#[derive(Default)]
struct Report {
    last_ms: Option<i64>,
    took_us: u64,
    samples: u64,
    problem: String,
    dropped: u64,
}

struct Shared {
    wish: Mutex<Wish>,
    report: Mutex<Report>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Running {
    thread: JoinHandle<()>,
    wake: Arc<OwnedFd>,
}

/// See the module's text. Dropping it stops it.
pub struct Sniffer {
    options: Options,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

impl Sniffer {
    /// A sniffer that watches nothing yet, and costs nothing until it does. Samples go into `sink`.
    pub fn start(options: Options, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> Self {
        let shared = Arc::new(Shared { wish: Mutex::default(), report: Mutex::default() });
        Self { options, sink, clock, shared, running: Mutex::default() }
    }

    /// Watches a port as a protocol, from now on; another protocol than before replaces that.
    ///
    /// # Errors
    /// When there is no such protocol, too many ports, or no thread to be had. Whether packets can be read is told by
    /// [`Standings::standings`]: that may change while it runs.
    pub fn watch(&self, port: u16, protocol: &str) -> Result<(), Refusal> {
        let row = protocols::named(protocol).ok_or_else(|| Refusal::Protocol(protocol.to_owned()))?;
        let mut running = lock(&self.running);
        {
            let mut wish = lock(&self.shared.wish);
            if wish.ports.len() >= PORTS_MAX && !wish.ports.contains_key(&port) {
                return Err(Refusal::Full);
            }
            if wish.ports.insert(port, row).is_some_and(|before| before.name == row.name) {
                return Ok(());
            }
            wish.version += 1;
            wish.stops = false;
        }
        match &*running {
            Some(running) => wake(&running.wake),
            None => *running = Some(self.run().map_err(|error| Refusal::System(error.to_string()))?),
        }
        Ok(())
    }

    /// Watches a port no longer. After the last one the thread ends and the ring is given back.
    pub fn unwatch(&self, port: u16) {
        let mut running = lock(&self.running);
        let is_last = {
            let mut wish = lock(&self.shared.wish);
            wish.lent.remove(&port);
            if wish.ports.remove(&port).is_none() {
                return;
            }
            wish.version += 1;
            wish.stops = wish.ports.is_empty();
            wish.stops
        };
        if is_last {
            end(running.take());
        } else if let Some(running) = &*running {
            wake(&running.wake);
        }
    }

    /// Watches a port until what is given is dropped. How that stands is told by it, and not among the sniffer's own.
    ///
    /// # Errors
    /// As [`Self::watch`].
    pub fn listen(self: &Arc<Self>, port: u16, protocol: &str) -> Result<Listening, Refusal> {
        self.watch(port, protocol)?;
        lock(&self.shared.wish).lent.insert(port);
        Ok(Listening { sniffer: self.clone(), port })
    }

    /// Watched ports and their protocols.
    pub fn watched(&self) -> Vec<(u16, &'static str)> {
        lock(&self.shared.wish).ports.iter().map(|(port, row)| (*port, row.name)).collect()
    }

    fn standing(&self, name: String) -> Standing {
        let report = lock(&self.shared.report);
        Standing {
            part: "sniffer",
            name,
            last_ms: report.last_ms,
            took_us: report.took_us,
            samples: report.samples,
            problem: report.problem.clone(),
        }
    }

    fn run(&self) -> std::io::Result<Running> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let work = Work {
            options: self.options.clone(),
            sink: self.sink.clone(),
            clock: self.clock.clone(),
            shared: self.shared.clone(),
            wake: wake.clone(),
            tap: Wiretap::default(),
            ring: None,
            retry: None,
            version: 0,
            ports: Vec::new(),
            dropped: 0,
        };
        let thread = std::thread::Builder::new().name("sniffer".into()).spawn(move || work.run())?;
        Ok(Running { thread, wake })
    }
}

fn wake(fd: &OwnedFd) {
    // It can only fail when the count is full, and then the thread is about to wake anyway.
    let _ = rustix::io::write(fd, &1u64.to_ne_bytes());
}

fn end(running: Option<Running>) {
    if let Some(Running { thread, wake: fd }) = running {
        wake(&fd);
        // A thread that panicked has told why.
        let _ = thread.join();
    }
}

impl Drop for Sniffer {
    fn drop(&mut self) {
        lock(&self.shared.wish).stops = true;
        end(lock(&self.running).take());
    }
}

impl Standings for Sniffer {
    fn standings(&self) -> Vec<Standing> {
        let wish = lock(&self.shared.wish);
        let own: Vec<_> = wish.ports.iter().filter(|(port, _)| !wish.lent.contains(port)).collect();
        let names: Vec<String> =
            own.iter().map(|(port, row)| format!("{} on port {port}", row.name)).collect();
        drop(wish);
        names.into_iter().map(|name| self.standing(name)).collect()
    }
}

/// A port that is watched for somebody. Dropping it ends that.
pub struct Listening {
    sniffer: Arc<Sniffer>,
    port: u16,
}

impl Listening {
    /// How it stands. Time and samples are those of all ports together, which are told in one batch.
    pub fn standing(&self) -> Standing {
        self.sniffer.standing(format!("port {}", self.port))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.sniffer.unwatch(self.port);
    }
}

#[cfg(test)]
mod tests;
