//! `/health` and `/metrics`.

use crate::{Api, respond};
use model::TimeRange;
use serve::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use stdx::telemetry::Item;

/// `GET /health`: 200 when the store answers.
pub fn health(api: &Arc<Api>, _: &Request) -> Response {
    // Of all time, so that the first series tells enough: whether one has a sample of this moment, all would be asked.
    match api.source.label_names(&[], TimeRange::ALL, 1) {
        Ok(_) => Response::text(StatusCode::OK, "ok\n"),
        Err(e) => respond::error(StatusCode::SERVICE_UNAVAILABLE, e.to_string(), None),
    }
}

/// `GET /metrics`: the numbers of this process in the Prometheus text format 0.0.4.
pub fn get(api: &Arc<Api>, _: &Request) -> Response {
    let mut families: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for &item in api.facts.telemetry.iter().flat_map(|table| table.iter()) {
        families.entry(item.name()).or_default().push(item);
    }
    let mut text = String::new();
    for (name, items) in families {
        let kind = if items[0].is_counter() { "counter" } else { "gauge" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", items[0].help());
        for item in items {
            let _ = writeln!(text, "{name}{} {}", braces(&item), item.value());
        }
    }
    Response::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
}

fn braces(item: &Item) -> String {
    if item.labels().is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = item.labels().iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(","))
}
