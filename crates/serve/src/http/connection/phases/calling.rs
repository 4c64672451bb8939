//! From a request to its answer.

use super::{Phase, Step};
use crate::http::answer::Manner;
use crate::http::call::Received;
use crate::http::connection::{Connection, Inner};
use crate::http::shared::Shared;
use crate::http::turns::{Hand, LONG, Lane};
use http::Method;
use std::sync::Arc;
use std::time::Instant;

impl Inner {
    pub(super) fn begin(
        &mut self,
        received: Received,
        connection: &Arc<Connection>,
        shared: &Arc<Shared>,
        hand: &mut Hand,
    ) -> Step {
        connection.limit(None, shared, hand);
        let (lane, shape) = received.lane(shared);
        let mut turns = shared.turns();
        if !turns.begin(lane, hand) {
            self.phase = Phase::PutOff(Box::new(received), shape);
            turns.put_off(lane, connection.clone());
            return Step::PutOff;
        }
        drop(turns);
        self.call(received, (lane, shape), connection, shared, hand)
    }

    pub(super) fn resume(
        &mut self,
        connection: &Arc<Connection>,
        shared: &Arc<Shared>,
        hand: &mut Hand,
    ) -> Step {
        let Phase::PutOff(received, shape) = std::mem::replace(&mut self.phase, Phase::Receiving) else {
            return Step::Go;
        };
        shared.turns().resume(hand);
        if self.is_hung_up {
            end_call(shared, hand);
            return Step::End;
        }
        self.call(*received, (Lane::Quick, shape), connection, shared, hand)
    }

    pub(super) fn call(
        &mut self,
        received: Received,
        (lane, shape): (Lane, u64),
        connection: &Arc<Connection>,
        shared: &Arc<Shared>,
        hand: &mut Hand,
    ) -> Step {
        let mut manner = Manner {
            stays: received.head.stays,
            is_old: received.head.is_old,
            is_head_only: received.head.method == Method::HEAD,
        };
        let gone = connection.gone(self.is_hung_up);
        let response =
            guarded(shared, hand, (lane != Lane::Brief).then_some(shape), || received.answer(shared, gone));
        manner.stays &= !shared.is_stopping();
        self.respond(response, manner, shared);
        Step::Go
    }
}

/// Does what may take long, with somebody to take the lead then. What counts as a call is over afterwards.
pub(super) fn guarded<T>(
    shared: &Arc<Shared>,
    hand: &mut Hand,
    shape: Option<u64>,
    work: impl FnOnce() -> T,
) -> T {
    let (led, started) = (hand.leads, Instant::now());
    if led {
        shared.alarm.set(LONG);
    }
    let done = work();
    if let Some(shape) = shape {
        shared.known.learn(shape, started.elapsed() >= LONG);
    }
    end_call(shared, hand);
    if led && hand.leads {
        shared.alarm.unset();
    }
    done
}

fn end_call(shared: &Shared, hand: &mut Hand) {
    // Whoever leads looks for what is ready when it has done with this; who leads elsewhere is to be told.
    let has_next = shared.turns().end(hand);
    if has_next && !hand.leads {
        shared.poke();
    }
}
