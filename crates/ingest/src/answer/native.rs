//! Our own agents' door; what it says is drawn in [`crate::native`].

use crate::{Answer, Doors, HttpPush};

/// `POST /api/v1/native`
pub(crate) fn push(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let said = doors.agents.handle(push.body, doors.backlog.as_ref(), doors.clock.now_ms());
    let answer = Answer::json(said.status, said.body);
    match said.retry_after_s {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    }
}
