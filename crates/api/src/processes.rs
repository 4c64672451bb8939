//! The top processes of a host at a moment, from the series the agent keeps of them.

use crate::params::Params;
use crate::recent::{Ends, Recent};
use crate::{Api, respond};
use model::{HOST, Matcher, NAME};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far before the moment a processor rate looks.
const WINDOW_MS: i64 = 15_000;

#[derive(Default)]
struct Row {
    cpu_ratio: Option<f64>,
    memory_bytes: Option<f64>,
    count: Option<f64>,
}

/// `GET /api/v1/processes?host=NAME&at=MS`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("host") else {
        return respond::error(StatusCode::BAD_REQUEST, "parameter `host` is missing", None);
    };
    let at_ms = match params.get("at").map(str::parse::<i64>) {
        None => api.clock.now_ms(),
        Some(Ok(at_ms)) => at_ms,
        Some(Err(_)) => {
            return respond::error(StatusCode::BAD_REQUEST, "`at` is not a time in milliseconds", None);
        }
    };
    let rows = rows(&Recent::new(api.source.as_ref(), at_ms, WINDOW_MS), host);
    let reason = rows.is_empty().then_some("No process was recorded in the 15 seconds before this moment.");
    respond::json(&json!({ "at_ms": at_ms, "rows": rows, "reason": reason }))
}

fn rows(recent: &Recent<'_>, host: &str) -> Vec<Value> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let ends = |metric| recent.ends(&[Matcher::equal(NAME, metric), Matcher::equal(HOST, host)]);
    let name = |ends: &Ends| ends.labels.get("name").unwrap_or("").to_owned();
    for series in ends("process_cpu_seconds_total") {
        rows.entry(name(&series)).or_default().cpu_ratio = series.per_second();
    }
    for series in ends("process_resident_bytes") {
        rows.entry(name(&series)).or_default().memory_bytes = Some(series.last.1);
    }
    for series in ends("process_count") {
        rows.entry(name(&series)).or_default().count = Some(series.last.1);
    }
    let mut rows: Vec<(String, Row)> = rows.into_iter().collect();
    let cpu = |row: &Row| row.cpu_ratio.unwrap_or(0.0);
    let memory = |row: &Row| row.memory_bytes.unwrap_or(0.0);
    rows.sort_by(|(_, a), (_, b)| cpu(b).total_cmp(&cpu(a)).then(memory(b).total_cmp(&memory(a))));
    let json = |(name, row): (String, Row)| json!({ "name": name, "cpu_ratio": row.cpu_ratio, "memory_bytes": row.memory_bytes, "count": row.count });
    rows.into_iter().map(json).collect()
}
