//! What the aggregator counts on its way. Plain numbers, because a shared counter costs more than a line; they are added to
//! the shared ones now and then.

use super::telemetry;
use crate::service::Peer;
use std::fmt::{self, Write};

/// Longest text of a refusal, in bytes.
const REFUSAL_BYTES_MAX: usize = 300;

/// Counts since they were last taken away.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// Measurements taken; several values in one are one.
    pub(crate) samples: u64,
    pub(crate) refused: u64,
    pub(crate) events: u64,
    /// Refused because there was no room.
    pub(crate) overflown: u64,
    /// Rows or samples that could not be handed on.
    pub(crate) lost: u64,
    /// Rows of the last flush.
    pub(crate) rows: u64,
    /// Why the last flush was not taken whole; empty when it was.
    pub(crate) failed: String,
    /// The first refusal since the last flush, for people; empty when there was none.
    pub(crate) refusal: String,
    /// Refusals since the last flush.
    pub(crate) refused_now: u64,
    /// Events since the last flush.
    pub(crate) events_now: u64,
    /// Refused for want of room since the last flush.
    pub(crate) overflown_now: u64,
}

impl Tally {
    /// Counts a line that was refused; words are only made for the first.
    pub(crate) fn refuse(&mut self, line: usize, peer: Peer, reason: &dyn fmt::Display) {
        self.refuse_again();
        if self.refusal.is_empty() {
            let from = peer.map_or_else(String::new, |peer| format!(" from {peer}"));
            let _infallible = write!(self.refusal, "line {line}{from}: {reason}");
            let mut ends = (0..=REFUSAL_BYTES_MAX.min(self.refusal.len())).rev();
            let end = ends.find(|at| self.refusal.is_char_boundary(*at)).unwrap_or(0);
            self.refusal.truncate(end);
        }
    }

    /// Counts a line that was refused for a reason that was told before.
    pub(crate) fn refuse_again(&mut self) {
        self.refused += 1;
        self.refused_now += 1;
    }

    /// Counts a line that was refused for want of room.
    pub(crate) fn overflow(&mut self) {
        self.overflown += 1;
        self.overflown_now += 1;
    }

    /// Adds the counts to the shared ones, where they begin anew.
    pub(crate) fn publish(&mut self) {
        let take = std::mem::take;
        telemetry::PACKETS.add(take(&mut self.packets));
        telemetry::BYTES.add(take(&mut self.bytes));
        telemetry::SAMPLES.add(take(&mut self.samples));
        telemetry::REFUSED.add(take(&mut self.refused));
        telemetry::EVENTS.add(take(&mut self.events));
        telemetry::OVERFLOWN.add(take(&mut self.overflown));
        telemetry::LOST.add(take(&mut self.lost));
    }

    /// A flush is over, and its problems have been told.
    pub(crate) fn begin_interval(&mut self) {
        self.refusal.clear();
        (self.refused_now, self.events_now, self.overflown_now) = (0, 0, 0);
    }

    /// What was wrong since the last flush, for people; empty when nothing was.
    pub(crate) fn problem(&self) -> String {
        let mut problem = String::new();
        if !self.failed.is_empty() {
            let _infallible = write!(problem, "not all was taken: {}", self.failed);
        }
        if self.refused_now > 0 {
            let separator = if problem.is_empty() { "" } else { "; " };
            let (count, first) = (self.refused_now, &self.refusal);
            let _infallible =
                write!(problem, "{separator}{count} refused since the last flush, the first {first}");
        }
        problem
    }
}
