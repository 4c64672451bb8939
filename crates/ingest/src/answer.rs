//! How each family of clients wants to be answered, one file each.

pub(crate) mod falcon;
pub(crate) mod influx;
pub(crate) mod native;
pub(crate) mod opentsdb;
pub(crate) mod otlp;
pub(crate) mod own;
pub(crate) mod remote_write;

use crate::Answer;
use crate::admit::Refused;
use model::{PushError, Report};
use std::fmt::Write;

/// How long a sender that comes too early is asked to wait.
const RETRY_AFTER_S: u32 = 1;

/// Status and text for a body of which nothing was taken.
fn refusal(refused: &Refused) -> (u16, String) {
    match refused {
        Refused::BadRequest(reason) => (400, reason.clone()),
        Refused::Sink(error @ PushError::Busy(_)) => (503, error.to_string()),
        Refused::Sink(error @ PushError::Failed(_)) => (500, error.to_string()),
    }
}

/// Asks the sender to come again when that may help.
fn asking_to_retry(answer: Answer) -> Answer {
    if answer.status == 503 { answer.with("retry-after", RETRY_AFTER_S.to_string()) } else { answer }
}

/// The reasons of a report in one line.
fn reasons(report: &Report) -> String {
    let mut out = String::new();
    for (i, rejection) in report.reasons.iter().enumerate() {
        let separator = if i == 0 { "" } else { "; " };
        let _infallible = write!(out, "{separator}{}: {}", rejection.position, rejection.reason);
    }
    let untold = report.rejected.saturating_sub(report.reasons.len() as u64);
    if untold > 0 {
        let _infallible = write!(out, "; and {untold} more");
    }
    out
}
