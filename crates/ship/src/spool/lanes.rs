//! Two lanes: what is measured now, and what waits since an outage. The fresh lane goes first, so that pages and rules
//! see the present as soon as a server is back; the backlog follows behind it. Within each lane the order is kept.
//!
//! A segment is a stream, and its end is the seam: the lanes part by ending the active segment, so that no stream is ever
//! sent from two places. They part when a server takes something though much waits behind it, as after an outage and on a
//! link that is too slow, and when the agent starts with segments of an earlier run.

use super::Spool;
use super::segment::Segment;

/// What may wait without becoming backlog, in bytes: a few requests' worth. Each parting costs a new dictionary, and a
/// segment's place in memory.
const LAG_BYTES_MAX: u64 = 128 << 10;

/// See the module's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Measured since a server was last there.
    Fresh,
    /// Left from before.
    Backlog,
}

impl Spool {
    /// A server takes what we send: what still waits becomes backlog, unless it is little.
    pub(crate) fn part_lanes(&mut self) {
        let waiting: u64 =
            self.segments.iter().filter(|s| self.is_fresh(s)).map(Segment::pending_bytes).sum();
        if waiting > LAG_BYTES_MAX {
            self.end_stream();
            self.fresh_from = self.number_last + 1;
            self.trim();
        }
    }

    /// Whether something of the fresh lane waits.
    pub(crate) fn has_fresh(&self) -> bool {
        self.first_of(Lane::Fresh).is_some()
    }

    /// The first segment of a lane that is not kept as a whole.
    pub(super) fn first_of(&self, lane: Lane) -> Option<usize> {
        let fresh = lane == Lane::Fresh;
        self.segments.iter().position(|s| self.is_fresh(s) == fresh && !s.is_done())
    }

    /// Bytes that wait in the backlog, roughly.
    pub(super) fn backlog_bytes(&self) -> u64 {
        self.segments.iter().filter(|s| !self.is_fresh(s)).map(Segment::pending_bytes).sum()
    }

    fn is_fresh(&self, segment: &Segment) -> bool {
        segment.number >= self.fresh_from
    }
}
