//! From a door to the sink. Samples are gathered until there are enough or a moment has passed; what the sink cannot take
//! now is kept, and then the door takes nothing more: senders feel that as a connection that is slow, and lose nothing.

use crate::doors::Place;
use crate::service::{Peer, Told};
use crate::telemetry::Taken;
use model::{Batch, PushError, Report};
use std::fmt;
use std::time::Instant;
use wire::Context;

/// Samples that are handed on at once.
const ROWS_MAX: usize = 8192;
/// How long samples wait for more to come, in milliseconds.
const LINGER_MS: i64 = 100;
/// How often it is tried again when the sink said not now, in milliseconds.
const RETRY_MS: i64 = 100;
/// Memory that series may take before all are forgotten, in bytes; those that come again are then named anew.
const SERIES_BYTES_MAX: usize = 64 << 20;
/// How long a refusal is told, in milliseconds.
const TELL_MS: i64 = 60_000;

/// See the module's text.
pub(crate) struct Intake {
    place: Place,
    counters: &'static Taken,
    batch: Batch,
    /// The decoder does not remember series, so the batch need not either.
    forgets: bool,
    told: Told,
    /// When the batch is to be handed on.
    due_ms: Option<i64>,
    /// Why the sink does not take the batch; empty when it does.
    busy: String,
    refused: u64,
    /// Refused since it was last told, and the first of them.
    first_refusal: String,
    /// What is told of refusals.
    shown: String,
    told_since_ms: i64,
}

impl Intake {
    pub(crate) fn new(place: Place, counters: &'static Taken) -> Self {
        Self {
            place,
            counters,
            batch: Batch::new(),
            forgets: false,
            told: Told::default(),
            due_ms: None,
            busy: String::new(),
            refused: 0,
            first_refusal: String::new(),
            shown: String::new(),
            told_since_ms: i64::MIN,
        }
    }

    /// For decoders that do not remember which series they have named.
    pub(crate) fn forgetful(self) -> Self {
        Self { forgets: true, ..self }
    }

    /// The present, Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.place.clock.now_ms()
    }

    /// Lets `decode` add samples, and counts what it says.
    pub(crate) fn take(
        &mut self,
        peer: Peer,
        decode: impl FnOnce(&Context<'_>, &mut Batch) -> Report,
    ) -> Report {
        let now_ms = self.now_ms();
        let context = Context { host_default: &self.place.options.host, ..Context::at(now_ms) };
        let report = decode(&context, &mut self.batch);
        self.count(&report, peer);
        self.told.last_ms = Some(now_ms);
        if self.batch.len() >= ROWS_MAX && self.busy.is_empty() {
            self.push(now_ms);
        } else if !self.batch.is_empty() {
            self.due_ms.get_or_insert(now_ms + LINGER_MS);
        }
        report
    }

    fn count(&mut self, report: &Report, peer: Peer) {
        self.counters.skipped.add(report.skipped);
        self.counters.refused.add(report.rejected);
        self.refused += report.rejected;
        if let Some(first) = report.reasons.first().filter(|_| self.first_refusal.is_empty()) {
            self.first_refusal = from(peer, &format_args!("{}: {}", first.position, first.reason));
        }
    }

    /// Counts something that was refused before it came to a decoder.
    pub(crate) fn refuse(&mut self, peer: Peer, reason: &dyn fmt::Display) {
        self.counters.refused.add(1);
        self.refused += 1;
        if self.first_refusal.is_empty() {
            self.first_refusal = from(peer, reason);
        }
    }

    /// Whether nothing more is to be taken now.
    pub(crate) fn is_full(&self) -> bool {
        !self.busy.is_empty() && self.batch.len() >= ROWS_MAX
    }

    /// Hands on what has waited long enough; when to be called again.
    pub(crate) fn tick(&mut self, now_ms: i64) -> Option<i64> {
        // A clock that was set back leaves times in a future far away.
        if self.due_ms.is_some_and(|due| now_ms >= due || due - now_ms > LINGER_MS.max(RETRY_MS)) {
            self.push(now_ms);
        }
        self.tell(now_ms);
        self.due_ms
    }

    /// Hands on what there is, the last time.
    pub(crate) fn stop(&mut self, now_ms: i64) {
        self.push(now_ms);
        if !self.batch.is_empty() {
            self.counters.lost.add(self.batch.len() as u64);
            self.batch.clear();
        }
    }

    fn push(&mut self, now_ms: i64) {
        self.due_ms = None;
        if self.batch.is_empty() {
            return;
        }
        let started = Instant::now();
        let pushed = self.place.sink.push(&self.batch);
        self.busy.clear();
        match pushed {
            Ok(receipt) => {
                self.counters.samples.add(receipt.report.accepted);
                self.told.samples = receipt.report.accepted;
                self.count(&receipt.report, None);
            }
            Err(PushError::Busy(why)) => {
                self.counters.deferred.add(1);
                self.busy = format!("not all is taken now: {why}");
                self.due_ms = Some(now_ms + RETRY_MS);
                return;
            }
            Err(PushError::Failed(why)) => {
                self.counters.lost.add(self.batch.len() as u64);
                self.refuse(None, &format_args!("writing failed: {why}"));
            }
        }
        self.told.took_us = started.elapsed().as_micros() as u64;
        if self.batch.memory_bytes() > SERIES_BYTES_MAX {
            self.batch = Batch::new();
        }
        match self.forgets {
            true => self.batch.clear(),
            false => self.batch.clear_rows(),
        }
    }

    /// Says what was refused at once, then for a while.
    fn tell(&mut self, now_ms: i64) {
        let is_over = now_ms.saturating_sub(self.told_since_ms).saturating_abs() >= TELL_MS;
        if self.refused > 0 && (is_over || self.shown.is_empty()) {
            let first = std::mem::take(&mut self.first_refusal);
            self.shown = format!("{} refused, the first {first}", std::mem::take(&mut self.refused));
            self.told_since_ms = now_ms;
        } else if is_over {
            self.shown.clear();
        }
        self.told.problem.clone_from(if self.busy.is_empty() { &self.shown } else { &self.busy });
    }

    pub(crate) fn told(&self) -> Told {
        self.told.clone()
    }
}

fn from(peer: Peer, reason: &dyn fmt::Display) -> String {
    peer.map_or_else(|| reason.to_string(), |peer| format!("from {}: {reason}", peer.ip()))
}
