//! What happened: the event log, newest first, as pages and as a stream; and a door for notes of others.
//!
//! ```text
//! host, source      exactly this one
//! level             this one and worse: trace, debug, info, warn, error
//! kind              log, standing or note
//! text              in the text or the value of a field; small and capital letters are the same
//! from, to          moments of the time grammar
//! limit             200 when absent, at most 1000
//! before            the `next` of the page before
//! ```

mod post;

pub use post::post;

use crate::params::Params;
use crate::{Api, live, respond};
use model::{EventKind, EventPage, EventQuery, Level, Place, TimeRange, Told, Zone, timetext};
use serde_json::{Map, Value, json};
use serve::{Events, Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;

const LIMIT: usize = 200;
const LIMIT_MAX: usize = 1000;
/// Time between two looks of a stream.
const EVERY: Duration = Duration::from_secs(1);

/// `GET /api/v1/events`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let now_ms = api.clock.now_ms();
    let query = match query(&Params::parse(&request.query), now_ms) {
        Ok(query) => query,
        Err(what) => return respond::error(StatusCode::BAD_REQUEST, what, None),
    };
    match api.events.events(&query) {
        Ok(page) => respond::json(&describe(&page, now_ms)),
        Err(e) => respond::error(StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), None),
    }
}

/// `GET /api/v1/events/live`: the newest at once, then what comes, each frame newest first.
pub fn live(api: &Arc<Api>, request: &Request) -> Response {
    let mut query = match query(&Params::parse(&request.query), api.clock.now_ms()) {
        Ok(query) => query,
        Err(what) => return respond::error(StatusCode::BAD_REQUEST, what, None),
    };
    let api = api.clone();
    let next = move || {
        let now_ms = api.clock.now_ms();
        let first = query.after.is_none();
        match api.events.events(&query) {
            Ok(page) => {
                query.after = Some(page.last_number);
                let silent = page.events.is_empty() && !first;
                let frame = || live::event("events", describe(&page, now_ms).to_string().as_bytes());
                Some(if silent { Vec::new() } else { frame() })
            }
            Err(e) => Some(live::event("problem", json!({ "error": e.to_string() }).to_string().as_bytes())),
        }
    };
    Response::events(Events { every: EVERY, next: Box::new(next) })
}

fn query(params: &Params, now_ms: i64) -> Result<EventQuery, String> {
    let text = |name| params.get(name).filter(|text: &&str| !text.is_empty());
    let level = text("level").map(|t| Level::parse(t).ok_or(format!("level: {t:?} is none of {}", levels())));
    let kind = text("kind")
        .map(|t| EventKind::parse(t).ok_or(format!("kind: {t:?} is none of log, standing, note")));
    let moment = |name, parse: fn(&str, i64, &Zone) -> Result<i64, timetext::TimeTextError>| {
        text(name).map(|t| parse(t, now_ms, &Zone::utc()).map_err(|e| format!("{name}: {e}"))).transpose()
    };
    let limit = text("limit").map(|t| t.parse().map_err(|_| format!("limit: {t:?} is no number")));
    let before = text("before").map(|t| place(t).ok_or(format!("before: {t:?} is no `next` of a page")));
    Ok(EventQuery {
        host: text("host").map(str::to_owned),
        level_min: level.transpose()?.unwrap_or(Level::Trace),
        kind: kind.transpose()?,
        source: text("source").map(str::to_owned),
        text: text("text").unwrap_or("").to_owned(),
        range: TimeRange::new(
            moment("from", timetext::parse)?.unwrap_or(i64::MIN),
            moment("to", timetext::parse_end)?.unwrap_or(i64::MAX),
        ),
        before: before.transpose()?,
        after: None,
        limit: limit.transpose()?.unwrap_or(LIMIT).clamp(1, LIMIT_MAX),
    })
}

fn levels() -> String {
    Level::ALL.map(Level::as_str).join(", ")
}

/// Reads `TIME.NUMBER`.
fn place(text: &str) -> Option<Place> {
    let (time_ms, number) = text.split_once('.')?;
    Some(Place { time_ms: time_ms.parse().ok()?, number: number.parse().ok()? })
}

fn describe(page: &EventPage, now_ms: i64) -> Value {
    let last = page.events.last().filter(|_| page.more);
    json!({
        "now_ms": now_ms,
        "events": page.events.iter().map(one).collect::<Vec<_>>(),
        "next": last.map(|told| format!("{}.{}", told.place.time_ms, told.place.number)),
    })
}

fn one(told: &Told) -> Value {
    let event = &told.event;
    let fields: Map<String, Value> =
        event.fields.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "time_ms": event.time_ms,
        "number": told.place.number,
        "host": told.host,
        "kind": event.kind.as_str(),
        "level": event.level.as_str(),
        "source": event.source,
        "text": event.text,
        "fields": fields,
    })
}

#[cfg(test)]
pub(crate) mod tests;
