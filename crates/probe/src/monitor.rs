//! The thread of a monitor: one station for each network, their sockets, and where the samples go.

use crate::links::Target;
use crate::range::Range;
use crate::sockets::Ears;
use crate::station::{Ear, Manner, Mouth, Now, Station};
use crate::telemetry;
use model::{Batch, PushError, Sink, Standing, Standings};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stdx::clock::Clock;
use stdx::random::Random;
use wire::Context;

/// Largest datagram of UDP.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// Datagrams of one socket that are taken before the clock is looked at.
const BURST_MAX: usize = 4096;
/// How often it is tried to open sockets that cannot be had.
const RETRY_MS: i64 = 5_000;
/// Periods without any answer after which that is called a problem.
const SILENT_PERIODS: i64 = 10;

/// How a monitor is to behave.
#[derive(Debug, Clone)]
pub struct Options {
    /// The networks to ask in.
    pub targets: Vec<Target>,
    /// Port of probes; monitors have the next one.
    pub port: u16,
    /// Time between two pings.
    pub period: Duration,
    /// First word of a ping.
    pub word: String,
    /// Whether foreign monitors may be the clock: then their pings are heard, for which the port of probes is taken.
    pub hears_foreign: bool,
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

/// A network: its station, and its sockets once they could be opened.
struct Network {
    target: Target,
    ears: Result<Ears, String>,
    retry_ms: i64,
    station: Station,
    started_ms: i64,
    /// When something was last believed, by the steady clock and by the other.
    heard: Option<(i64, i64)>,
    samples: u64,
    send_error: String,
}

struct Work {
    options: Options,
    networks: Vec<Network>,
    takings: Takings,
    clock: Arc<dyn Clock>,
    started: Instant,
    board: Arc<Mutex<Vec<Standing>>>,
    buffer: Vec<u8>,
}

/// What was believed since samples were last handed on.
struct Takings {
    sink: Arc<dyn Sink>,
    batch: Batch,
    problem: String,
}

impl Work {
    fn new(
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        mut random: Random,
        board: Arc<Mutex<Vec<Standing>>>,
    ) -> Self {
        let network = |target: &Target| Network {
            target: target.clone(),
            ears: Ears::open(target, options.port, options.hears_foreign),
            retry_ms: RETRY_MS,
            station: Station::new(
                manner(&options, target.ranges.clone()),
                Random::from_seed(random.next_u64()),
                0,
            ),
            started_ms: 0,
            heard: None,
            samples: 0,
            send_error: String::new(),
        };
        let networks = options.targets.iter().map(network).collect();
        let takings = Takings { sink, batch: Batch::new(), problem: String::new() };
        let (started, buffer) = (Instant::now(), vec![0; DATAGRAM_BYTES_MAX]);
        Self { options, networks, takings, clock, started, board, buffer }
    }

    fn now(&self) -> Now {
        Now { steady_ms: self.started.elapsed().as_millis() as i64, unix_ms: self.clock.now_ms() }
    }

