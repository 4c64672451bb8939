//! What Open-Falcon's dashboard asked its query component for, which passed it on.
//!
//! ```text
//! POST /api/info, /api/history                  as /graph/info and /graph/history
//! GET  /api/endpoints?q=&tags=&limit=100     →  {"ok","msg","data":["host"]}
//! POST /api/counters   endpoints=["host"]&q=&limit=100  (a form)
//!                                            →  {"ok","msg","data":[["counter","type",step]]}
//! ```
//!
//! `q` is words that must all stand somewhere in the name, whatever the case; unlike in the newer api they are no regular
//! expressions. Answers are sorted; what is wrong is told as `"ok": false` with a `msg`, always with 200.

use super::answer::Refusal;
use super::index::{check_hosts, hosts, of_host, whole, with_tags};
use super::terms::Terms;
use super::{Found, counter};
use crate::params::Params;
use crate::{Api, respond, telemetry};
use model::Source;
use serde_json::{Value, json};
use serve::{Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Items of an answer when nobody says how many.
const LIMIT: i64 = 100;
/// Most items of an answer.
const LIMIT_MAX: i64 = 10_000;

/// `GET /api/endpoints`.
pub fn endpoints(api: &Arc<Api>, request: &Request) -> Response {
    respond(found_hosts(&api.numbers(), &Params::parse(&request.query)))
}

fn found_hosts(source: &dyn Source, params: &Params) -> Result<Vec<Value>, Refusal> {
    let [q, tags] = ["q", "tags"].map(|name| params.get(name).unwrap_or("").trim());
    if q.is_empty() && tags.is_empty() {
        return Err(Refusal::bad("no query params given"));
    }
    let terms = Terms::words(q)?;
    let hosts = if tags.is_empty() { hosts(source, &[])? } else { with_tags(source, tags)? };
    let found = hosts.into_iter().filter(|host| terms.accept(host));
    Ok(found.take(limit(params)?).map(Value::from).collect())
}

/// `POST /api/counters`.
pub fn counters(api: &Arc<Api>, request: &Request) -> Response {
    let form = Params::parse(&String::from_utf8_lossy(&request.body));
    respond(found_counters(&api.numbers(), &form))
}

fn found_counters(source: &dyn Source, form: &Params) -> Result<Vec<Value>, Refusal> {
    let [named, q] = ["endpoints", "q"].map(|name| form.get(name).unwrap_or("").trim());
    if named.is_empty() && q.is_empty() {
        return Err(Refusal::bad("no endpoints or counter given"));
    }
    let named: Vec<String> = match named {
        "" => Vec::new(),
        text => serde_json::from_str(text)
            .map_err(|_| Refusal::bad("`endpoints` is not a list of texts in JSON"))?,
    };
    check_hosts(named.len())?;
    let terms = Terms::words(q)?;
    let (mut found, mut is_known) = (BTreeMap::new(), false);
    for host in &named {
        for series in of_host(source, host)? {
            is_known = true;
            let counter = counter::text(&series.labels);
            if terms.accept(&counter) {
                found.insert(counter, series);
            }
        }
    }
    match (is_known, found.is_empty()) {
        (false, _) => return Err(Refusal::bad("no endpoints in graph")),
        (true, true) => return Err(Refusal::bad("no counters in graph")),
        _ => {}
    }
    let described = found.into_iter().take(limit(form)?).map(|(counter, series)| {
        let known = Found::of(source, &series)?;
        Ok(json!([counter, known.dstype(), known.step_s]))
    });
    described.collect()
}

fn limit(params: &Params) -> Result<usize, Refusal> {
    Ok(whole(params, "limit", LIMIT)?.clamp(0, LIMIT_MAX) as usize)
}

fn respond(answered: Result<Vec<Value>, Refusal>) -> Response {
    telemetry::FALCON_REQUESTS.add(1);
    let refused = |refusal: Refusal| {
        telemetry::FALCON_REFUSED.add(1);
        json!({ "ok": false, "msg": refusal.reason(), "data": [] })
    };
    respond::json(&answered.map_or_else(refused, |data| json!({ "ok": true, "msg": "", "data": data })))
}
