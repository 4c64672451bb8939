//! What went through each door: counts, who came last, and the last bad inputs, for the page that shows the way of the data.

use crate::http::HttpPush;
use crate::telemetry::Counters;
use model::{Position, PushError, Report};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many bad inputs are remembered of each door.
pub const BAD_INPUTS_MAX: usize = 20;
/// How many of these one request may take, so that one sender does not push out all others.
const BAD_INPUTS_PER_REQUEST_MAX: usize = 3;
/// Longest excerpt of a bad line, in bytes.
const EXCERPT_BYTES_MAX: usize = 200;
/// Longest sender's name that is kept, in bytes.
const PROGRAM_BYTES_MAX: usize = 100;

/// What went through a door since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DoorStats {
    /// The protocol's name.
    pub protocol: &'static str,
    /// Requests.
    pub requests: u64,
    /// Bytes of their bodies, unpacked.
    pub body_bytes: u64,
    /// Samples taken.
    pub samples: u64,
    /// Lines, items or samples refused.
    pub rejected: u64,
    /// Parts left out on purpose (text fields, exemplars …).
    pub skipped: u64,
    /// Requests that were sent away because nothing could be stored at that time.
    pub deferred: u64,
    /// When the last request came, Unix milliseconds.
    pub last_ms: Option<i64>,
    /// Who sent it.
    pub last_peer: Option<IpAddr>,
    /// With which program, as its `User-Agent` says.
    pub last_program: String,
    /// The last refusals, the newest last.
    pub bad: Vec<BadInput>,
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput {
    /// When, Unix milliseconds.
    pub time_ms: i64,
    /// Who sent it.
    pub peer: Option<IpAddr>,
    /// Where in the body.
    pub position: Position,
    /// Why.
    pub reason: String,
    /// The start of the line, when the position is a line.
    pub excerpt: String,
}

/// A door's counts in the making.
pub(crate) struct Door {
    pub(crate) protocol: &'static str,
    counters: &'static Counters,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stats: DoorStats,
    bad: VecDeque<BadInput>,
}

impl Door {
    pub(crate) fn new(counters: &'static Counters) -> Self {
        let protocol = counters.protocol;
        let state = State { stats: DoorStats { protocol, ..Default::default() }, bad: VecDeque::new() };
        Self { protocol, counters, state: Mutex::new(state) }
    }

    pub(crate) fn stats(&self) -> DoorStats {
        let state = self.lock();
        DoorStats { bad: state.bad.iter().cloned().collect(), ..state.stats.clone() }
    }

    /// Counts a request that was answered with this report.
    pub(crate) fn count(&self, push: &HttpPush<'_>, now_ms: i64, report: &Report) {
        self.counters.samples.add(report.accepted);
        self.counters.rejected.add(report.rejected);
        self.counters.skipped.add(report.skipped);
        let mut state = self.arrived(push, now_ms);
        state.stats.samples += report.accepted;
        state.stats.rejected += report.rejected;
        state.stats.skipped += report.skipped;
        for rejection in report.reasons.iter().take(BAD_INPUTS_PER_REQUEST_MAX) {
            state.remember(BadInput {
                time_ms: now_ms,
                peer: push.peer,
                position: rejection.position,
                reason: rejection.reason.clone(),
                excerpt: excerpt(push.body, rejection.position),
            });
        }
    }

    /// Counts a request that must come again.
    pub(crate) fn count_deferred(&self, push: &HttpPush<'_>, now_ms: i64, error: &PushError) {
        self.counters.deferred.add(1);
        let mut state = self.arrived(push, now_ms);
        state.stats.deferred += 1;
        let (position, reason) = (Position::Whole, error.to_string());
        state.remember(BadInput {
            time_ms: now_ms,
            peer: push.peer,
            position,
            reason,
            excerpt: String::new(),
        });
    }

    fn arrived(&self, push: &HttpPush<'_>, now_ms: i64) -> MutexGuard<'_, State> {
        let body_bytes = push.body.len() as u64;
        self.counters.requests.add(1);
        self.counters.body_bytes.add(body_bytes);
        let program = (push.header)("user-agent").unwrap_or_default();
        let mut state = self.lock();
        let stats = &mut state.stats;
        stats.requests += 1;
        stats.body_bytes += body_bytes;
        stats.last_ms = Some(now_ms);
        stats.last_peer = push.peer;
        stats.last_program = start_of(&program, PROGRAM_BYTES_MAX).to_owned();
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remember(&mut self, bad: BadInput) {
        if self.bad.len() == BAD_INPUTS_MAX {
            self.bad.pop_front();
        }
        self.bad.push_back(bad);
    }
}

/// The start of the line at a position, made printable.
fn excerpt(body: &[u8], position: Position) -> String {
    let Position::Line(number) = position else { return String::new() };
    let line = body.split(|byte| *byte == b'\n').nth(number.saturating_sub(1)).unwrap_or_default();
    let text = String::from_utf8_lossy(&line[..line.len().min(EXCERPT_BYTES_MAX)]);
    text.trim_end().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// At most `len_max` bytes of a text, cut between characters.
fn start_of(text: &str, len_max: usize) -> &str {
    let end = (0..=len_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}
