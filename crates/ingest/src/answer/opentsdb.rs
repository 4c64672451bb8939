//! OpenTSDB's manners, which are told in `wire::protocols::opentsdb::answer`.

use super::{asking_to_retry, refusal};
use crate::{Answer, Doors, HttpPush};
use wire::TimeUnit;
use wire::protocols::opentsdb::PROTOCOL;
use wire::protocols::opentsdb::answer::{Asked, answer, error};

/// `POST /api/put`
pub(crate) fn put(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    match doors.admit(&PROTOCOL, push, TimeUnit::default()) {
        Ok(admitted) => match answer(&admitted.total(), push.body, Asked::read(push.query)) {
            (204, _) => Answer::no_content(),
            (status, body) => Answer::json(status, body),
        },
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            asking_to_retry(Answer::json(status, error(status, &reason, "")))
        }
    }
}
