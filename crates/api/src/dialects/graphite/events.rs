//! Events: notes such as deploys. What comes in here is a note of the event log, and all notes there are shown here.

use super::asked::Form;
use super::{Refusal, json, python};
use crate::Api;
use model::event::{FIELD_BYTES_MAX, TEXT_BYTES_MAX};
use model::{Event, EventKind, EventQuery, EventSource, Level, PushError, TimeRange, Told};
use query::graphite::Events;
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Most events of one answer.
const EVENTS_MAX: usize = 10_000;
/// Events that are read at once.
const PAGE: usize = 1000;
/// Who says so, unless a note says.
const SOURCE: &str = "graphite";

/// `POST /events/`: `{"what": …, "tags": ["a", "b"] or "a b", "when": seconds, "data": …}`
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    match read(&request.body, api.clock.now_ms()) {
        Ok(event) => match api.event_sink.tell(&api.facts.host, &[event], None) {
            Ok(_) => Response::text(StatusCode::OK, ""),
            Err(e @ PushError::Busy(_)) => Response::text(StatusCode::SERVICE_UNAVAILABLE, e.to_string()),
            Err(e) => Response::text(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()),
        },
        Err(text) => Refusal { status: StatusCode::BAD_REQUEST, text }.json(),
    }
}

fn read(body: &[u8], now_ms: i64) -> Result<Event, String> {
    let value: Value = serde_json::from_slice(body).map_err(|e| format!("not JSON: {e}"))?;
    let object = value.as_object().ok_or("an event must be an object")?;
    let what = object.get("what").and_then(Value::as_str).filter(|what| !what.is_empty());
    let what = what.ok_or("\"what\" must be a text")?;
    let tags = match object.get("tags") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(tags)) => tags.split_whitespace().collect::<Vec<_>>().join(" "),
        Some(Value::Array(tags)) if tags.iter().all(Value::is_string) => {
            tags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Some(_) => return Err("\"tags\" must be an array or space-separated string".to_owned()),
    };
    let data = match object.get("data") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(data)) => data.clone(),
        Some(other) => other.to_string(),
    };
    if what.len() > TEXT_BYTES_MAX || tags.len() > FIELD_BYTES_MAX || data.len() > FIELD_BYTES_MAX {
        return Err(format!(
            "\"what\" may have {TEXT_BYTES_MAX} bytes, \"tags\" and \"data\" {FIELD_BYTES_MAX}"
        ));
    }
    let fields = [("tags", tags), ("data", data)].into_iter().filter(|(_, value)| !value.is_empty());
    Ok(Event {
        time_ms: when(object.get("when"), now_ms)?,
        kind: EventKind::NOTE,
        level: Level::Info,
        source: SOURCE.to_owned(),
        text: what.to_owned(),
        fields: fields.map(|(name, value)| (name.to_owned(), value)).collect(),
    })
}

/// Seconds, as a number or as a text of digits.
fn when(value: Option<&Value>, now_ms: i64) -> Result<i64, String> {
    let seconds = match value {
        None | Some(Value::Null) => return Ok(now_ms),
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        Some(other) => other.as_f64(),
    };
    let seconds =
        seconds.filter(|seconds| seconds.abs() < 1e13).ok_or("\"when\" must be seconds since 1970")?;
    Ok((seconds * 1000.0) as i64)
}

/// `GET /events/get_data`.
pub fn get_data(api: &Arc<Api>, request: &Request) -> Response {
    let answered =
        Form::of(request).and_then(|form| Ok(json(&form, &Value::Array(asked(api, &form)?), true)));
    answered.unwrap_or_else(Refusal::text)
}

