//! The thread of a probe: hears pings, and answers whoever sent them with the lines of a command or of this host.
//!
//! Everything that comes is a ping, whatever it says, as for the shell probes. Pings that come while the command runs
//! share its output: `socat … fork` starts a process for each, which anybody on the network can make use of.

use crate::command;
use crate::numbers::Numbers;
use crate::range::Range;
use crate::{sockets, telemetry};
use model::{Standing, Standings};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// Most lines of one datagram, in bytes: what fits into one packet of Ethernet, IPv6 and UDP taken off.
pub const DATAGRAM_BYTES: usize = 1_400;
/// Longest line that can be said; UDP carries no more.
pub const LINE_BYTES_MAX: usize = 60_000;
/// Most pings that are answered a second, of one address and of all.
pub const SOURCE_RATE_MAX: u32 = 20;
/// See [`SOURCE_RATE_MAX`].
pub const TOTAL_RATE_MAX: u32 = 200;
/// A ping is a word; what is longer is cut.
const PING_BYTES: usize = 2_048;
/// How often it is tried to open a socket that cannot be had.
const RETRY: Duration = Duration::from_secs(5);

/// Where the lines come from.
#[derive(Clone)]
pub enum Says {
    /// A line of shell, and how long it may take.
    Command(String, Duration),
    /// This host's numbers.
    Numbers(Arc<Numbers>),
}

/// How a probe is to behave.
#[derive(Clone)]
pub struct Options {
    /// Addresses to hear pings on: `0.0.0.0`, `ff12::6666%eth0` …
    pub listen: Vec<String>,
    /// Its port.
    pub port: u16,
    /// Who is answered.
    pub ranges: Vec<Range>,
    /// With what.
    pub says: Says,
}

/// A probe at work. Dropping it ends it.
pub struct Answerer {
    at_work: Mutex<Option<(UnixStream, JoinHandle<()>)>>,
    standing: Arc<Mutex<Standing>>,
}

impl Answerer {
    /// Starts its thread. A port that cannot be had is told in its standing and tried again.
    ///
    /// # Errors
    /// A thread that cannot be started.
    pub fn start(options: Options, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let name = format!("udp {}", options.port);
        let standing = Arc::new(Mutex::new(Standing { part: "probe", name, ..Standing::default() }));
        let mut work = Work::new(options, clock, standing.clone());
        let run = move || work.run(&stopped);
        let thread = std::thread::Builder::new().name("probe".into()).spawn(run)?;
        Ok(Self { at_work: Mutex::new(Some((stop, thread))), standing })
    }

