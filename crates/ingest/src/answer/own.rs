//! Our own manners, for doors that have no client of their own: what was taken, what not, and why, as JSON.
//!
//! ```text
//! 200 { "accepted": 3, "rejected": 1, "skipped": 0, "reasons": [ { "line": 2, "reason": "…" } ] }
//! 400 the same when something was refused and nothing taken      503, 500 { "error": "…" }
//! ```
//!
//! A reason has `line` or `item` (from 1), `byte` (from 0), or none of them when it is about the body as a whole.

use super::{asking_to_retry, refusal};
use crate::admit::{Admitted, Refused};
use crate::query::value;
use crate::{Answer, Doors, HttpPush};
use model::{Position, Report};
use std::fmt::Write;
use wire::TimeUnit;
use wire::json::write_string;
use wire::protocols::{self, Protocol, csv};

/// `POST /api/v1/import/prometheus`
pub(crate) fn prometheus_text(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    push_by(doors, push, &protocols::prometheus_text::PROTOCOL)
}

/// `POST /api/v1/probe`
pub(crate) fn probe(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    push_by(doors, push, &protocols::probe::PROTOCOL)
}

/// `POST /api/v1/import/graphite`
pub(crate) fn graphite(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    push_by(doors, push, &protocols::graphite::PROTOCOL)
}

/// `POST /api/v1/import/putval`
pub(crate) fn putval(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    push_by(doors, push, &protocols::putval::PROTOCOL)
}

/// `POST /collectd`; collectd looks at the status only.
pub(crate) fn collectd(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    push_by(doors, push, &protocols::collectd_json::PROTOCOL)
}

/// `POST /api/v1/import/csv[?format=…]`
pub(crate) fn csv(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let format = value(push.query, "format");
    let decode = |body: &[u8], context: &wire::Context<'_>, out: &mut model::Batch| {
        let columns = match format.as_deref().map(csv::Columns::parse) {
            None => return csv::decode(body, context, out),
            Some(columns) => columns,
        };
        columns.map_or_else(
            |why| {
                let mut report = Report::default();
                report.reject(Position::Whole, why);
                report
            },
            |columns| csv::decode_by(&columns, body, context, out),
        )
    };
    answer(doors.admit_by(&decode, &csv::PROTOCOL, push, TimeUnit::default()))
}

fn push_by(doors: &Doors, push: &HttpPush<'_>, protocol: &'static Protocol) -> Answer {
    answer(doors.admit(protocol, push, TimeUnit::default()))
}

fn answer(result: Result<Admitted, Refused>) -> Answer {
    match result {
        Ok(admitted) => {
            let report = admitted.total();
            let nothing_good = report.accepted == 0 && !report.is_clean();
            Answer::json(if nothing_good { 400 } else { 200 }, report_json(&report))
        }
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            let mut body = "{\"error\":".to_owned();
            write_string(&mut body, &reason);
            asking_to_retry(Answer::json(status, body + "}\n"))
        }
    }
}

/// A report as JSON, as drawn in the module's text.
pub(crate) fn report_json(report: &Report) -> String {
    let Report { accepted, rejected, skipped, reasons } = report;
    let mut out =
        format!("{{\"accepted\":{accepted},\"rejected\":{rejected},\"skipped\":{skipped},\"reasons\":[");
    for (i, rejection) in reasons.iter().enumerate() {
        out.push_str(if i == 0 { "{" } else { ",{" });
        let _infallible = match rejection.position {
            Position::Line(number) => write!(out, "\"line\":{number},"),
            Position::Item(number) => write!(out, "\"item\":{number},"),
            Position::Byte(number) => write!(out, "\"byte\":{number},"),
            Position::Whole => Ok(()),
        };
        out.push_str("\"reason\":");
        write_string(&mut out, &rejection.reason);
        out.push('}');
    }
    out + "]}\n"
}
