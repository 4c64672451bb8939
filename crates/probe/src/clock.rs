//! Who pings: a clock that any number of monitors agree on without being configured. Pure: time comes in as
//! milliseconds of a clock that never goes back, chance as an argument, and what is to be said comes out.
//!
//! ```text
//!            silence for 3 periods and a back-off of one's own
//!   LURKING ────────────────────────────────────────────────────► PINGING
//!      ▲ ◄──────────────────────────────────────────────────────── │ pings once a period
//!      └ a ping of a monitor that goes before, or of one that hears nobody
//! ```
//!
//! - **One pings, the others lurk.** Whoever lurks is quiet as long as it hears pings that are at least as frequent as
//!   its own would be. It never interrupts: which monitor pings changes as rarely as possible.
//! - **Taking over.** After three silent periods each waits a random part of a period more, so chosen that few are early
//!   however many there are (`back_off_ms`); the first one's ping silences the rest.
//! - **Leaving.** Whoever pings and stops says so. Then nobody waits out the silence: after the ping that does not come
//!   each waits its back-off and no more.
//! - **Two that ping**, after a net split has healed or when two started at once: the one that goes before goes on, the
//!   other lurks at the first ping it hears. The shorter period goes before, then the smaller identity.
//! - **One that hears nobody** but is heard (its firewall, say) would ping beside the right one for ever; so the right
//!   one gives way after [`PATIENCE_PINGS`].
//! - **Starting.** A newcomer says hello; whoever pings answers at once, so that nobody has to wait three long periods
//!   ([`LISTEN_MS_MAX`]) to learn that there is no clock.
//! - **Foreign monitors** ping on their own and tell nobody what they hear: answers go to whoever asked. One of them
//!   counts as the clock while it pings often enough *and* answers to it reach this monitor; a monitor that kept quiet
//!   behind a foreign clock without hearing the probes would have nothing to store.

mod foreign;
mod rivalry;

pub use crate::message::Peer;

use foreign::Foreign;
use rivalry::Rivalry;
use std::net::IpAddr;
use stdx::random::Random;

/// Periods without a ping after which another takes over.
pub const SILENT_PERIODS: u64 = 3;
/// Longest time that a newcomer listens before it pings, in milliseconds, a back-off not counted.
pub const LISTEN_MS_MAX: u64 = 3_000;
/// How often a newcomer says hello while it listens.
const HELLOS_AT_START: u64 = 3;
/// Periods between two hellos of one that lurks: so the one that pings knows that somebody listens.
const HELLO_PERIODS: u64 = 10;
/// Least time between two hellos of one that lurks, in milliseconds, whatever period the one that pings says it has.
const HELLO_MS_MIN: i64 = 1_000;
/// Periods after its last hello for which a monitor is taken to be there.
const COMPANY_PERIODS: u64 = 3 * HELLO_PERIODS;
/// Own pings, each followed by the ping of another, after which one gives way although one goes before.
pub const PATIENCE_PINGS: u32 = 8;
/// For how many monitors the back-off is made: with more it still works, with some pings too many.
const CROWD: f64 = 1024.0;
/// Least time between two answers to hellos, in milliseconds.
const CLOCK_MS_MIN: i64 = 100;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Ask the probes.
    Ping,
    /// Tell the monitors that this one lurks.
    Hello,
    /// Tell the monitors that this one pings.
    Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Quiet until then, or until a ping moves it.
    Lurking { until_ms: i64 },
    /// The next ping is due then.
    Pinging { next_ms: i64, rivalry: Rivalry },
}

/// The clock of one monitor in one network. See the module's text.
#[derive(Debug)]
pub struct Clock {
    own: Peer,
    random: Random,
    state: State,
    /// Whose ping was heard last, and when.
    leader: Option<(Peer, i64)>,
    foreign: Foreign,
    /// When the next hello is due.
    hello_ms: Option<i64>,
    /// When an answer to a hello is due, and when the last was given.
    clock_ms: Option<i64>,
    clock_last_ms: i64,
    /// Until when others are taken to listen.
    company_ms: i64,
    last_ping_ms: Option<i64>,
}