    /// Ends it, whoever still looks at its standing; a command under way is waited for.
    pub fn stop(&self) {
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = at_work {
            drop(stop);
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Standings for Answerer {
    fn standings(&self) -> Vec<Standing> {
        vec![self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()]
    }
}

struct Work {
    options: Options,
    clock: Arc<dyn Clock>,
    standing: Arc<Mutex<Standing>>,
    sockets: Vec<UdpSocket>,
    rate: Rate,
}

/// How many pings were let through in this second.
#[derive(Default)]
struct Rate {
    second: u64,
    total: u32,
    sources: BTreeMap<IpAddr, u32>,
}

impl Rate {
    fn has_room(&mut self, second: u64, from: IpAddr) -> bool {
        if self.second != second {
            (self.second, self.total) = (second, 0);
            self.sources.clear();
        }
        // No more addresses are remembered than pings let through.
        if self.total >= TOTAL_RATE_MAX {
            return false;
        }
        let count = self.sources.entry(from).or_default();
        if *count >= SOURCE_RATE_MAX {
            return false;
        }
        (*count, self.total) = (*count + 1, self.total + 1);
        true
    }
}

impl Work {
    fn new(options: Options, clock: Arc<dyn Clock>, standing: Arc<Mutex<Standing>>) -> Self {
        Self { options, clock, standing, sockets: Vec::new(), rate: Rate::default() }
    }

    fn run(&mut self, stopped: &UnixStream) {
        let started = Instant::now();
        loop {
            if self.sockets.is_empty() {
                self.open();
            }
            if self.wait(stopped) {
                return;
            }
            let asked = self.asked(started.elapsed().as_secs());
            if !asked.is_empty() {
                self.answer(&asked);
            }
        }
    }

    /// Opens all sockets, or says why not.
    fn open(&mut self) {
        let opened: Result<Vec<UdpSocket>, String> =
            self.options.listen.iter().map(|listen| sockets::probe(listen, self.options.port)).collect();
        let problem = opened.as_ref().err().cloned().unwrap_or_default();
        self.sockets = opened.unwrap_or_default();
        self.tell(|standing| standing.problem = problem);
    }

    /// Waits for a ping; true when it is time to end.
    fn wait(&self, stopped: &UnixStream) -> bool {
        let mut fds = vec![PollFd::new(stopped, PollFlags::IN)];
        fds.extend(self.sockets.iter().map(|s| PollFd::from_borrowed_fd(s.as_fd(), PollFlags::IN)));
        let timeout = Timespec { tv_sec: RETRY.as_secs() as i64, tv_nsec: 0 };
        let timeout = self.sockets.is_empty().then_some(&timeout);
        // An error here (EINTR) is a look too many.
        let _ = poll(&mut fds, timeout);
        !fds[0].revents().is_empty()
    }

    /// Who asked, and by which socket.
    fn asked(&mut self, second: u64) -> Vec<(usize, SocketAddr)> {
        let (mut asked, mut buffer) = (Vec::new(), [0; PING_BYTES]);
        for (at, socket) in self.sockets.iter().enumerate() {
            while let Ok((_, from)) = socket.recv_from(&mut buffer) {
                if !self.options.ranges.iter().any(|range| range.contains(from.ip())) {
                    telemetry::OUTSIDE_RANGE.add(1);
                } else if !self.rate.has_room(second, from.ip()) {
                    telemetry::RATE.add(1);
                } else if !asked.contains(&(at, from)) {
                    asked.push((at, from));
                }
            }
        }
        asked
    }

    fn answer(&mut self, asked: &[(usize, SocketAddr)]) {
        let started = Instant::now();
        let (lines, problem) = self.lines();
        let mut unsent = None;
        for datagram in datagrams(&lines) {
            for (at, to) in asked {
                if let Err(e) = self.sockets[*at].send_to(datagram, to) {
                    telemetry::SEND_FAILED.add(1);
                    unsent = Some(format!("{to} cannot be answered: {e}"));
                }
            }
        }
        telemetry::PINGS_ANSWERED.add(asked.len() as u64);
        let now_ms = self.clock.now_ms();
        self.tell(|standing| {
            standing.last_ms = Some(now_ms);
            standing.took_us = started.elapsed().as_micros() as u64;
            standing.samples = lines.iter().filter(|byte| **byte == b'\n').count() as u64;
            standing.problem = problem.or(unsent).unwrap_or_default();
        });
    }

    fn lines(&self) -> (Vec<u8>, Option<String>) {
        match &self.options.says {
            Says::Command(line, time) => command::run(line, *time),
            Says::Numbers(numbers) => {
                let mut lines = String::new();
                numbers.write_lines(self.clock.now_ms(), &mut lines);
                (lines.into_bytes(), None)
            }
        }
    }

    fn tell(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Whole lines, as many as fit into a packet; a line that does not fit goes alone, and one that no datagram can hold is
/// left out.
fn datagrams(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        loop {
            let mut end = 0;
            for line in rest.split_inclusive(|byte| *byte == b'\n') {
                if end > 0 && end + line.len() > DATAGRAM_BYTES {
                    break;
                }
                end += line.len();
                if end > DATAGRAM_BYTES {
                    break;
                }
            }
            let datagram = &rest[..end];
            rest = &rest[end..];
            match datagram.len() {
                0 => return None,
                len if len <= LINE_BYTES_MAX => return Some(datagram),
                _ => {}
            }
        }
    })
}

#[cfg(test)]
mod tests;
