//! Prometheus' manners. A sender repeats a request after 5xx and drops it after 4xx, so 400 is only said when nothing of
//! it can ever be taken; a request that is good in part is a success (what was refused is counted and shown).

use super::{asking_to_retry, reasons, refusal};
use crate::{Answer, Doors, HttpPush};

/// `POST /api/v1/write`
pub(crate) fn push(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    // Version 2 has another message; a sender that is told so falls back to version 1.
    if push.content_type.contains("io.prometheus.write.v2") {
        return Answer::text(415, "remote write 2.0 is not spoken here, use prometheus.WriteRequest (1.0)\n");
    }
    match doors.admit_remembering(push) {
        Ok(admitted) => {
            let report = admitted.total();
            if report.accepted == 0 && !report.is_clean() {
                return Answer::text(400, reasons(&report) + "\n");
            }
            Answer::no_content()
        }
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            asking_to_retry(Answer::text(status, reason + "\n"))
        }
    }
}