    fn run(&mut self, stopped: &UnixStream) {
        loop {
            self.tell();
            if self.wait(stopped) {
                telemetry::PINGING.set(0.0);
                return;
            }
            let now = self.now();
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

fn manner(options: &Options, ranges: Vec<Range>) -> Manner {
    Manner { period_ms: options.period.as_millis().max(1) as u64, word: options.word.clone(), ranges }
}

impl Network {
    fn wake_ms(&self) -> i64 {
        if self.ears.is_ok() { self.station.wake_ms() } else { self.retry_ms }
    }

    fn reopen(&mut self, now: Now, options: &Options) {
        if self.ears.is_ok() || now.steady_ms < self.retry_ms {
            return;
        }
        self.retry_ms = now.steady_ms + RETRY_MS;
        self.ears = Ears::open(&self.target, options.port, options.hears_foreign);
        if self.ears.is_ok() {
            // It has heard nothing so far, so it must listen first.
            let seed = Random::from_seed(self.station.clock().own().id.0);
            self.station = Station::new(manner(options, self.target.ranges.clone()), seed, now.steady_ms);
            self.started_ms = now.steady_ms;
        }
    }

    /// Takes what has come.
    fn listen(&mut self, now: Now, buffer: &mut [u8], takings: &mut Takings) {
        let Ok(ears) = &self.ears else { return };
        let mut mouth = Voice::new(ears, takings);
        let sockets = [
            (Ear::Monitors, Some(&ears.monitors)),
            (Ear::Pings, ears.pings.as_ref()),
            (Ear::Own, Some(&ears.own)),
        ];
        for (ear, socket) in sockets.into_iter().filter_map(|(ear, socket)| Some((ear, socket?))) {
            receive(socket, buffer, |from, datagram| {
                self.station.received(now, ear, from, datagram, &mut mouth);
            });
        }
        let (samples, error) = (mouth.samples, mouth.error);
        self.note(now, samples, error);
    }

    /// Says what is due.
    fn speak(&mut self, now: Now, takings: &mut Takings) {
        let Ok(ears) = &self.ears else { return };
        let mut mouth = Voice::new(ears, takings);
        self.station.due(now, &mut mouth);
        let (samples, error) = (mouth.samples, mouth.error);
        self.note(now, samples, error);
    }

    fn note(&mut self, now: Now, samples: u64, error: Option<Result<(), io::Error>>) {
        if samples > 0 {
            self.heard = Some((now.steady_ms, now.unix_ms));
            self.samples = samples;
        }
        match error {
            Some(Ok(())) => self.send_error.clear(),
            Some(Err(e)) => self.send_error = e.to_string(),
            None => {}
        }
    }

    fn problem(&self, now_ms: i64, period_ms: i64) -> String {
        if let Err(why) = &self.ears {
            return why.clone();
        }
        if !self.send_error.is_empty() {
            return format!("pings cannot be sent: {}", self.send_error);
        }
        let silent_ms = now_ms - self.heard.map_or(self.started_ms, |(at, _)| at);
        if silent_ms <= SILENT_PERIODS * period_ms + 4_000 {
            return String::new();
        }
        match self.station.leader() {
            Some(leader) => format!("the monitor at {leader} pings, but tells nothing: no probe answers it"),
            None => format!("no probe has answered for {} s", silent_ms / 1000),
        }
    }
}

/// Hands over what is there, up to a bound.
fn receive(socket: &UdpSocket, buffer: &mut [u8], mut take: impl FnMut(IpAddr, &[u8])) {
    for _ in 0..BURST_MAX {
        match socket.recv_from(buffer) {
            Ok((len, from)) => take(from.ip(), &buffer[..len]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            // Errors of a datagram socket are about one datagram (a port that was closed, say).
            Err(e) if e.kind() == ErrorKind::ConnectionRefused => {}
            Err(_) => return,
        }
    }
}

/// Sends what a station says, and takes what it believes.
struct Voice<'a> {
    ears: &'a Ears,
    takings: &'a mut Takings,
    samples: u64,
    /// How sending went last, if anything was sent.
    error: Option<Result<(), io::Error>>,
}

impl<'a> Voice<'a> {
    fn new(ears: &'a Ears, takings: &'a mut Takings) -> Self {
        Self { ears, takings, samples: 0, error: None }
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) {
        let sent = self.ears.own.send_to(datagram, to).map(drop);
        if sent.is_err() {
            telemetry::SEND_FAILED.add(1);
        }
        self.error = Some(sent);
    }
}

impl Mouth for Voice<'_> {
    fn to_probes(&mut self, datagram: &[u8]) {
        self.send(self.ears.probes_at, datagram);
    }

    fn to_monitors(&mut self, datagram: &[u8]) {
        self.send(self.ears.monitors_at, datagram);
    }

    fn believed(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]) {
        self.samples += self.takings.take(unix_ms, from, lines);
    }
}

impl Takings {
    fn take(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]) -> u64 {
        let report = wire::protocols::probe::decode(lines, &Context::at(unix_ms), &mut self.batch);
        telemetry::LINES_REFUSED.add(report.rejected);
        self.problem = match report.reasons.first() {
            Some(first) => format!("{from} answered, {}: {}", first.position, first.reason),
            None => String::new(),
        };
        report.accepted
    }

    fn hand_on(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        match self.sink.push(&self.batch) {
            Ok(receipt) => {
                if let Some(first) = receipt.report.reasons.first() {
                    self.problem = format!("a sample was refused: {}", first.reason);
                }
            }
            Err(PushError::Busy(why) | PushError::Failed(why)) => {
                self.problem = format!("samples are lost: {why}")
            }
        }
        self.batch.clear();
    }
}
