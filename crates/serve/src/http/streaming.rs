//! A stream of pieces that are made at a beat, for as long as the client stays.

use super::answer::Manner;
use super::call::defect;
use super::shared::Shared;
use crate::exchange::Events;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// See the module's text.
pub(super) struct Streaming {
    events: Events,
    next_ms: u64,
    /// Until when somebody sees that it goes on.
    scheduled_ms: Option<u64>,
    manner: Manner,
}

impl Streaming {
    /// The first piece is due at once.
    pub(super) fn new(events: Events, now_ms: u64, manner: Manner) -> Self {
        Self { events, next_ms: now_ms, scheduled_ms: None, manner }
    }

    /// When it goes on, if nobody sees to that yet.
    pub(super) fn schedule(&mut self) -> Option<u64> {
        let is_new = self.scheduled_ms.replace(self.next_ms) != Some(self.next_ms);
        is_new.then_some(self.next_ms)
    }

    pub(super) fn is_due(&self, now_ms: u64) -> bool {
        self.next_ms <= now_ms
    }

    /// Goes on at the first beat after now: those that passed are not made up for.
    pub(super) fn skip(&mut self, now_ms: u64) {
        let every_ms = u64::try_from(self.events.every.as_millis()).unwrap_or(u64::MAX).max(1);
        let passed = now_ms.saturating_sub(self.next_ms) / every_ms;
        self.next_ms = self.next_ms.saturating_add(every_ms.saturating_mul(passed + 1));
    }

    /// The next piece; `None` at the end of the stream, which a defect is too.
    pub(super) fn piece(&mut self, now_ms: u64) -> Option<Vec<u8>> {
        self.skip(now_ms);
        catch_unwind(AssertUnwindSafe(|| (self.events.next)())).unwrap_or_else(|_| {
            defect();
            None
        })
    }

    /// A piece as it is sent; nothing for one that is empty, which would be the end.
    pub(super) fn framed(&self, piece: Vec<u8>) -> Vec<u8> {
        if self.manner.is_old || piece.is_empty() {
            return piece;
        }
        let mut out = Vec::with_capacity(piece.len() + 16);
        let _ = write!(out, "{:x}\r\n", piece.len());
        out.extend_from_slice(&piece);
        out.extend_from_slice(b"\r\n");
        out
    }

    /// What says that it is over.
    pub(super) fn last(&self) -> Vec<u8> {
        if self.manner.is_old { Vec::new() } else { b"0\r\n\r\n".to_vec() }
    }

    /// Whether requests may follow.
    pub(super) fn stays(&self, shared: &Shared) -> bool {
        self.manner.stays && !shared.is_stopping()
    }
}
