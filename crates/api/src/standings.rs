//! How the parts of hosts stand: collectors, plugins, checks and doors, as they last said themselves.

use crate::params::Params;
use crate::{Api, respond};
use model::{HostStandings, Stood};
use serde_json::{Value, json};
use serve::{Request, Response};
use std::sync::Arc;

/// `GET /api/v1/standings?host=NAME`; without a host those of all.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let hosts = api.events.standings(params.get("host").filter(|host| !host.is_empty()));
    let hosts: Vec<Value> = hosts.iter().map(describe).collect();
    respond::json(&json!({ "now_ms": api.clock.now_ms(), "hosts": hosts }))
}

fn describe(host: &HostStandings) -> Value {
    let parts: Vec<Value> = host.parts.iter().map(one).collect();
    json!({ "host": host.host, "time_ms": host.time_ms, "parts": parts })
}

fn one(part: &Stood) -> Value {
    json!({
        "part": part.part,
        "name": part.name,
        "last_ms": part.last_ms,
        "took_us": part.took_us,
        "samples": part.samples,
        "problem": part.problem,
        "since_ms": part.since_ms,
    })
}
