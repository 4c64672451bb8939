//! What a connection is in the middle of, and how it goes on.

mod arriving;
mod calling;
mod leaving;

use super::super::call::{Received, too_slow};
use super::super::shared::Shared;
use super::super::streaming::Streaming;
use super::super::turns::Hand;
use super::{Connection, Inner, LATE, STOP};
use crate::telemetry;
use std::sync::Arc;

/// So often one connection is read before others have their turn.
const READS_MAX: usize = 64;

/// See the module's text.
pub(super) enum Phase {
    /// TLS may follow, or not.
    Greeting,
    Shaking,
    Receiving,
    /// A call whose turn has not come.
    PutOff(Box<Received>, u64),
    Sending(Then),
    Streaming(Box<Streaming>),
    /// Answered; so many bytes more are taken and thrown away.
    Lingering(usize),
}

/// What follows when everything is sent.
pub(super) enum Then {
    Receive,
    Stream(Box<Streaming>),
    Linger,
    End,
}

/// How it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// At once.
    Go,
    /// When something happens.
    Wait,
    /// When it is its turn.
    PutOff,
    /// After others.
    Again,
    End,
}

impl Inner {
    /// Goes on until there is something to wait for.
    pub(super) fn go_on(
        &mut self,
        connection: &Arc<Connection>,
        flags: u32,
        shared: &Arc<Shared>,
        hand: &mut Hand,
    ) -> Step {
        if flags & LATE != 0 && connection.is_late(shared) && !self.is_borne(connection, shared, hand) {
            return Step::End;
        }
        if flags & STOP != 0 && matches!(self.phase, Phase::Greeting | Phase::Shaking) {
            return Step::End;
        }
        let mut reads = READS_MAX;
        loop {
            let step = match &mut self.phase {
                Phase::Greeting => self.greet(shared),
                Phase::Shaking => self.shake(),
                Phase::Receiving => self.receive(connection, shared, hand, &mut reads),
                Phase::PutOff(..) => self.resume(connection, shared, hand),
                Phase::Sending(_) => self.send(connection, shared, hand),
                Phase::Streaming(_) => self.stream(connection, shared, hand),
                Phase::Lingering(_) => self.linger(),
            };
            if step != Step::Go {
                return step;
            }
        }
    }

    /// Its time is over: whether it may live a little longer.
    fn is_borne(&mut self, connection: &Arc<Connection>, shared: &Shared, hand: &Hand) -> bool {
        match &self.phase {
            Phase::Receiving if self.receiver.is_within_body() => {
                self.refuse(too_slow(), connection, shared, hand);
                return true;
            }
            Phase::Greeting | Phase::Receiving => telemetry::IDLE.add(1),
            Phase::Shaking => telemetry::REFUSED_HANDSHAKES.add(1),
            // The client may have taken something that we were too busy to see.
            Phase::Sending(_) => {
                let step = self.send(connection, shared, hand);
                if step != Step::End && !connection.is_late(shared) {
                    return true;
                }
                telemetry::UNREAD.add(1);
            }
            Phase::PutOff(..) | Phase::Streaming(_) | Phase::Lingering(_) => {}
        }
        false
    }
}