/// `GET /events`: the same, for people.
pub fn list(api: &Arc<Api>, request: &Request) -> Response {
    let rows = match Form::of(request).and_then(|form| asked(api, &form)) {
        Ok(rows) => rows,
        Err(refusal) => return refusal.text(),
    };
    let mut page = String::from(
        "<!doctype html><meta charset=\"utf-8\"><title>Events</title><table>\n<tr><th>when<th>what<th>tags<th>data\n",
    );
    for row in rows.iter().rev() {
        let when = model::timetext::print(row["when"].as_i64().unwrap_or(0).saturating_mul(1000));
        let tags: Vec<&str> =
            row["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let cell = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let (what, data) = (row["what"].as_str().unwrap_or(""), row["data"].as_str().unwrap_or(""));
        page.push_str(&format!(
            "<tr><td>{when}<td>{}<td>{}<td>{}\n",
            cell(what),
            cell(&tags.join(" ")),
            cell(data)
        ));
    }
    page.push_str("</table>\n");
    Response::new(StatusCode::OK, "text/html; charset=utf-8", page.into_bytes())
}

/// `GET /events/{id}`.
pub fn one(api: &Arc<Api>, request: &Request) -> Response {
    let path = request.path.trim_end_matches('/');
    let number: Option<u64> = path.rsplit('/').next().and_then(|id| id.parse().ok());
    let found = all(api.events.as_ref(), TimeRange::ALL, |told| Some(told.place.number) == number);
    match found.map(|found| found.first().map(describe)) {
        Ok(Some(event)) => Response::json(StatusCode::OK, python::dumps(&event, true).into_bytes()),
        Ok(None) => {
            Refusal { status: StatusCode::NOT_FOUND, text: "Event matching query does not exist".to_owned() }
                .json()
        }
        Err(refusal) => refusal.json(),
    }
}

fn asked(api: &Api, form: &Form) -> Result<Vec<Value>, Refusal> {
    let (now_ms, zone) = (api.clock.now_ms(), form.zone());
    let from_s = form.instant("from", now_ms, &zone)?.unwrap_or(0);
    let until_s = form.instant("until", now_ms, &zone)?.unwrap_or(now_ms.div_euclid(1000));
    let tags: Vec<&str> = form.last("tags").unwrap_or("").split(' ').filter(|tag| !tag.is_empty()).collect();
    let any = form.last("set") == Some("union");
    // Both ends belong to it, and a second is whole.
    let range = TimeRange::new(from_s.saturating_mul(1000), until_s.saturating_add(1).saturating_mul(1000));
    let found = all(api.events.as_ref(), range, |told| wanted(told, &tags, any))?;
    Ok(found.iter().rev().map(describe).collect())
}

/// Whether an event has all tags, or any of them; without tags every one is wanted.
fn wanted(told: &Told, tags: &[&str], any: bool) -> bool {
    let has = |tag: &&str| tags_of(told).any(|own| own == *tag);
    if any && !tags.is_empty() { tags.iter().any(has) } else { tags.iter().all(has) }
}

/// Notes that came by another door have the name of their source for a tag.
fn tags_of(told: &Told) -> impl Iterator<Item = &str> {
    let own = told.event.fields.iter().find(|(name, _)| name == "tags").map(|(_, tags)| tags.as_str());
    let source = told.event.source.as_str();
    let else_source = if source == SOURCE { "" } else { source };
    own.unwrap_or(else_source).split_whitespace()
}

fn describe(told: &Told) -> Value {
    let data = told.event.fields.iter().find(|(name, _)| name == "data").map_or("", |(_, data)| data);
    json!({
        "when": told.event.time_ms.div_euclid(1000),
        "what": told.event.text,
        "data": data,
        "tags": tags_of(told).collect::<Vec<_>>(),
        "id": told.place.number,
    })
}

/// Notes of a range, newest first.
fn all(
    events: &dyn EventSource,
    range: TimeRange,
    wanted: impl Fn(&Told) -> bool,
) -> Result<Vec<Told>, Refusal> {
    let mut query = EventQuery { kind: Some(EventKind::NOTE), range, ..EventQuery::newest(PAGE) };
    let mut found = Vec::new();
    loop {
        let page = events
            .events(&query)
            .map_err(|e| Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, text: e.to_string() })?;
        query.before = page.events.last().map(|told| told.place);
        found.extend(page.events.into_iter().filter(&wanted));
        if !page.more || found.len() >= EVENTS_MAX {
            found.truncate(EVENTS_MAX);
            return Ok(found);
        }
    }
}

/// Notes as the function `events()` sees them.
pub(crate) struct Notes<'a>(pub(crate) &'a dyn EventSource);

impl Events for Notes<'_> {
    fn times_ms(&self, tags: &[String], start_ms: i64, end_ms: i64) -> Vec<i64> {
        let tags: Vec<&str> = tags.iter().map(String::as_str).filter(|tag| *tag != "*").collect();
        let found = all(self.0, TimeRange::new(start_ms, end_ms), |told| wanted(told, &tags, false));
        // A log that cannot be read says so on its own page; a chart of other things goes on.
        found.unwrap_or_default().iter().map(|told| told.event.time_ms).collect()
    }
}
