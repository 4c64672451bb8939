//! The story of a data point, stage by stage, from the program's own series. Because every process ships its own
//! numbers like any other samples, this page is the same for one machine and for a thousand.

pub mod stages;
pub mod trace;

use crate::recent::{Recent, Sum};
use crate::{Api, respond};
use serde_json::{Value, json};
use serve::{Request, Response};
use stages::{STAGES, Stage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far back a rate looks.
const RATE_WINDOW_MS: i64 = 30_000;

/// `GET /api/v1/path`: every stage with its rate, queue and drops.
pub fn get(api: &Arc<Api>, _: &Request) -> Response {
    let now_ms = api.clock.now_ms();
    let recent = Recent::new(api.source.as_ref(), now_ms, RATE_WINDOW_MS);
    let stages: Vec<Value> = STAGES.iter().map(|stage| describe(stage, &recent, now_ms)).collect();
    let protocols = (api.facts.protocols)();
    respond::json(&json!({ "now_ms": now_ms, "stages": stages, "protocols": protocols }))
}

fn describe(stage: &Stage, recent: &Recent<'_>, now_ms: i64) -> Value {
    let flow = stage.flow.iter().filter_map(|name| recent.sum(name)).reduce(Sum::plus);
    let queue = |name: Option<&str>| name.and_then(|n| recent.sum(n).map(|s| s.last));
    let oldest_seconds = stage.oldest_seconds.and_then(|name| recent.max(name));
    json!({
        "id": stage.id,
        "title": stage.title,
        "rate": flow.as_ref().and_then(|f| f.per_second),
        "rate_unit": stage.flow_unit,
        "total": flow.as_ref().map(|f| f.last),
        "queue_used": queue(stage.queue_used),
        "queue_size": queue(stage.queue_size),
        "queue_unit": stage.queue_unit,
        "oldest_ms": oldest_seconds.map(|s| now_ms - (s * 1000.0) as i64),
        "drops": drops(stage, recent),
        "note": stage.note,
    })
}

fn drops(stage: &Stage, recent: &Recent<'_>) -> Vec<Value> {
    let mut by_reason: BTreeMap<String, f64> = BTreeMap::new();
    for name in stage.drops {
        for (labels, last) in recent.each(name) {
            let reason = labels.get("reason").map_or_else(|| stages::words(name), str::to_owned);
            *by_reason.entry(reason).or_default() += last;
        }
    }
    by_reason
        .into_iter()
        .filter(|(_, n)| *n > 0.0)
        .map(|(reason, count)| json!({ "reason": reason, "count": count }))
        .collect()
}
