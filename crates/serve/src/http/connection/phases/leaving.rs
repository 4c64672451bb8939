//! From an answer to bytes.

use super::calling::guarded;
use super::{Phase, Step, Then};
use crate::exchange::{Body, Events, Response};
use crate::http::answer::{Manner, Outgoing};
use crate::http::connection::{Connection, Inner};
use crate::http::shared::{NEVER_MS, Shared};
use crate::http::socket::Got;
use crate::http::streaming::Streaming;
use crate::http::turns::{Hand, Lane};
use std::sync::Arc;
use std::time::Duration;

/// What is still taken of a body that was refused, and for how long: a connection that is closed before the client has sent
/// all of it loses the answer on the way.
const LINGER_BYTES_MAX: usize = 1 << 20;
const LINGER: Duration = Duration::from_secs(2);

impl Inner {
    pub(super) fn respond(&mut self, mut response: Response, mut manner: Manner, shared: &Shared) {
        let events = match std::mem::replace(&mut response.body, Body::Static(b"")) {
            Body::Events(events) if !manner.is_head_only => Some(events),
            body => {
                response.body = body;
                None
            }
        };
        let Some(events) = events else {
            self.outgoing = Outgoing::of(response, manner);
            self.phase = Phase::Sending(if manner.stays { Then::Receive } else { Then::End });
            return;
        };
        manner.stays &= !manner.is_old;
        let streaming = Streaming::new(events, shared.now_ms(), manner);
        response.body = Body::Events(Events { every: Duration::MAX, next: Box::new(|| None) });
        self.outgoing = Outgoing::of(response, manner);
        self.phase = Phase::Sending(Then::Stream(Box::new(streaming)));
    }

    pub(super) fn send(&mut self, connection: &Connection, shared: &Shared, hand: &Hand) -> Step {
        let mut has_sent = connection.deadline_ms() == NEVER_MS;
        while !self.outgoing.is_over() {
            match self.socket.write(self.outgoing.slices()) {
                Ok(0) => return self.wait_to_send(has_sent, connection, shared, hand),
                Ok(count) => {
                    self.outgoing.sent(count);
                    has_sent = true;
                }
                Err(_) => return Step::End,
            }
        }
        match self.socket.flush() {
            Ok(true) => {}
            Ok(false) => return self.wait_to_send(has_sent, connection, shared, hand),
            Err(_) => return Step::End,
        }
        self.outgoing = Outgoing::default();
        match std::mem::replace(&mut self.phase, Phase::Receiving) {
            Phase::Sending(Then::Stream(streaming)) => {
                connection.limit(None, shared, hand);
                self.phase = Phase::Streaming(streaming);
            }
            Phase::Sending(Then::Receive) => {
                let is_body = self.receiver.is_within_body();
                let time = if is_body { shared.options.body_timeout } else { shared.options.head_timeout };
                connection.limit(Some(time), shared, hand);
            }
            Phase::Sending(Then::End) if !self.can_read && !self.receiver.is_within() => return Step::End,
            _ => {
                self.socket.finish();
                connection.limit(Some(LINGER), shared, hand);
                self.phase = Phase::Lingering(LINGER_BYTES_MAX);
            }
        }
        Step::Go
    }

    // Who takes a little now and then may go on.
    pub(super) fn wait_to_send(
        &self,
        has_sent: bool,
        connection: &Connection,
        shared: &Shared,
        hand: &Hand,
    ) -> Step {
        if has_sent {
            connection.limit(Some(shared.options.body_timeout), shared, hand);
        }
        Step::Wait
    }

    pub(super) fn stream(
        &mut self,
        connection: &Arc<Connection>,
        shared: &Arc<Shared>,
        hand: &mut Hand,
    ) -> Step {
        // What a client says meanwhile is of no interest but for its end.
        if let Step::End = self.discard(&mut { usize::MAX }) {
            return Step::End;
        }
        let Phase::Streaming(streaming) = &mut self.phase else { return Step::Go };
        let now_ms = shared.now_ms();
        let piece = if shared.is_stopping() {
            None
        } else if !streaming.is_due(now_ms) {
            if let Some(at_ms) = streaming.schedule() {
                shared.beat(at_ms, connection.token, hand);
            }
            return Step::Wait;
        } else if !shared.turns().begin(Lane::Quick, hand) {
            // Everybody is busy: a beat is left out.
            streaming.skip(now_ms);
            return Step::Go;
        } else {
            guarded(shared, hand, None, || streaming.piece(now_ms))
        };
        let Phase::Streaming(streaming) = std::mem::replace(&mut self.phase, Phase::Receiving) else {
            return Step::Go;
        };
        let (framed, then) = match piece {
            Some(piece) => (streaming.framed(piece), Then::Stream(streaming)),
            None => (streaming.last(), if streaming.stays(shared) { Then::Receive } else { Then::End }),
        };
        self.outgoing = Outgoing::raw(framed);
        self.phase = Phase::Sending(then);
        Step::Go
    }

    pub(super) fn linger(&mut self) -> Step {
        let Phase::Lingering(mut left) = self.phase else { return Step::Go };
        let step = self.discard(&mut left);
        self.phase = Phase::Lingering(left);
        step
    }

    /// Reads and throws away, at most so many bytes.
    pub(super) fn discard(&mut self, left: &mut usize) -> Step {
        if !self.can_read {
            return Step::Wait;
        }
        let mut scratch = Vec::with_capacity(16 << 10);
        while *left > 0 {
            scratch.clear();
            match self.socket.read(&mut scratch) {
                Ok(Got::Bytes(count, _)) => *left = left.saturating_sub(count),
                Ok(Got::Nothing) => {
                    self.can_read = false;
                    return Step::Wait;
                }
                Ok(Got::End) | Err(_) => return Step::End,
            }
        }
        Step::End
    }
}