impl Clock {
    /// A monitor that starts at `now_ms`.
    pub fn new(own: Peer, mut random: Random, now_ms: i64) -> Self {
        let listen_ms = (SILENT_PERIODS * own.period_ms).min(LISTEN_MS_MAX);
        let wait_ms = listen_ms + back_off_ms(&mut random, own.period_ms.min(LISTEN_MS_MAX));
        Self {
            own,
            random,
            state: State::Lurking { until_ms: now_ms + wait_ms as i64 },
            leader: None,
            foreign: Foreign::default(),
            hello_ms: Some(now_ms),
            clock_ms: None,
            clock_last_ms: i64::MIN / 2,
            company_ms: i64::MIN,
            last_ping_ms: None,
        }
    }

    /// Whether this one pings.
    pub fn is_pinging(&self) -> bool {
        matches!(self.state, State::Pinging { .. })
    }

    /// Who this one is.
    pub fn own(&self) -> Peer {
        self.own
    }

    /// Whose ping (of monitors that say who they are) was heard last, while this one lurks.
    pub fn leader(&self) -> Option<Peer> {
        self.leader.map(|(peer, _)| peer)
    }

    /// Whether other monitors listen, so that it is worth telling them what was heard.
    pub fn has_company(&self, now_ms: i64) -> bool {
        now_ms <= self.company_ms
    }

    /// Whether a foreign monitor pinged within the last silence, so that answers nobody here asked for make sense.
    pub fn hears_foreign(&self, now_ms: i64) -> bool {
        self.foreign.is_heard(now_ms, self.silence_ms(self.own.period_ms))
    }

    /// When this one pinged last.
    pub fn last_ping_ms(&self) -> Option<i64> {
        self.last_ping_ms
    }

    /// A ping of a monitor, or its word that it pings.
    pub fn heard_ping(&mut self, now_ms: i64, from: Peer) {
        if from.id == self.own.id {
            return;
        }
        match &mut self.state {
            // Too slow a clock for this one: it will be interrupted, and gives way then.
            State::Lurking { .. } if from.period_ms > self.own.period_ms => {}
            State::Lurking { .. } => self.follow(now_ms, from),
            State::Pinging { .. } if goes_before(from, self.own) => self.follow(now_ms, from),
            State::Pinging { rivalry, .. } => {
                rivalry.is_heard = true;
                let is_deaf = rivalry.pings >= PATIENCE_PINGS && from.period_ms <= self.own.period_ms;
                // It is about to lurk, and will want to hear.
                self.company(now_ms, from.period_ms);
                if is_deaf {
                    self.follow(now_ms, from);
                }
            }
        }
    }

    /// A monitor lurks.
    pub fn heard_hello(&mut self, now_ms: i64, from: Peer) {
        if from.id == self.own.id {
            return;
        }
        self.company(now_ms, from.period_ms);
        if self.is_pinging() {
            self.clock_ms.get_or_insert(now_ms.max(self.clock_last_ms + CLOCK_MS_MIN));
        }
    }

    /// A monitor that pinged stops. Only whom this one follows can end the wait.
    pub fn heard_leave(&mut self, now_ms: i64, from: Peer) {
        let Some((leader, last_ms)) = self.leader.filter(|(leader, _)| leader.id == from.id) else { return };
        if self.is_pinging() {
            return;
        }
        self.leader = None;
        let due_ms = now_ms.max(last_ms + leader.period_ms as i64);
        let back_off_ms = back_off_ms(&mut self.random, leader.period_ms);
        self.state = State::Lurking { until_ms: due_ms + back_off_ms as i64 };
    }

    /// A ping of a monitor that does not say who it is.
    pub fn heard_foreign(&mut self, now_ms: i64, address: IpAddr) {
        self.foreign.ping(now_ms, address);
        self.weigh_foreign(now_ms);
    }

    /// Answers of probes that this one did not ask, and no monitor passed on.
    pub fn overheard(&mut self, now_ms: i64) {
        self.foreign.answer(now_ms);
        self.weigh_foreign(now_ms);
    }

