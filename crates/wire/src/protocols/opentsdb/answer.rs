//! OpenTSDB's answers to `/api/put`: 204 when all was taken. `?summary` asks for counts and `?details` for the bad points
//! too, then the answer is 200; when anything was refused it is 400 in any case, and the good points are in. `?sync` is always
//! so here.

use super::raw_items;
use crate::json::write_string;
use model::{Position, Report};
use std::fmt::Write;

/// What a sender asks to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// The bad points with their reasons.
    pub details: bool,
    /// How many were taken, and how many not.
    pub summary: bool,
}

impl Asked {
    /// Reads the query of an address; `?details`, `?details=true` and any other value but `false` ask for it.
    pub fn read(query: &str) -> Self {
        let asks = |name: &str| {
            let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            pairs.find(|(key, _)| *key == name).is_some_and(|(_, value)| value != "false")
        };
        Self { details: asks("details"), summary: asks("summary") }
    }
}

/// Status and body (JSON, or nothing) for what became of the points in `body`.
pub fn answer(report: &Report, body: &[u8], asked: Asked) -> (u16, String) {
    let broken = report.reasons.iter().find(|r| matches!(r.position, Position::Byte(_)));
    let status = if report.is_clean() { 200 } else { 400 };
    match broken {
        Some(broken) if report.accepted == 0 => {
            let why = format!("{}: {}", broken.position, broken.reason);
            (400, error(400, "Unable to parse the given JSON", &why))
        }
        _ if asked.details => (status, details(report, body)),
        _ if asked.summary => (status, counts(report) + "}"),
        _ if report.is_clean() => (204, String::new()),
        _ => {
            let hint = "Please see the TSD logs or append \"details\" to the put request";
            (400, error(400, "One or more data points had errors", hint))
        }
    }
}

/// `{"error":{"code":400,"message":"…","details":"…"}}`
pub fn error(status: u16, message: &str, details: &str) -> String {
    let mut body = format!("{{\"error\":{{\"code\":{status},\"message\":");
    write_string(&mut body, message);
    if !details.is_empty() {
        body.push_str(",\"details\":");
        write_string(&mut body, details);
    }
    body + "}}"
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
