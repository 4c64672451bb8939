//! Open-Falcon's manners. Its agents look at little of the answer, so the shapes, spelling and line ends are the
//! original's. Nothing says which item was bad; the doors' statistics do.

use super::{asking_to_retry, refusal};
use crate::admit::{Admitted, Refused};
use crate::{Answer, Doors, HttpPush};
use model::{Position, Report};
use std::cell::Cell;
use wire::TimeUnit;
use wire::protocols::falcon::{self, PROTOCOL, nightingale as lenient, words};
use wire::{Context, json};

/// The agent's `POST /v1/push`
pub(crate) fn agent(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    if push.body.is_empty() {
        return Answer::text(400, words::AGENT_BLANK);
    }
    match take(doors, push, falcon::read) {
        Ok(Some(_)) => Answer::text(200, words::AGENT_TAKEN),
        Ok(None) => Answer::text(400, words::AGENT_UNREADABLE),
        Err(refused) => refused_answer(&refused),
    }
}

/// The transfer's `POST /api/push`
pub(crate) fn transfer(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    if push.body.is_empty() {
        return Answer::text(400, words::TRANSFER_BLANK);
    }
    let start_ms = doors.clock.now_ms();
    match take(doors, push, falcon::read) {
        Ok(Some(admitted)) => {
            let Report { accepted, rejected: invalid, .. } = admitted.decoded;
            let total = accepted + invalid;
            let latency_ms = doors.clock.now_ms().saturating_sub(start_ms).max(0);
            Answer::json(
                200,
                format!(
                    "{{\"msg\":\"success\",\"data\":{{\"Message\":\"ok\",\"Total\":{total},\"Invalid\":{invalid},\"Latency\":{latency_ms}}}}}"
                ),
            )
        }
        Ok(None) => Answer::text(400, words::TRANSFER_UNREADABLE),
        Err(refused) => refused_answer(&refused),
    }
}

/// Nightingale's `POST /openfalcon/push`
pub(crate) fn nightingale(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    match take(doors, push, lenient::read) {
        Ok(Some(admitted)) => {
            let Report { accepted, rejected, .. } = admitted.total();
            Answer::json(200, format!("{{\"fail\":{rejected},\"msg\":\"received\",\"succ\":{accepted}}}"))
        }
        Ok(None) => Answer::text(400, words::TRANSFER_UNREADABLE),
        Err(refused) => refused_answer(&refused),
    }
}

/// Decodes items; an error means that nothing of the body can be taken.
type Read = fn(&[u8], &Context<'_>, &mut model::Batch) -> Result<Report, json::Error>;

/// Takes the items; `None` when the body is none and no array of them.
fn take(doors: &Doors, push: &HttpPush<'_>, read: Read) -> Result<Option<Admitted>, Refused> {
    let unreadable = Cell::new(false);
    let decode = |body: &[u8], context: &Context<'_>, out: &mut model::Batch| {
        read(body, context, out).unwrap_or_else(|error| {
            unreadable.set(true);
            let mut report = Report::default();
            report.reject(Position::Byte(error.at), error);
            report
        })
    };
    let admitted = doors.admit_by(&decode, &PROTOCOL, push, TimeUnit::default())?;
    Ok((!unreadable.get()).then_some(admitted))
}

fn refused_answer(refused: &Refused) -> Answer {
    let (status, reason) = refusal(refused);
    asking_to_retry(Answer::text(status, reason + "\n"))
}
