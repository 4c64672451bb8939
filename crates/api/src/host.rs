//! One host: what is known of it and the charts that its series allow.

use crate::charts::{Chart, SECTIONS, quoted_term};
use crate::params::Params;
use crate::{Api, fleet, respond};
use model::{HOST, Matcher, NAME, ReadError, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far back a host's metrics are looked for.
const LOOK_BACK_MS: i64 = 24 * 3_600_000;
/// Most metrics without a chart of their own that get a plain one.
const FURTHER_CHARTS_MAX: usize = 40;
const METRICS_MAX: usize = 10_000;

/// `GET /api/v1/host?name=NAME`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(host) = params.get("name") else {
        return respond::error(StatusCode::BAD_REQUEST, "parameter `name` is missing", None);
    };
    let now_ms = api.clock.now_ms();
    match metrics(api, host, now_ms) {
        Err(e) => respond::error(StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), None),
        Ok(metrics) if metrics.is_empty() => {
            let sentence = format!("nothing was heard of a host named {host:?} in the last 24 hours");
            respond::error(StatusCode::NOT_FOUND, sentence, Some("the fleet page lists the hosts there are"))
        }
        Ok(metrics) => {
            let mut body = fleet::row(api, host, now_ms);
            body["now_ms"] = now_ms.into();
            body["problems"] = api.events.problems().get(host).copied().unwrap_or(0).into();
            body["sections"] = sections(api, host, &metrics).into();
            respond::json(&body)
        }
    }
}

fn metrics(api: &Api, host: &str, now_ms: i64) -> Result<BTreeSet<String>, ReadError> {
    let range = TimeRange::new(now_ms - LOOK_BACK_MS, now_ms + 1);
    let names = api.source.label_values(NAME, &[Matcher::equal(HOST, host)], range, METRICS_MAX)?;
    Ok(names.into_iter().collect())
}

fn sections(api: &Api, host: &str, metrics: &BTreeSet<String>) -> Vec<Value> {
    let mut sections: Vec<Value> = Vec::new();
    // A host without our agent has none of these: six empty sections would only hide what it has.
    let has_agent = SECTIONS.iter().flat_map(|s| s.charts).any(|c| metrics.contains(c.needs));
    for section in SECTIONS.iter().filter(|_| has_agent) {
        let charts: Vec<&Chart> = section.charts.iter().filter(|c| metrics.contains(c.needs)).collect();
        let reason = charts.is_empty().then_some(section.reason);
        let charts: Vec<Value> = charts.into_iter().map(|chart| describe(chart, host)).collect();
        sections
            .push(json!({ "id": section.id, "title": section.title, "reason": reason, "charts": charts }));
    }
    let further = further(api, host, metrics);
    if !further.is_empty() {
        sections.push(json!({ "id": "further", "title": "Sent to this host's name", "reason": null, "charts": further }));
    }
    sections
}

fn describe(chart: &Chart, host: &str) -> Value {
    json!({
        "id": chart.id,
        "title": chart.title,
        "unit": chart.unit,
        "stack": chart.stack,
        "expr": chart.expression(host),
    })
}

/// Metrics that came through other doors: each gets a chart without anybody drawing one.
fn further(api: &Api, host: &str, metrics: &BTreeSet<String>) -> Vec<Value> {
    let unknown = metrics
        .iter()
        .filter(|name| !name.starts_with("windhover_") && !api.facts.agent_metrics.contains(name.as_str()));
    let unknown = unknown.take(FURTHER_CHARTS_MAX);
    let chart = |name: &String| {
        let query = format!("host:{}", quoted_term(host)).replace('\\', "\\\\").replace('\'', "\\'");
        let (how, unit) = if name.ends_with("_total") { ("rate", "/s") } else { ("avg", "") };
        let metric = format!("{how}:{name}").replace('\\', "\\\\").replace('\'', "\\'");
        let expr = format!(
            ".es(q='{query}', metric='{metric}').label('{}')",
            name.replace('\\', "\\\\").replace('\'', "\\'")
        );
        json!({ "id": format!("further_{name}"), "title": name, "unit": unit, "stack": false, "expr": expr })
    };
    unknown.map(chart).collect()
}
