//! What Icinga 2 tells through its API: the lines of `/v1/events`, and the answers of `/v1/objects/…` and `/v1/status`.
//!
//! ```text
//! events  := (event LF)*                    event := {"type": …, "timestamp": s, "host": …, "service": …, …}
//! objects := {"results": [{"type": "Service", "attrs": {…, "last_check_result": {…}}}, …]}
//! status  := {"results": [{"name": "CIB", "status": {…}, "perfdata": [item, …]}, …]}
//! item    := text as plugins print it | {"type": "PerfdataValue", "label": …, "value": …, "unit": …, "warn": …, …}
//! ```
//!
//! * A `CheckResult` becomes series with the labels `host` and `check` (`host` for the host itself), at the time its plugin
//!   ended: `check_state` (0 ok, 1 warning, 2 critical, 3 unknown), `check_state_hard`, `check_attempt`, `check_reachable`,
//!   `check_acknowledged`, `check_downtime_depth`, `check_execution_seconds` and `check_latency_seconds`; its performance data
//!   become what [`perfdata`](super::perfdata) makes of them.
//! * Everything else becomes an [`Event`], told in words with the facts as fields. Results within other events are not taken a
//!   second time.
//! * The last results of objects are results like any other. What changed while nobody listened is told as the event that was
//!   missed.
//! * Each number of the status becomes `icinga_COMPONENT_PATH`, truth 0 or 1; where a component has a part for each of its
//!   objects or zones, the name of that is the label `object` or `zone`. `icinga_info` has the version.

mod objects;
mod record;
mod status;
#[cfg(test)]
mod tests;
mod words;

pub use objects::objects;
pub use status::status;

use super::{Protocol, perfdata};
use crate::Context;
use crate::json::Reader;
use model::{Batch, Event, HOST, Kind, LabelsBuilder, NAME, Position, Report};
use record::{Outcome, Record};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "icinga",
    summary: "Event streams of Icinga 2",
    media_types: &["application/json"],
    paths: &[],
    example: br#"{"type":"CheckResult","timestamp":1700000000.1,"host":"web1","service":"disk","check_result":{"state":1,"execution_end":1700000000.0,"performance_data":["/=91%;90;95"]}}"#,
    decode,
};

/// Longest event, in bytes; more than Icinga keeps of a plugin's output.
pub const EVENT_BYTES_MAX: usize = 1 << 20;

/// Something that Icinga told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Icinga's name for it.
    pub kind: String,
    /// When Icinga told it, or when it came to be, in Unix milliseconds by Icinga's clock.
    pub time_ms: i64,
    /// Whose it is.
    pub host: String,
    /// What tells it from everything else of its kind, where it can be told twice; else "".
    pub key: String,
    /// The event it becomes, if it becomes one.
    pub event: Option<Event>,
}

/// Decodes a piece of a stream, whole lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    for (number, line) in (1..).zip(input.split(|&b| b == b'\n')) {
        if !line.trim_ascii().is_empty()
            && let Err(why) = event(line, context, out, &mut report)
        {
            report.reject(Position::Line(number), why);
        }
    }
    report
}

/// Decodes one event: adds its samples, if it is a check's result, and gives what else there is to know.
///
/// # Errors
/// What is no event of Icinga's.
pub fn event(
    line: &[u8],
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<Heard, String> {
    let mut reader = Reader::new(line);
    let record = Record::read(&mut reader).and_then(|record| reader.end().map(|()| record));
    let record = record.map_err(|e| format!("byte {}: {e}", e.at))?;
    if record.kind.is_empty() {
        return Err("an event without `type`".to_owned());
    }
    if record.host.is_empty() {
        return Err(format!("{} without a host", record.kind));
    }
    let time_ms = record.time_s.and_then(to_ms).unwrap_or(context.now_ms);
    let (host, kind) = (record.host.to_string(), record.kind.to_string());
    if record.kind == "CheckResult" {
        samples(&record, context, out, report)?;
        return Ok(Heard { kind, time_ms, host, key: String::new(), event: None });
    }
    let event = words::tell(&record, time_ms);
    Ok(Heard { kind, time_ms, host, key: record.key(), event: Some(event) })
}

/// Adds the samples of a check's result; of the result itself all or none.
fn samples(
    record: &Record<'_>,
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<(), String> {
    let result = record.result.as_ref().ok_or("a result without `check_result`")?;
    let time_ms = result.end_s.or(record.time_s).and_then(to_ms).unwrap_or(context.now_ms);
    let named = [context.extra_labels, &[(HOST, &*record.host), ("check", record.check())]].concat();
    let context = Context { extra_labels: &named, now_ms: time_ms, ..*context };
    let (mut labels, mut slots) = (LabelsBuilder::default(), Vec::with_capacity(8));
    for (name, value) in numbers(record, result) {
        if let Some(value) = value {
            labels.clear();
            labels.add(NAME, name);
            let slot = context.add_series(out, &mut labels, Kind::Gauge).map_err(|e| e.to_string())?;
            slots.push((slot, value));
        }
    }
    report.accepted += slots.len() as u64;
    slots.into_iter().for_each(|(slot, value)| out.sample(slot, time_ms, value));
    perfdata::texts(&result.perfdata, &context, out, report);
    Ok(())
}

/// What a result is in numbers. Latency is what Icinga means by it: how much longer than the plugin it took.
fn numbers(record: &Record<'_>, result: &Outcome<'_>) -> [(&'static str, Option<f64>); 8] {
    let took = |start: Option<f64>, end: Option<f64>| Some((end? - start?).max(0.0));
    let execution = took(result.start_s, result.end_s);
    let latency = took(result.schedule_start_s, result.schedule_end_s)
        .zip(execution)
        .map(|(all, execution)| (all - execution).max(0.0));
    [
        ("check_state", result.state),
        ("check_state_hard", result.is_hard.or(record.is_hard).map(|is_hard| f64::from(u8::from(is_hard)))),
        ("check_attempt", result.attempt),
        ("check_reachable", result.reachable),
        ("check_acknowledged", record.acknowledged),
        ("check_downtime_depth", record.downtime_depth),
        ("check_execution_seconds", execution),
        ("check_latency_seconds", latency),
    ]
}

/// Seconds to milliseconds; `None` for what is no time.
fn to_ms(seconds: f64) -> Option<i64> {
    (0.0..1e12).contains(&seconds).then_some((seconds * 1e3).round() as i64)
}
