//! One monitor in one network: what it says, and what it makes of what it hears. Pure: datagrams and times come in,
//! datagrams and believed lines go out.

use crate::clock::{Action, Clock};
use crate::guard::Guard;
use crate::message::{self, Id, Message, Peer};
use crate::range::Range;
use crate::telemetry;
use std::net::IpAddr;
use stdx::random::Random;

/// How long after a ping answers are still taken, in milliseconds, besides three periods: a probe's command may be slow.
pub const ANSWER_MS_MAX: i64 = 10_000;
/// How far the time that another monitor says may be from the own clock, in milliseconds, before it is not believed.
pub const SKEW_MS_MAX: i64 = 5_000;
/// Most lines that are passed on in a datagram, in bytes; with what is said about them it must fit into the largest.
const PASSED_BYTES_MAX: usize = 60_000;

/// Now, by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back.
    pub steady_ms: i64,
    /// Unix milliseconds.
    pub unix_ms: i64,
}

/// Which socket a datagram came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ear {
    /// The one that pings are sent from: answers.
    Own,
    /// The port of monitors.
    Monitors,
    /// The port of probes: everything there is a ping.
    Pings,
}

/// Where what a station says goes.
pub trait Mouth {
    /// To all probes.
    fn to_probes(&mut self, datagram: &[u8]);
    /// To all monitors.
    fn to_monitors(&mut self, datagram: &[u8]);
    /// Lines that are believed, with the time they came and who said them.
    fn believed(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]);
}

/// How a station is to behave.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Milliseconds between two pings.
    pub period_ms: u64,
    /// First word of a ping.
    pub word: String,
    /// Networks that are believed.
    pub ranges: Vec<Range>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Station {
    manner: Manner,
    clock: Clock,
    guard: Guard,
    /// Where the monitor that pings was heard.
    leader: Option<(Id, IpAddr)>,
    was_pinging: bool,
    /// Kept for its memory.
    out: Vec<u8>,
    lines: Vec<u8>,
}

