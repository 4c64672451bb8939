//! Booking an answer: what is kept is forgotten, what is refused is put aside.

use super::{Cargo, Spool};
use crate::stats::{ACKNOWLEDGED_FRAMES, DROPPED_REFUSED};

/// Answers in a row that may ask one segment to resume, before it counts as refused: a server that forgot the stream
/// asks once, one that never gets a whole frame would ask for ever.
const RESUMES_MAX: u32 = 8;

impl Spool {
    /// All frames before `next` are kept.
    pub(crate) fn keep(&mut self, cargo: &Cargo, next: u64, now_ms: i64) {
        let Some(at) = self.find(cargo.number) else { return };
        if next < cargo.first || (next == cargo.first && cargo.frames() > 0) {
            self.resume(cargo, next, now_ms);
            return;
        }
        let next = next.min(self.segments[at].frames);
        let place = if next == cargo.end.frame { cargo.end } else { self.seek(at, next) };
        let segment = &mut self.segments[at];
        let acknowledged = segment.acknowledged.max(next);
        let fresh = acknowledged - segment.acknowledged;
        segment.acknowledged = acknowledged;
        segment.acknowledged_bytes = segment.acknowledged_bytes.max(place.offset);
        segment.next = place;
        segment.resumes = 0;
        ACKNOWLEDGED_FRAMES.add(fresh);
        self.stats.acknowledged_frames += fresh;
        if self.is_active(at) {
            self.fresh.forget_before(place.offset);
        }
        self.trim();
        self.show(now_ms);
    }

    /// The server wants the stream from `frame` on.
    pub(crate) fn resume(&mut self, cargo: &Cargo, frame: u64, now_ms: i64) {
        let Some(at) = self.find(cargo.number) else { return };
        self.segments[at].resumes += 1;
        if self.segments[at].resumes > RESUMES_MAX {
            self.refuse(cargo, "the server asked for the same frames again and again", now_ms);
            return;
        }
        let frame = frame.min(self.segments[at].frames);
        self.segments[at].next = self.seek(at, frame);
    }

    /// The server will never take the segment: it is put aside and the queue goes on.
    pub(crate) fn refuse(&mut self, cargo: &Cargo, why: &str, now_ms: i64) {
        let Some(at) = self.find(cargo.number) else { return };
        if let Some(segment) = self.take_out(at) {
            self.count_dropped(segment.pending_bytes(), &DROPPED_REFUSED);
            self.set_aside(&segment, why);
        }
        self.show(now_ms);
    }

    /// Deletes segments that are kept as a whole, except the active one. Those of the fresh lane may lie behind others.
    pub(super) fn trim(&mut self) {
        let mut at = 0;
        while at < self.segments.len() {
            if !self.segments[at].is_done() || self.is_active(at) {
                at += 1;
            } else if let Some(segment) = self.segments.remove(at) {
                self.remove_file(&segment);
            }
        }
    }

    /// Whether what is on its way is of the segment made last.
    pub(crate) fn is_newest(&self, cargo: &Cargo) -> bool {
        cargo.number == self.number_last
    }

    /// The place in the queue of the segment with this number; it may have been dropped meanwhile.
    fn find(&self, number: u64) -> Option<usize> {
        self.segments.binary_search_by_key(&number, |s| s.number).ok()
    }
}
