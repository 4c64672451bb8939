//! `POST /api/v1/events`: notes of others, such as deploys, a JSON object a line.
//!
//! ```text
//! {"host":"web1","text":"deployed 4.2","source":"deploy","level":"info","time_ms":1700000000000,"fields":{"by":"ci"}}
//! ```
//!
//! `host` and `text` are needed; the rest may be absent: the source is then `note`, the level `info`, the time now.

use crate::{Api, respond};
use model::event::{FIELDS_MAX, HOST_BYTES_MAX, TEXT_BYTES_MAX};
use model::{Event, EventKind, Level, Position, PushError, Report};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most lines of one request.
const LINES_MAX: usize = 10_000;

/// Takes the lines that can be read, and tells of the others.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    let now_ms = api.clock.now_ms();
    let (mut report, mut by_host) = (Report::default(), BTreeMap::<String, Vec<Event>>::new());
    let lines = request.body.split(|byte| *byte == b'\n').enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.trim_ascii().is_empty()) {
        let read = if report.accepted as usize >= LINES_MAX {
            Err(format!("more than {LINES_MAX} events in one request"))
        } else {
            read(line, now_ms)
        };
        match read {
            Ok((host, event)) => {
                report.accepted += 1;
                by_host.entry(host).or_default().push(event);
            }
            Err(reason) => report.reject(Position::Line(at + 1), &reason),
        }
    }
    for (host, events) in &by_host {
        if let Err(error) = api.event_sink.tell(host, events, None) {
            let status = match error {
                PushError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
                PushError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            return respond::error(status, error.to_string(), None);
        }
    }
    let nothing_good = report.accepted == 0 && !report.is_clean();
    let status = if nothing_good { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    respond::with_status(status, &told(&report))
}

fn told(report: &Report) -> Value {
    let reasons: Vec<String> =
        report.reasons.iter().map(|refused| format!("{}: {}", refused.position, refused.reason)).collect();
    json!({ "accepted": report.accepted, "rejected": report.rejected, "reasons": reasons })
}

fn read(line: &[u8], now_ms: i64) -> Result<(String, Event), String> {
    let value: Value = serde_json::from_slice(line).map_err(|e| format!("not JSON: {e}"))?;
    let object = value.as_object().ok_or("not an object")?;
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` is not a text")),
    };
    let known = ["host", "text", "source", "level", "time_ms", "fields"];
    if let Some(unknown) = object.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is none of {}", known.join(", ")));
    }
    let host = text("host")?.filter(|host| !host.is_empty()).ok_or("`host` is missing")?;
    if host.len() > HOST_BYTES_MAX {
        return Err(format!("`host` is longer than {HOST_BYTES_MAX} bytes"));
    }
    let said = text("text")?.ok_or("`text` is missing")?;
    if said.len() > TEXT_BYTES_MAX {
        return Err(format!("`text` is longer than {TEXT_BYTES_MAX} bytes"));
    }
    let level = text("level")?.unwrap_or("info".to_owned());
    let mut event = Event {
        time_ms: time(object.get("time_ms"), now_ms)?,
        kind: EventKind::NOTE,
        level: Level::parse(&level).ok_or_else(|| format!("`level`: {level:?} is no level"))?,
        source: text("source")?.unwrap_or("note".to_owned()),
        text: said,
        fields: fields(object.get("fields"))?,
    };
    event.bound();
    Ok((host, event))
}

fn time(value: Option<&Value>, now_ms: i64) -> Result<i64, String> {
    match value {
        None | Some(Value::Null) => Ok(now_ms),
        Some(value) => value.as_i64().ok_or_else(|| "`time_ms` is not a whole number".to_owned()),
    }
}

fn fields(value: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let object = value.as_object().ok_or("`fields` is not an object")?;
    if object.len() > FIELDS_MAX {
        return Err(format!("more than {FIELDS_MAX} fields"));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(object.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}