impl Station {
    /// A station that starts now.
    pub fn new(manner: Manner, mut random: Random, steady_ms: i64) -> Self {
        let own = Peer { id: Id(random.next_u64()), period_ms: manner.period_ms };
        Self {
            clock: Clock::new(own, random, steady_ms),
            guard: Guard::new(manner.ranges.clone(), manner.period_ms),
            manner,
            leader: None,
            was_pinging: false,
            out: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Its clock, to look at.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The address of the monitor that pings, when that is another one.
    pub fn leader(&self) -> Option<IpAddr> {
        self.leader.filter(|_| !self.clock.is_pinging()).map(|(_, address)| address)
    }

    /// A datagram came.
    pub fn received(&mut self, now: Now, ear: Ear, from: IpAddr, datagram: &[u8], mouth: &mut dyn Mouth) {
        let from = from.to_canonical();
        if !self.guard.is_inside(from) {
            return;
        }
        match ear {
            Ear::Own => self.answer(now, from, datagram, mouth),
            Ear::Pings => match message::ping(datagram, &self.manner.word) {
                Some(peer) => self.pinged(now, from, peer),
                None => self.pinged_foreign(now, from),
            },
            Ear::Monitors => match Message::read(datagram, &self.manner.word) {
                Some(Message::Ping(peer) | Message::Clock(peer)) => self.pinged(now, from, peer),
                Some(Message::Hello(peer)) => self.clock.heard_hello(now.steady_ms, peer),
                Some(Message::Leave(peer)) => self.clock.heard_leave(now.steady_ms, peer),
                Some(Message::Heard { id, time_ms, address, lines }) => {
                    self.passed_on(now, (id, from), time_ms, address.to_canonical(), lines, mouth);
                }
                None => self.overheard(now, from, datagram, mouth),
            },
        }
        self.notice();
    }

    /// Does what is due; to be called when everything that came was handed over, and at [`Station::wake_ms`].
    pub fn due(&mut self, now: Now, mouth: &mut dyn Mouth) {
        let own = self.clock.own();
        while let Some(action) = self.clock.due(now.steady_ms) {
            let message = match action {
                Action::Ping => Message::Ping(own),
                Action::Hello => Message::Hello(own),
                Action::Clock => Message::Clock(own),
            };
            self.out.clear();
            message.write(&self.manner.word, &mut self.out);
            if action == Action::Ping {
                telemetry::PINGS_SENT.add(1);
                mouth.to_probes(&self.out);
            }
            mouth.to_monitors(&self.out);
        }
        self.notice();
    }

    /// Says that it stops, if others would wait for its pings. Probes are told nothing: to them everything is a ping.
    pub fn leave(&mut self, mouth: &mut dyn Mouth) {
        if self.clock.is_pinging() {
            self.out.clear();
            Message::Leave(self.clock.own()).write(&self.manner.word, &mut self.out);
            mouth.to_monitors(&self.out);
        }
    }

    /// When [`Station::due`] is to be called at the latest.
    pub fn wake_ms(&self) -> i64 {
        self.clock.wake_ms()
    }

    fn notice(&mut self) {
        let is_pinging = self.clock.is_pinging();
        match (std::mem::replace(&mut self.was_pinging, is_pinging), is_pinging) {
            (false, true) => telemetry::TAKEOVERS.add(1),
            (true, false) => telemetry::YIELDS.add(1),
            _ => {}
        }
    }

    fn pinged(&mut self, now: Now, from: IpAddr, peer: Peer) {
        if peer.id == self.clock.own().id {
            return;
        }
        telemetry::PINGS_HEARD.add(1);
        self.clock.heard_ping(now.steady_ms, peer);
        if self.clock.leader() == Some(peer) {
            self.leader = Some((peer.id, from));
        }
    }

    fn pinged_foreign(&mut self, now: Now, from: IpAddr) {
        telemetry::FOREIGN_HEARD.add(1);
        self.clock.heard_foreign(now.steady_ms, from);
    }

    /// An answer to a ping of this station.
    fn answer(&mut self, now: Now, from: IpAddr, lines: &[u8], mouth: &mut dyn Mouth) {
        if !self.has_asked(now) {
            return telemetry::UNASKED.add(1);
        }
        if !self.believe(now, from, lines) {
            return;
        }
        mouth.believed(now.unix_ms, from, &self.lines);
        if self.clock.has_company(now.steady_ms) {
            self.pass_on(now, from, mouth);
        }
    }

    fn has_asked(&self, now: Now) -> bool {
        let patience_ms = ANSWER_MS_MAX + 3 * self.manner.period_ms as i64;
        self.clock.last_ping_ms().is_some_and(|at| now.steady_ms - at <= patience_ms)
    }

    fn believe(&mut self, now: Now, from: IpAddr, lines: &[u8]) -> bool {
        if !self.guard.has_room(now.steady_ms, from, lines.len()) {
            return false;
        }
        telemetry::ANSWERS.add(1);
        self.lines.clear();
        self.guard.lines_of(now.steady_ms, from, lines, &mut self.lines);
        !self.lines.is_empty()
    }

    fn pass_on(&mut self, now: Now, address: IpAddr, mouth: &mut dyn Mouth) {
        let id = self.clock.own().id;
        let mut rest = self.lines.as_slice();
        while !rest.is_empty() {
            let lines = whole_lines(rest, PASSED_BYTES_MAX);
            rest = &rest[lines.len()..];
            self.out.clear();
            Message::Heard { id, time_ms: now.unix_ms, address, lines }
                .write(&self.manner.word, &mut self.out);
            mouth.to_monitors(&self.out);
            telemetry::PASSED_ON.add(1);
        }
    }

    /// What the monitor that pings was answered. Everybody keeps the time that it says, so that many monitors that end
    /// in one store make one sample and not many.
    fn passed_on(
        &mut self,
        now: Now,
        by: (Id, IpAddr),
        time_ms: i64,
        address: IpAddr,
        lines: &[u8],
        mouth: &mut dyn Mouth,
    ) {
        if by.0 == self.clock.own().id {
            return;
        }
        if self.clock.is_pinging() || self.leader != Some(by) {
            return telemetry::UNASKED.add(1);
        }
        if !self.guard.is_inside(address) || !self.believe(now, address, lines) {
            return;
        }
        let is_near = (time_ms - now.unix_ms).abs() <= SKEW_MS_MAX;
        mouth.believed(if is_near { time_ms } else { now.unix_ms }, address, &self.lines);
    }

    /// An answer on the port of monitors: of a probe that tells everybody.
    fn overheard(&mut self, now: Now, from: IpAddr, lines: &[u8], mouth: &mut dyn Mouth) {
        let is_foreign = self.clock.hears_foreign(now.steady_ms);
        if !is_foreign && !self.has_asked(now) {
            return telemetry::UNASKED.add(1);
        }
        if !self.believe(now, from, lines) {
            return;
        }
        if is_foreign {
            self.clock.overheard(now.steady_ms);
        }
        mouth.believed(now.unix_ms, from, &self.lines);
    }
}

/// The start of `lines` that is no longer than `max`, cut at the end of a line where there is one.
fn whole_lines(lines: &[u8], max: usize) -> &[u8] {
    if lines.len() <= max {
        return lines;
    }
    let end = lines[..max].iter().rposition(|byte| *byte == b'\n').map_or(max, |at| at + 1);
    &lines[..end]
}

#[cfg(test)]
mod tests;
