//! The sniffer at work: a thread that reads a ring for each network and tells a batch every interval. Without a watched
//! port there is neither thread nor ring.

mod ear;
mod wish;
mod work;

use crate::aggregate;
use crate::limits::{NETWORKS_MAX, PORTS_MAX};
use crate::protocols::{self, Row};
use crate::ring;
use model::{Sink, Standing, Standings};
use rustix::event::{EventfdFlags, eventfd};
use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;
use wish::{Network, Spot, Wish};
use work::Work;

/// What an administrator may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where to look, and how much room there is. In the network of a container all interfaces are looked at.
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

/// Where a service is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// TCP port.
    pub port: u16,
    /// The file that stands for its network (`/proc/PID/ns/net`), unless it is ours.
    pub network: Option<PathBuf>,
    /// The container it is in, for people: the label of what is told; empty for the host's own.
    pub container: String,
}

impl Place {
    /// A port of the host's network.
    pub fn here(port: u16) -> Self {
        Self { port, network: None, container: String::new() }
    }
}

/// Why a port is not watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no protocol of this name.
    Protocol(String),
    /// There is no room for more ports.
    Full,
    /// There is no room for more networks.
    Networks,
    /// What stands for its network cannot be looked at.
    Network(String),
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
            Self::Networks => {
                write!(f, "at most {NETWORKS_MAX} networks of containers can be listened to")
            }
            Self::Network(why) => {
                write!(f, "its network cannot be looked at ({why}): that takes the capability CAP_SYS_PTRACE")
            }
            Self::System(why) => write!(f, "the sniffer cannot start: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What the thread tells of a network.
#[derive(Clone, Default)]
struct Report {
    last_ms: Option<i64>,
    took_us: u64,
    samples: u64,
    problem: String,
}

#[derive(Default)]
struct Shared {
    wish: Mutex<Wish>,
    reports: Mutex<BTreeMap<Network, Report>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn row(protocol: &str) -> Result<&'static Row, Refusal> {
    protocols::named(protocol).ok_or_else(|| Refusal::Protocol(protocol.to_owned()))
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
        Self { options, sink, clock, shared: Arc::default(), running: Mutex::default() }
    }

    /// Watches a port of the host as a protocol, from now on; another protocol than before replaces that.
    ///
    /// # Errors
    /// When there is no such protocol, too many ports, or no thread to be had. Whether packets can be read is told by
    /// [`Standings::standings`]: that may change while it runs.
    pub fn watch(&self, port: u16, protocol: &str) -> Result<(), Refusal> {
        let row = row(protocol)?;
        self.change(|wish| wish.own(port, row))
    }

    /// Watches a port of the host no longer. After the last one the thread ends and the rings are given back.
    pub fn unwatch(&self, port: u16) {
        let _ = self.change(|wish| {
            wish.disown(port);
            Ok(())
        });
    }

    /// Watches a port until what is given is dropped. How that stands is told by it, and not among the sniffer's own.
    ///
    /// # Errors
    /// As [`Self::watch`]; when what stands for its network cannot be looked at, or there are too many networks.
    pub fn listen(self: &Arc<Self>, place: &Place, protocol: &str) -> Result<Listening, Refusal> {
        let row = row(protocol)?;
        let number = place.network.as_deref().map_or(Ok(Network::OURS.0), ring::number);
        let network = Network(number.map_err(|error| Refusal::Network(error.to_string()))?);
        let file = place.network.clone().unwrap_or_default();
        let spot = (network, place.port);
        self.change(|wish| wish.lend(network, place, row)).inspect_err(|refusal| {
            // It is wished, and nobody is there to do it.
            if matches!(refusal, Refusal::System(_)) {
                lock(&self.shared.wish).give_back(spot, &file);
            }
        })?;
        Ok(Listening { sniffer: self.clone(), spot, file })
    }

    /// Ports of the host that the settings have watched, and their protocols.
    pub fn watched(&self) -> Vec<(u16, &'static str)> {
        let wish = lock(&self.shared.wish);
        let own = wish.of(Network::OURS).filter(|(_, wished)| wished.is_own);
        own.map(|(port, wished)| (port, wished.row.name)).collect()
    }

    /// Wishes something else, and has the thread run as long as there is anything to wish.
    fn change(&self, change: impl FnOnce(&mut Wish) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let mut running = lock(&self.running);
        let (has_any, has_changed) = {
            let mut wish = lock(&self.shared.wish);
            let before = wish.version;
            change(&mut wish)?;
            (!wish.ports.is_empty(), wish.version != before)
        };
        match &*running {
            _ if !has_any => end(running.take()),
            Some(running) if has_changed => wake(&running.wake),
            Some(_) => {}
            None => *running = Some(self.run().map_err(|error| Refusal::System(error.to_string()))?),
        }
        Ok(())
    }

    fn standing(&self, network: Network, name: String) -> Standing {
        let report = lock(&self.shared.reports).get(&network).cloned().unwrap_or_default();
        Standing {
            part: "sniffer",
            name,
            last_ms: report.last_ms,
            took_us: report.took_us,
            samples: report.samples,
            problem: report.problem,
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
            version: 0,
            ears: Vec::new(),
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
        let names = self.watched().into_iter().map(|(port, protocol)| format!("{protocol} on port {port}"));
        names.map(|name| self.standing(Network::OURS, name)).collect()
    }
}

/// A port that is watched for somebody. Dropping it ends that.
pub struct Listening {
    sniffer: Arc<Sniffer>,
    spot: Spot,
    /// What stood for its network.
    file: PathBuf,
}

impl Listening {
    /// How it stands. Time and samples are those of all ports of its network together, which are told in one batch.
    pub fn standing(&self) -> Standing {
        let (network, port) = self.spot;
        self.sniffer.standing(network, format!("port {port}"))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.sniffer.change(|wish| {
            wish.give_back(self.spot, &self.file);
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests;