    /// What is to be done now; to be called until it is nothing, and again at [`Clock::wake_ms`]. What has arrived by
    /// then must have been told before: whoever was held up must not take the silence for real.
    pub fn due(&mut self, now_ms: i64) -> Option<Action> {
        if self.state.due_ms() <= now_ms {
            return Some(self.ping(now_ms));
        }
        if self.clock_ms.is_some_and(|at| at <= now_ms) {
            self.clock_ms = None;
            self.clock_last_ms = now_ms;
            return self.is_pinging().then_some(Action::Clock);
        }
        if self.hello_ms.is_some_and(|at| at <= now_ms) {
            self.hello_ms = Some(now_ms + self.hello_every_ms());
            return Some(Action::Hello);
        }
        None
    }

    /// When [`Clock::due`] is to be called at the latest.
    pub fn wake_ms(&self) -> i64 {
        [self.hello_ms, self.clock_ms].into_iter().flatten().fold(self.state.due_ms(), i64::min)
    }

    fn ping(&mut self, now_ms: i64) -> Action {
        let period_ms = self.own.period_ms as i64;
        let (due_ms, rivalry) = match self.state {
            State::Pinging { next_ms, rivalry } => (next_ms, rivalry.after_ping()),
            State::Lurking { .. } => (now_ms, Rivalry::default()),
        };
        // Whoever was held up for long does not make up for it.
        let from_ms = if now_ms - due_ms < period_ms { due_ms } else { now_ms };
        self.state = State::Pinging { next_ms: from_ms + period_ms, rivalry };
        self.hello_ms = None;
        self.last_ping_ms = Some(now_ms);
        Action::Ping
    }

    /// Lurks behind a monitor.
    fn follow(&mut self, now_ms: i64, leader: Peer) {
        let is_new = self.is_pinging() || self.leader.is_none_or(|(known, _)| known.id != leader.id);
        self.leader = Some((leader, now_ms));
        self.lurk(now_ms, leader.period_ms);
        if is_new {
            // Not all at once.
            self.hello_ms = Some(now_ms + self.random.below(leader.period_ms) as i64);
        }
    }

    fn lurk(&mut self, now_ms: i64, period_ms: u64) {
        let back_off_ms = back_off_ms(&mut self.random, period_ms);
        self.state = State::Lurking { until_ms: now_ms + self.silence_ms(period_ms) + back_off_ms as i64 };
    }

    fn weigh_foreign(&mut self, now_ms: i64) {
        if self.foreign.is_clock(now_ms, self.silence_ms(self.own.period_ms)) {
            self.lurk(now_ms, self.own.period_ms);
        }
    }

    fn company(&mut self, now_ms: i64, period_ms: u64) {
        self.company_ms = self.company_ms.max(now_ms + (COMPANY_PERIODS * period_ms) as i64);
    }

    fn silence_ms(&self, period_ms: u64) -> i64 {
        (SILENT_PERIODS * period_ms) as i64
    }

    fn hello_every_ms(&self) -> i64 {
        let listen_ms = (SILENT_PERIODS * self.own.period_ms).min(LISTEN_MS_MAX);
        match self.leader {
            Some((leader, _)) => ((HELLO_PERIODS * leader.period_ms) as i64).max(HELLO_MS_MIN),
            None => listen_ms.div_ceil(HELLOS_AT_START) as i64,
        }
    }
}

impl State {
    fn due_ms(self) -> i64 {
        match self {
            Self::Lurking { until_ms } => until_ms,
            Self::Pinging { next_ms, .. } => next_ms,
        }
    }
}

fn goes_before(a: Peer, b: Peer) -> bool {
    (a.period_ms, a.id) < (b.period_ms, b.id)
}

/// A random time within a period of which few are short: the density grows exponentially (Nonnenmacher and Biersack,
/// *Scalable Feedback for Large Groups*, 1999), so that of `CROWD` monitors about one is early, and of two they are
/// seldom close. A uniform time would let a part of the crowd ping within the first network delay.
fn back_off_ms(random: &mut Random, period_ms: u64) -> u64 {
    let chance = (1.0 - random.unit()).ln() / CROWD.ln();
    (period_ms as f64 * (1.0 + chance).max(0.0)) as u64
}

#[cfg(test)]
mod tests;
