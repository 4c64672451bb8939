//! One network of a monitor: its station, and its sockets once they could be opened.

use super::takings::Takings;
use super::{Options, RETRY_MS};
use crate::links::Target;
use crate::range::Range;
use crate::sockets::Ears;
use crate::station::{Ear, Manner, Mouth, Now, Station};
use crate::{sockets, telemetry};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use stdx::random::Random;

/// Datagrams of one socket that are taken before the clock is looked at.
const BURST_MAX: usize = 4096;
/// Periods without any answer after which that is called a problem.
const SILENT_PERIODS: i64 = 10;

/// See the module's text.
pub(super) struct Network {
    pub(super) target: Target,
    pub(super) ears: Result<Ears, String>,
    retry_ms: i64,
    pub(super) station: Station,
    started_ms: i64,
    /// When something was last believed, by the steady clock and by the other.
    pub(super) heard: Option<(i64, i64)>,
    pub(super) samples: u64,
    send_error: String,
    /// What the kernel has dropped so far, of each socket.
    dropped: [u32; EARS],
    /// Which it is of all there ever were.
    number: u64,
}

/// Sockets of a network.
const EARS: usize = 3;

impl Network {
    /// A network where nothing was heard yet.
    pub(super) fn new(number: u64, target: &Target, options: &Options, random: Random, now_ms: i64) -> Self {
        Self {
            target: target.clone(),
            ears: Ears::open(target, options.port, options.hears_foreign),
            retry_ms: now_ms + RETRY_MS,
            station: Station::new(manner(options, target.ranges.clone()), random, now_ms),
            started_ms: now_ms,
            heard: None,
            samples: 0,
            send_error: String::new(),
            dropped: [0; EARS],
            number,
        }
    }

    /// Which it is of all there ever were.
    #[cfg(test)]
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// When it is to be looked at again at the latest.
    pub(super) fn wake_ms(&self) -> i64 {
        if self.ears.is_ok() { self.station.wake_ms() } else { self.retry_ms }
    }

    /// Tries again to open sockets that could not be had.
    pub(super) fn reopen(&mut self, now: Now, options: &Options) {
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
            self.dropped = [0; EARS];
        }
    }

    /// Takes what has come.
    pub(super) fn listen(&mut self, now: Now, buffer: &mut [u8], takings: &mut Takings) {
        let Ok(ears) = &self.ears else { return };
        let mut mouth = Voice::new(ears, takings, (self.number, now.steady_ms));
        let sockets = [
            (Ear::Monitors, Some(&ears.monitors)),
            (Ear::Pings, ears.pings.as_ref()),
            (Ear::Own, Some(&ears.own)),
        ];
        for ((ear, socket), dropped) in sockets.into_iter().zip(&mut self.dropped) {
            let Some(socket) = socket else { continue };
            receive(socket, dropped, buffer, |from, datagram| {
                self.station.received(now, ear, from, datagram, &mut mouth);
            });
        }
        let (samples, error) = (mouth.samples, mouth.error);
        self.note(now, samples, error);
    }

    /// Says what is due.
    pub(super) fn speak(&mut self, now: Now, takings: &mut Takings) {
        let Ok(ears) = &self.ears else { return };
        let mut mouth = Voice::new(ears, takings, (self.number, now.steady_ms));
        self.station.due(now, &mut mouth);
        let (samples, error) = (mouth.samples, mouth.error);
        self.note(now, samples, error);
    }

    /// Tells other monitors that this one stops.
    pub(super) fn leave(&mut self, now: Now, takings: &mut Takings) {
        if let Ok(ears) = &self.ears {
            self.station.leave(&mut Voice::new(ears, takings, (self.number, now.steady_ms)));
        }
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

    /// Why nothing comes, for people; empty when all is well.
    pub(super) fn problem(&self, now_ms: i64, period_ms: i64) -> String {
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

fn manner(options: &Options, ranges: Vec<Range>) -> Manner {
    Manner { period_ms: options.period.as_millis().max(1) as u64, word: options.word.clone(), ranges }
}

/// Hands over what is there, up to a bound. With each datagram the kernel says how many it has `dropped` before.
fn receive(socket: &UdpSocket, dropped: &mut u32, buffer: &mut [u8], mut take: impl FnMut(IpAddr, &[u8])) {
    for _ in 0..BURST_MAX {
        match sockets::receive(socket, buffer) {
            Ok((len, from, dropped_now)) => {
                if let Some(now) = dropped_now {
                    telemetry::DROPPED.add(u64::from(now.wrapping_sub(std::mem::replace(dropped, now))));
                }
                take(from, &buffer[..len]);
            }
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
    /// Number of the network, and now.
    of: (u64, i64),
    samples: u64,
    /// How sending went last, if anything was sent.
    error: Option<Result<(), io::Error>>,
}

impl<'a> Voice<'a> {
    fn new(ears: &'a Ears, takings: &'a mut Takings, of: (u64, i64)) -> Self {
        Self { ears, takings, of, samples: 0, error: None }
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
        self.samples += self.takings.take(self.of, unix_ms, from, lines);
    }
}
