//! What this server is.

use crate::recent::Recent;
use crate::{Api, respond};
use model::{HOST, TimeRange};
use serde_json::json;
use serve::{Request, Response};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;
const HOSTS_MAX: usize = 100_000;

/// `GET /api/v1/about`.
pub fn get(api: &Arc<Api>, _: &Request) -> Response {
    let now_ms = api.clock.now_ms();
    let facts = &api.facts;
    let store = (facts.store)();
    let day = TimeRange::new(now_ms - DAY_MS, now_ms + 1);
    let hosts = api.source.label_values(HOST, &[], day, HOSTS_MAX).map_or(0, |hosts| hosts.len());
    let appended = Recent::new(api.source.as_ref(), now_ms, 30_000).sum("windhover_store_samples_total");
    respond::json(&json!({
        "product": "Windhover",
        "version": facts.version,
        "host": facts.host,
        "role": facts.role,
        "started_ms": facts.started_ms,
        "now_ms": now_ms,
        "listen": facts.listen,
        "loopback_only": facts.loopback_only,
        "data": facts.data,
        "series": store.series,
        "samples_total": store.samples_total,
        "samples_per_second": appended.and_then(|a| a.per_second),
        "disk_bytes": store.disk_bytes,
        "hosts": hosts,
        "join": facts.join,
    }))
}
