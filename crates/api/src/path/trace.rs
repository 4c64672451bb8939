//! Where a metric or host is and how far it came.

use crate::params::Params;
use crate::{Api, respond};
use model::{HOST, Matcher, NAME, Series, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;
/// Younger than this counts as arriving now.
const FRESH_MS: i64 = 30_000;
const SERIES_MAX: usize = 10_000;
const NAMES_MAX: usize = 100_000;

/// `GET /api/v1/path/trace?name=METRIC_OR_HOST`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(name) = params.get("name").map(str::trim).filter(|n| !n.is_empty()) else {
        return respond::error(StatusCode::BAD_REQUEST, "parameter `name` is missing", None);
    };
    let now_ms = api.clock.now_ms();
    let found = [NAME, HOST].into_iter().find_map(|label| Found::look(api, label, name, now_ms));
    let (steps, verdict) = match &found {
        Some(found) => (found.steps(now_ms), found.verdict(name, now_ms)),
        None => (refused(api), missing(api, name, now_ms)),
    };
    respond::json(&json!({ "name": name, "steps": steps, "verdict": verdict }))
}

/// Series of the last day that the name stands for.
struct Found {
    label: &'static str,
    series: Vec<Series>,
    last_ms: Option<i64>,
}

impl Found {
    fn look(api: &Api, label: &'static str, name: &str, now_ms: i64) -> Option<Self> {
        let range = TimeRange::new(now_ms - DAY_MS, now_ms + DAY_MS);
        let series = api.source.select(&[Matcher::equal(label, name)], range, SERIES_MAX).ok()?.series;
        if series.is_empty() {
            return None;
        }
        let ids: Vec<_> = series.iter().map(|s| s.id).collect();
        let last_ms = api.source.last(&ids, range).ok()?.into_iter().flatten().map(|s| s.time_ms).max();
        Some(Self { label, series, last_ms })
    }

    fn others(&self) -> (usize, &'static str) {
        let other = if self.label == NAME { HOST } else { NAME };
        let mut values: Vec<&str> = self.series.iter().filter_map(|s| s.labels.get(other)).collect();
        values.sort_unstable();
        values.dedup();
        (values.len(), if self.label == NAME { "hosts" } else { "metrics" })
    }

    fn steps(&self, now_ms: i64) -> Vec<Value> {
        let (count, what) = self.others();
        let fresh = self.last_ms.is_some_and(|last| now_ms - last <= FRESH_MS);
        let arriving = if fresh { "samples are arriving" } else { "no sample in the last 30 s" };
        let stored = format!("{} series in the last day, of {count} {what}", self.series.len());
        vec![
            step("decode", if fresh { "ok" } else { "missing" }, arriving, self.last_ms),
            step("head", "ok", &stored, self.last_ms),
            step("query", "ok", "can be asked for", None),
        ]
    }

    fn verdict(&self, name: &str, now_ms: i64) -> String {
        let what = if self.label == NAME { "metric" } else { "host" };
        match self.last_ms.map(|last| now_ms - last) {
            Some(age_ms) if age_ms <= FRESH_MS => format!("The {what} {name} arrives and is stored."),
            Some(age_ms) => {
                let minutes = age_ms / 60_000;
                format!(
                    "The {what} {name} is stored, but the last sample is {minutes} min old: look at its agent or sender."
                )
            }
            None => format!("The {what} {name} is known, but has no sample in the last day."),
        }
    }
}

fn step(stage: &str, state: &str, text: &str, last_ms: Option<i64>) -> Value {
    json!({ "stage": stage, "state": state, "text": text, "last_ms": last_ms })
}

/// What the doors refused lately: the usual reason why something never came.
fn refused(api: &Api) -> Vec<Value> {
    let protocols = (api.facts.protocols)();
    let mut steps = Vec::new();
    for door in protocols.as_array().into_iter().flatten().filter(|d| d["last_error"].is_string()) {
        let text = format!(
            "{} refused something: {}",
            door["name"].as_str().unwrap_or(""),
            door["last_error"].as_str().unwrap_or("")
        );
        steps.push(step("decode", "unknown", &text, door["last_ms"].as_i64()));
    }
    steps.push(step("head", "missing", "no series of this name in the last day", None));
    steps
}

fn missing(api: &Api, name: &str, now_ms: i64) -> String {
    let range = TimeRange::new(now_ms - DAY_MS, now_ms + DAY_MS);
    let mut known = api.source.label_values(NAME, &[], range, NAMES_MAX).unwrap_or_default();
    known.extend(api.source.label_values(HOST, &[], range, NAMES_MAX).unwrap_or_default());
    let near = lang::nearest::nearest(name, known.iter().map(String::as_str));
    match near {
        Some(near) => format!("Nothing named {name} arrived in the last day; did you mean {near}?"),
        None => format!("Nothing named {name} arrived in the last day through any door."),
    }
}
