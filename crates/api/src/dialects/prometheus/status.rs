//! What a server says of itself in Prometheus' words, and what it says of things that it does not have.

use super::ask;
use super::envelope::{data, failure};
use super::params;
use crate::Api;
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// The version of Prometheus whose language and interface are spoken. Clients such as Grafana choose by it what they ask.
pub const DIALECT: &str = "3.14.0";

/// `GET /api/v1/status/buildinfo`.
pub fn buildinfo(api: &Arc<Api>, _: &Request) -> Response {
    data(&json!({
        "application": "Windhover", "version": DIALECT, "revision": api.facts.version,
        "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
    }))
}

/// `GET /api/v1/status/runtimeinfo`.
pub fn runtimeinfo(api: &Arc<Api>, _: &Request) -> Response {
    let time = |ms: i64| model::timetext::print(ms);
    data(&json!({
        "startTime": time(api.facts.started_ms),
        "CWD": api.facts.data,
        "hostname": api.facts.host,
        "serverTime": time(api.clock.now_ms()),
        "reloadConfigSuccess": true,
        "lastConfigTime": time(api.facts.started_ms),
        "corruptionCount": 0,
        "goroutineCount": 0,
        "GOMAXPROCS": std::thread::available_parallelism().map_or(1, usize::from),
        "GOMEMLIMIT": 0,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": "",
    }))
}

/// `GET /api/v1/status/flags`: there are none.
pub fn flags(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({}))
}

/// `GET /api/v1/status/config`: settings are not Prometheus' and are not shown.
pub fn config(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({ "yaml": "" }))
}

/// `GET /api/v1/targets`: whom agents ask is shown on the pages of their hosts.
pub fn targets(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({ "activeTargets": [], "droppedTargets": [], "droppedTargetCounts": {} }))
}

/// `GET /api/v1/targets/metadata`.
pub fn targets_metadata(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!([]))
}

/// `GET /api/v1/rules`.
pub fn rules(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({ "groups": [] }))
}

/// `GET /api/v1/alerts`.
pub fn alerts(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({ "alerts": [] }))
}

/// `GET /api/v1/alertmanagers`.
pub fn alertmanagers(_: &Arc<Api>, _: &Request) -> Response {
    data(&json!({ "activeAlertmanagers": [], "droppedAlertmanagers": [] }))
}

/// `GET|POST /api/v1/query_exemplars`: none are kept, but what is asked must make sense.
pub fn exemplars(api: &Arc<Api>, request: &Request) -> Response {
    let (asked, now_ms) = (params(request), api.clock.now_ms());
    let checked = || -> Result<Value, ask::Refused> {
        let start_ms = ask::instant(&asked, "start", now_ms)?.unwrap_or(i64::MIN);
        let end_ms = ask::instant(&asked, "end", now_ms)?.unwrap_or(i64::MAX);
        if end_ms < start_ms {
            return Err(ask::Refused::parameter("end", "end timestamp must not be before start timestamp"));
        }
        let text = asked.get("query").unwrap_or_default();
        lang::promql::parse(text).map_err(|error| super::query::unparsed("query", text, &error))?;
        Ok(json!([]))
    };
    checked().map_or_else(|refused| failure(&refused), |value| data(&value))
}

/// `GET|HEAD /-/healthy`.
pub fn healthy(_: &Arc<Api>, _: &Request) -> Response {
    Response::text(StatusCode::OK, "Windhover is Healthy.\n")
}

/// `GET|HEAD /-/ready`.
pub fn ready(_: &Arc<Api>, _: &Request) -> Response {
    Response::text(StatusCode::OK, "Windhover is Ready.\n")
}
