//! The thread of a monitor: one station for each network, their sockets, and where the samples go.

mod network;
mod takings;

use crate::links::Target;
use crate::station::Now;
use crate::telemetry;
use model::{Sink, Standing, Standings};
use network::Network;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stdx::clock::Clock;
use stdx::random::Random;
use takings::Takings;

/// Largest datagram of UDP.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// How often it is tried to open sockets that cannot be had.
const RETRY_MS: i64 = 5_000;

/// How long a host that is silent in one network stays with it, in milliseconds, or in periods when those are longer.
const HOLD_MS_MIN: i64 = 10_000;
const HOLD_PERIODS: i64 = 3;

/// How a monitor is to behave.
#[derive(Debug, Clone)]
pub struct Options {
    /// The networks to ask in.
    pub targets: Vec<Target>,
    /// Tells the networks again, as addresses of interfaces may change.
    pub look: Look,
    /// Port of probes; monitors have the next one.
    pub port: u16,
    /// Time between two pings.
    pub period: Duration,
    /// First word of a ping.
    pub word: String,
    /// Whether foreign monitors may be the clock: then their pings are heard, for which the port of probes is taken.
    pub hears_foreign: bool,
}

/// How the networks to ask in are found out.
#[derive(Clone)]
pub struct Look(pub Arc<dyn Fn() -> Result<Vec<Target>, String> + Send + Sync>);

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look")
    }
}

/// A monitor at work. Dropping it ends it.
pub struct Monitor {
    at_work: Mutex<Option<(UnixStream, JoinHandle<()>)>>,
    board: Arc<Mutex<Vec<Standing>>>,
}

impl Monitor {
    /// Starts its thread. Sockets that cannot be had are told in its standing and tried again.
    ///
    /// # Errors
    /// A thread that cannot be started.
    pub fn start(
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let board = Arc::new(Mutex::new(Vec::new()));
        let mut work = Work::new(options, sink, clock, random, board.clone());
        let run = move || work.run(&stopped);
        let thread = std::thread::Builder::new().name("monitor".into()).spawn(run)?;
        Ok(Self { at_work: Mutex::new(Some((stop, thread))), board })
    }

    /// Ends it, whoever still looks at its standing.
    pub fn stop(&self) {
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = at_work {
            drop(stop);
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Standings for Monitor {
    fn standings(&self) -> Vec<Standing> {
        lock(&self.board).clone()
    }
}

fn lock(board: &Mutex<Vec<Standing>>) -> MutexGuard<'_, Vec<Standing>> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Work {
    options: Options,
    networks: Vec<Network>,
    /// How many networks there ever were.
    count: u64,
    random: Random,
    look_ms: i64,
    takings: Takings,
    clock: Arc<dyn Clock>,
    started: Instant,
    board: Arc<Mutex<Vec<Standing>>>,
    buffer: Vec<u8>,
}

impl Work {
    fn new(
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        random: Random,
        board: Arc<Mutex<Vec<Standing>>>,
    ) -> Self {
        let targets = options.targets.clone();
        let mut work = Self {
            options,
            networks: Vec::new(),
            count: 0,
            random,
            look_ms: RETRY_MS,
            takings: Takings::new(sink),
            clock,
            started: Instant::now(),
            board,
            buffer: vec![0; DATAGRAM_BYTES_MAX],
        };
        work.settle(targets, 0);
        work
    }

    /// Looks whether this host is in other networks by now. Where that cannot be told, it is as before.
    fn look(&mut self, now: Now) {
        if now.steady_ms < self.look_ms {
            return;
        }
        self.look_ms = now.steady_ms + RETRY_MS;
        if let Ok(targets) = (self.options.look.0)() {
            self.settle(targets, now.steady_ms);
        }
    }

    /// Asks in these networks: those that are known go on, the others are left or begun.
    fn settle(&mut self, targets: Vec<Target>, now_ms: i64) {
        self.networks.retain(|network| targets.contains(&network.target));
        for target in targets {
            if !self.networks.iter().any(|network| network.target == target) {
                self.count += 1;
                let random = Random::from_seed(self.random.next_u64());
                self.networks.push(Network::new(self.count, &target, &self.options, random, now_ms));
            }
        }
        let hold_ms = HOLD_PERIODS * self.options.period.as_millis() as i64;
        self.takings.share((self.networks.len() > 1).then_some(hold_ms.max(HOLD_MS_MIN)));
    }

    fn now(&self) -> Now {
        Now { steady_ms: self.started.elapsed().as_millis() as i64, unix_ms: self.clock.now_ms() }
    }

    fn run(&mut self, stopped: &UnixStream) {
        loop {
            self.tell();
            if self.wait(stopped) {
                telemetry::PINGING.set(0.0);
                let now = self.now();
                self.networks.iter_mut().for_each(|network| network.leave(now, &mut self.takings));
                return;
            }
            let now = self.now();
            self.look(now);
            for network in &mut self.networks {
                network.reopen(now, &self.options);
                network.listen(now, &mut self.buffer, &mut self.takings);
            }
            // What took time to read must not make the clock think that it is earlier than it is.
            let now = self.now();
            for network in &mut self.networks {
                network.speak(now, &mut self.takings);
            }
            self.takings.hand_on();
        }
    }

    /// Waits for something to hear or to say; true when it is time to end.
    fn wait(&self, stopped: &UnixStream) -> bool {
        let now_ms = self.now().steady_ms;
        let wake_ms = self.networks.iter().map(Network::wake_ms).min().unwrap_or(now_ms + RETRY_MS);
        let wait_ms = (wake_ms - now_ms).clamp(0, RETRY_MS);
        let mut fds = vec![PollFd::new(stopped, PollFlags::IN)];
        for ears in self.networks.iter().filter_map(|network| network.ears.as_ref().ok()) {
            let sockets = [Some(&ears.own), Some(&ears.monitors), ears.pings.as_ref()];
            fds.extend(
                sockets.into_iter().flatten().map(|s| PollFd::from_borrowed_fd(s.as_fd(), PollFlags::IN)),
            );
        }
        let timeout = Timespec { tv_sec: wait_ms / 1000, tv_nsec: wait_ms % 1000 * 1_000_000 };
        // An error here (EINTR) is a look too many.
        let _ = poll(&mut fds, Some(&timeout));
        !fds[0].revents().is_empty()
    }

    fn tell(&self) {
        let now_ms = self.now().steady_ms;
        let period_ms = self.options.period.as_millis() as i64;
        let pinging = self.networks.iter().filter(|network| network.station.clock().is_pinging()).count();
        telemetry::PINGING.set(pinging as f64);
        let standing = |network: &Network| Standing {
            part: "monitor",
            name: network.target.name.clone(),
            last_ms: network.heard.map(|(_, unix_ms)| unix_ms),
            took_us: 0,
            samples: network.samples,
            problem: match network.problem(now_ms, period_ms) {
                problem if problem.is_empty() => self.takings.problem.clone(),
                problem => problem,
            },
        };
        *lock(&self.board) = self.networks.iter().map(standing).collect();
    }
}

#[cfg(test)]
mod tests;
