//! InfluxDB's manners, 1.x and 2.x: 204 when all was taken, otherwise JSON that says what was not. Clients drop what is
//! answered with 400 and repeat after 5xx, so a write that is good in part is a 400 that names the bad lines: the good
//! ones are in, and the sender's log has the reasons.

use super::{asking_to_retry, reasons, refusal};
use crate::query::value;
use crate::{Answer, Doors, HttpPush};
use model::{Position, Report};
use std::fmt::Write;
use wire::TimeUnit;
use wire::json::write_string;
use wire::protocols::influx::PROTOCOL;

/// The version of the protocol that is spoken, where clients ask for one.
const VERSION: &str = "1.8.10";

/// `POST /write?db=…&precision=…`
pub(crate) fn write_v1(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    write(doors, push, error_v1)
}

/// `POST /api/v2/write?org=…&bucket=…&precision=…`
pub(crate) fn write_v2(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    write(doors, push, error_v2)
}

/// Status, message and, when there is one, the first bad line.
type Error = fn(u16, &str, Option<usize>) -> Answer;

fn write(doors: &Doors, push: &HttpPush<'_>, error: Error) -> Answer {
    let precision = value(push.query, "precision").unwrap_or_default();
    let Some(unit) = unit_of(&precision) else {
        return error(400, &format!("invalid precision \"{precision}\" (use ns, us, ms, s, m or h)"), None);
    };
    match doors.admit(&PROTOCOL, push, unit) {
        Ok(admitted) if admitted.total().is_clean() => {
            Answer::no_content().with("x-influxdb-version", VERSION)
        }
        Ok(admitted) => {
            let report = admitted.total();
            let message = format!("partial write: {} dropped={}", reasons(&report), report.rejected);
            error(400, &message, first_line(&report))
        }
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            asking_to_retry(error(status, &reason, None))
        }
    }
}

fn unit_of(precision: &str) -> Option<TimeUnit> {
    Some(match precision {
        "" | "n" | "ns" => TimeUnit::Nanosecond,
        "u" | "us" | "µ" | "µs" => TimeUnit::Microsecond,
        "ms" => TimeUnit::Millisecond,
        "s" => TimeUnit::Second,
        "m" => TimeUnit::Minute,
        "h" => TimeUnit::Hour,
        _ => return None,
    })
}

fn first_line(report: &Report) -> Option<usize> {
    report.reasons.iter().find_map(|rejection| match rejection.position {
        Position::Line(number) => Some(number),
        _ => None,
    })
}

/// `{"error":"…"}`
fn error_v1(status: u16, message: &str, _line: Option<usize>) -> Answer {
    let mut body = "{\"error\":".to_owned();
    write_string(&mut body, message);
    Answer::json(status, body + "}\n").with("x-influxdb-version", VERSION)
}

/// `{"code":"invalid","message":"…","line":3}`
fn error_v2(status: u16, message: &str, line: Option<usize>) -> Answer {
    let code = match status {
        400 => "invalid",
        503 => "unavailable",
        _ => "internal error",
    };
    let mut body = format!("{{\"code\":\"{code}\",\"message\":");
    write_string(&mut body, message);
    if let Some(line) = line {
        let _infallible = write!(body, ",\"line\":{line}");
    }
    Answer::json(status, body + "}\n")
}

/// `GET /ping`, which old clients send before anything else.
pub(crate) fn ping(_doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let is_asked_for_more = matches!(value(push.query, "verbose").as_deref(), Some("true" | "1"));
    let answer = match is_asked_for_more {
        true => Answer::json(200, format!("{{\"version\":\"{VERSION}\"}}\n")),
        false => Answer::no_content(),
    };
    answer.with("x-influxdb-version", VERSION)
}

/// `POST /query?q=CREATE DATABASE …`, with which Telegraf and others begin. There is nothing to create here, so that
/// succeeds; everything else is no query that this door answers.
pub(crate) fn query(_doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let form = match push.content_type.starts_with("application/x-www-form-urlencoded") {
        true => std::str::from_utf8(push.body).unwrap_or_default(),
        false => "",
    };
    let text = value(push.query, "q").or_else(|| value(form, "q")).unwrap_or_default();
    if text.is_empty() {
        return error_v1(400, "missing required parameter \"q\"", None);
    }
    let mut words = text.split_ascii_whitespace().map(str::to_ascii_uppercase);
    match (words.next().as_deref(), words.next().as_deref()) {
        (Some("CREATE"), Some("DATABASE" | "RETENTION")) => {
            Answer::json(200, "{\"results\":[{\"statement_id\":0}]}\n").with("x-influxdb-version", VERSION)
        }
        _ => error_v1(400, "error parsing query: only CREATE DATABASE is answered here", None),
    }
}
