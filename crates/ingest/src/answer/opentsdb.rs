//! OpenTSDB's manners: 204 when all was taken. `?summary` asks for counts and `?details` for the bad points too, then the
//! answer is 200; when anything was refused it is 400 in any case, and the good points are in. `?sync` is always so here.

use super::{asking_to_retry, refusal};
use crate::query;
use crate::{Answer, Doors, HttpPush};
use model::{Position, Report};
use std::fmt::Write;
use wire::TimeUnit;
use wire::json::write_string;
use wire::protocols::opentsdb::{PROTOCOL, raw_items};

/// `POST /api/put`
pub(crate) fn put(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let asks = |name: &str| query::value(push.query, name).is_some_and(|value| value != "false");
    match doors.admit(&PROTOCOL, push, TimeUnit::default()) {
        Ok(admitted) => {
            let report = admitted.total();
            let broken = report.reasons.iter().find(|r| matches!(r.position, Position::Byte(_)));
            let status = if report.is_clean() { 200 } else { 400 };
            match broken {
                Some(broken) if report.accepted == 0 => error(
                    400,
                    "Unable to parse the given JSON",
                    &format!("{}: {}", broken.position, broken.reason),
                ),
                _ if asks("details") => Answer::json(status, details(&report, push.body)),
                _ if asks("summary") => Answer::json(status, counts(&report) + "}"),
                _ if report.is_clean() => Answer::no_content(),
                _ => error(
                    400,
                    "One or more data points had errors",
                    "Please see the TSD logs or append \"details\" to the put request",
                ),
            }
        }
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            asking_to_retry(error(status, &reason, ""))
        }
    }
}

/// `{"error":{"code":400,"message":"…","details":"…"}}`
fn error(status: u16, message: &str, details: &str) -> Answer {
    let mut body = format!("{{\"error\":{{\"code\":{status},\"message\":");
    write_string(&mut body, message);
    if !details.is_empty() {
        body.push_str(",\"details\":");
        write_string(&mut body, details);
    }
    Answer::json(status, body + "}}")
}

/// The start of an answer with counts.
fn counts(report: &Report) -> String {
    format!("{{\"failed\":{},\"success\":{}", report.rejected, report.accepted)
}

/// Counts and the first bad points with their reasons.
fn details(report: &Report, body: &[u8]) -> String {
    let items = if report.is_clean() { Vec::new() } else { raw_items(body) };
    let mut out = counts(report) + ",\"errors\":[";
    for (at, rejection) in report.reasons.iter().enumerate() {
        out.push_str(if at == 0 { "{" } else { ",{" });
        if let Position::Item(number) = rejection.position
            && let Some(item) = items.get(number - 1)
        {
            let _infallible = write!(out, "\"datapoint\":{},", String::from_utf8_lossy(item));
        }
        out.push_str("\"error\":");
        write_string(&mut out, &rejection.reason);
        out.push('}');
    }
    out + "]}"
}
