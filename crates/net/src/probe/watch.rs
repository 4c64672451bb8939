//! The stopwatch of a probe.

use crate::Error;
use std::fmt;
use std::time::{Duration, Instant};

/// What a probe waits for, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The addresses of the name.
    Dns,
    /// The connection.
    Connect,
    /// The handshake of TLS.
    Tls,
    /// The first byte of the answer, from when the request is sent.
    FirstByte,
    /// The rest of the answer.
    Transfer,
}

/// Every phase, in order.
pub const PHASES: [Phase; 5] = [Phase::Dns, Phase::Connect, Phase::Tls, Phase::FirstByte, Phase::Transfer];

impl Phase {
    /// Its name in snake case.
    pub fn as_str(self) -> &'static str {
        ["dns", "connect", "tls", "first_byte", "transfer"][self as usize]
    }

    /// What is waited for, in words.
    fn words(self) -> &'static str {
        ["an address", "a connection", "the TLS handshake", "the first byte", "the end of the answer"]
            [self as usize]
    }
}

/// How long a probe may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub total: Duration,
    /// Each phase, in the order of [`PHASES`]; `None` leaves it to the total.
    pub phases: [Option<Duration>; 5],
}

impl Limits {
    /// Only a limit in all.
    pub fn total(total: Duration) -> Self {
        Self { total, phases: [None; 5] }
    }
}

/// How long each phase took, in the order of [`PHASES`]; `None` for those not gone through.
pub type Times = [Option<Duration>; 5];

/// Why a probe did not get through.
#[derive(Debug)]
pub struct Failure {
    /// Where it ended.
    pub phase: Phase,
    /// Why; `None` when time ran out.
    pub error: Option<Error>,
    /// How much time that was.
    pub limit: Duration,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => error.fmt(f),
            None => write!(f, "waited {:.3} s in vain for {}", self.limit.as_secs_f64(), self.phase.words()),
        }
    }
}

impl std::error::Error for Failure {}

/// Times one probe.
#[derive(Debug, Clone)]
pub struct Watch {
    limits: Limits,
    start: Instant,
    phase: Phase,
    began: Instant,
    times: Times,
}

impl Watch {
    /// Starts now.
    pub fn start(limits: Limits) -> Self {
        let start = Instant::now();
        Self { limits, start, phase: Phase::Dns, began: start, times: Times::default() }
    }

    /// Starts a phase.
    pub(crate) fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.began = Instant::now();
    }

    /// Ends the phase begun last, which went well unless it took too long.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        if now > self.deadline() {
            return Err(self.late());
        }
        let time = self.times[self.phase as usize].get_or_insert_default();
        *time += now - self.began;
        Ok(())
    }

    /// When the phase under way must be over.
    pub fn deadline(&self) -> Instant {
        let total = self.start + self.limits.total;
        match self.limits.phases[self.phase as usize] {
            Some(limit) => total.min(self.began + limit),
            None => total,
        }
    }

    /// The phase under way failed.
    pub(crate) fn failed(&self, error: Error) -> Failure {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        match error {
            Error::Broken(e) if matches!(e.kind(), TimedOut | WouldBlock) => self.late(),
            error => Failure { phase: self.phase, error: Some(error), limit: Duration::ZERO },
        }
    }

    /// The phase under way took too long.
    pub(crate) fn late(&self) -> Failure {
        let total = self.start + self.limits.total;
        let is_total = self.deadline() == total;
        let limit = if is_total {
            self.limits.total
        } else {
            self.limits.phases[self.phase as usize].unwrap_or_default()
        };
        Failure { phase: self.phase, error: None, limit }
    }

    /// How long each phase took; the sum where a phase was gone through several times.
    pub fn times(&self) -> Times {
        self.times
    }

    /// How long it is since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
