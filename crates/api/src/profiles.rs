//! Where the agents, and this server, spend their own processor time: the profiles that are kept, and asking for one.

use crate::params::Params;
use crate::{Api, respond};
use model::Event;
use serde_json::{Map, Value, json};
use serve::{HeaderName, HeaderValue, Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Says to an agent that asks for its settings that a profile is wanted, of so many seconds.
pub const PROFILE_HEADER: &str = "x-windhover-profile";
/// Longest profile that can be asked for, in seconds.
const SECONDS_MAX: u64 = 600;
/// Its usual length, in seconds.
const SECONDS: u64 = 60;
/// Most agents that a profile is wanted of at a time.
const WANTED_MAX: usize = 1000;
/// Who has not asked for settings for so long does not ask at all.
const SILENT_MS: i64 = 300_000;

/// What was asked for.
#[derive(Default)]
pub struct Asks {
    /// Has a profile of this process taken, of so many seconds.
    own: Option<Box<dyn Fn(u64) + Send + Sync>>,
    /// Seconds, by the host whose agent has not been told yet.
    wanted: Mutex<BTreeMap<String, u64>>,
}

impl Asks {
    /// `own` has a profile of this very process taken, of so many seconds.
    pub fn new(own: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self { own: Some(Box::new(own)), wanted: Mutex::default() }
    }

    /// What the agent of a host is to be told now; once.
    pub(crate) fn take(&self, host: &str) -> Option<u64> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).remove(host)
    }

    fn is_waiting(&self, host: &str) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).contains_key(host)
    }

    /// False when too many wait.
    fn put(&self, host: &str, seconds: u64) -> bool {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = wanted.len() < WANTED_MAX || wanted.contains_key(host);
        if has_room {
            wanted.insert(host.to_owned(), seconds);
        }
        has_room
    }
}

/// `GET /api/v1/profiles?host=H`: those that are kept, the newest first, without their stacks.
pub fn list(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("host") else { return missing("host") };
    match api.events.profiles(host) {
        Ok(events) => {
            let profiles: Vec<Value> = events.iter().map(describe).collect();
            let ways = Ways::of(api, host);
            respond::json(&json!({
                "profiles": profiles,
                "now_ms": api.clock.now_ms(),
                "waiting": api.profiles.is_waiting(host),
                "why_not": ways.why_not(),
            }))
        }
        Err(e) => respond::error(StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), None),
    }
}

fn describe(event: &Event) -> Value {
    let mut all = Map::new();
    all.insert("time_ms".to_owned(), event.time_ms.into());
    all.insert("source".to_owned(), event.source.as_str().into());
    all.insert("empty".to_owned(), event.text.is_empty().into());
    for (name, value) in &event.fields {
        let number = value.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
        all.insert(name.clone(), number.map_or_else(|| value.as_str().into(), Value::Number));
    }
    Value::Object(all)
}

/// `GET /api/v1/profile?host=H&time_ms=T&source=S`: the stacks, folded: a line each, the functions from the outermost to
/// the innermost between semicolons, and microseconds.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("host") else { return missing("host") };
    let Some(time_ms) = params.get("time_ms").and_then(|text| text.parse::<i64>().ok()) else {
        return missing("time_ms");
    };
    let source = params.get("source");
    let is_it = |e: &&Event| e.time_ms == time_ms && source.is_none_or(|source| source == e.source);
    let events = match api.events.profiles(host) {
        Ok(events) => events,
        Err(e) => return respond::error(StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), None),
    };
    let Some(event) = events.iter().find(is_it) else {
        return respond::error(StatusCode::NOT_FOUND, "there is no such profile (any more)", None);
    };
    match profile::unpack(&event.text) {
        _ if event.text.is_empty() => Response::text(StatusCode::OK, String::new()),
        Ok(folded) if params.get("download").is_some() => {
            let file = format!("attachment; filename=\"{}-{time_ms}.folded\"", event.source);
            let file = HeaderValue::from_str(&file).unwrap_or(HeaderValue::from_static("attachment"));
            Response::text(StatusCode::OK, folded).with(HeaderName::from_static("content-disposition"), file)
        }
        Ok(folded) => Response::text(StatusCode::OK, folded),
        Err(e) => {
            respond::error(StatusCode::INTERNAL_SERVER_ERROR, format!("the profile is damaged: {e}"), None)
        }
    }
}

/// `POST /api/v1/profile?host=H&seconds=60`: has one taken. The agent hears of it when it next asks for its settings.
pub fn ask(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("host") else { return missing("host") };
    let seconds = match params.get("seconds").map(str::parse::<u64>) {
        None => SECONDS,
        Some(Ok(seconds)) if (1..=SECONDS_MAX).contains(&seconds) => seconds,
        Some(_) => {
            let what = format!("`seconds` is a whole number from 1 to {SECONDS_MAX}");
            return respond::error(StatusCode::BAD_REQUEST, what, None);
        }
    };
    let ways = Ways::of(api, host);
    if let Some(why) = ways.why_not() {
        return respond::error(StatusCode::CONFLICT, why, None);
    }
    if let Some(own) = api.profiles.own.as_ref().filter(|_| ways.own) {
        own(seconds);
    }
    if ways.agent && !api.profiles.put(host, seconds) {
        let what = format!("{WANTED_MAX} agents have not heard yet that a profile is wanted of them");
        return respond::error(StatusCode::SERVICE_UNAVAILABLE, what, None);
    }
    respond::with_status(StatusCode::ACCEPTED, &json!({ "seconds": seconds }))
}

/// Who can take a profile on a host.
struct Ways {
    /// This very process.
    own: bool,
    /// An agent that asks for its settings.
    agent: bool,
}

impl Ways {
    fn of(api: &Api, host: &str) -> Self {
        let now_ms = api.clock.now_ms();
        let reports = api.agents.groups.reports();
        let is_near = |time_ms: i64| (0..SILENT_MS).contains(&now_ms.saturating_sub(time_ms));
        Self {
            own: api.facts.host == host && api.profiles.own.is_some(),
            agent: reports.iter().any(|(whose, report)| whose == host && is_near(report.time_ms)),
        }
    }

    fn why_not(&self) -> Option<&'static str> {
        const WHY: &str = "the agent of this host does not ask this server for settings: it is silent, older, or its \
                           `agent.settings_every` is 0s";
        (!self.own && !self.agent).then_some(WHY)
    }
}

fn missing(name: &str) -> Response {
    respond::error(
        StatusCode::BAD_REQUEST,
        format!("parameter `{name}` is missing, or not what it should be"),
        None,
    )
}

#[cfg(test)]
mod tests;
