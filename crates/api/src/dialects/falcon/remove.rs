//! Deletion by the names of Open-Falcon's newer api.
//!
//! ```text
//! DELETE /api/v1/graph/endpoint  ["host", …]                   →  {"affected_endpoint","affected_counter"}
//! DELETE /api/v1/graph/counter   {"endpoints":[…],"counters":[…]}  →  {"affected_counter"}
//! ```
//!
//! What is counted is what is there when asked. A series that gets samples later is there again.

use super::answer::{self, Refusal};
use super::{asked, counter, index, rest};
use crate::Api;
use model::keeper::KeepError;
use model::{HOST, Labels, Matcher, Source, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `DELETE /api/v1/graph/endpoint`.
pub fn endpoint(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(endpoints(api, &request.body), "error")
}

fn endpoints(api: &Api, body: &[u8]) -> Result<Value, Refusal> {
    let asked = asked::first_value(body)?;
    let names =
        rest::texts_of(asked::list(Some(&asked).filter(|v| !v.is_null()), "the request")?, "the request")?;
    asked::check_count(names.len(), "no endpoint")?;
    let (mut hosts, mut counters, mut selectors) = (0, 0, Vec::new());
    for name in names {
        let series = index::of_host(api.source.as_ref(), name)?.len();
        if series > 0 {
            hosts += 1;
            counters += series;
            selectors.push(vec![Matcher::equal(HOST, name)]);
        }
    }
    delete(api, &selectors)?;
    Ok(json!({ "affected_endpoint": hosts, "affected_counter": counters }))
}

/// `DELETE /api/v1/graph/counter`.
pub fn counter(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(counters(api, &request.body), "error")
}

fn counters(api: &Api, body: &[u8]) -> Result<Value, Refusal> {
    let fields = asked::object(asked::first_value(body)?, "the request")?;
    for name in ["endpoints", "counters"] {
        if asked::field(&fields, name).is_none() {
            return Err(Refusal::bad(format!("`{name}` is missing")));
        }
    }
    let (hosts, counters) = (rest::texts(&fields, "endpoints")?, rest::texts(&fields, "counters")?);
    asked::check_count(hosts.len().saturating_mul(counters.len()), "no endpoint or no counter")?;
    let mut selectors = Vec::new();
    for host in &hosts {
        for name in &counters {
            let found = counter::find(api.source.as_ref(), host, name)?;
            selectors.extend(found.map(|series| exactly(api.source.as_ref(), &series.labels)).transpose()?);
        }
    }
    delete(api, &selectors)?;
    Ok(json!({ "affected_counter": selectors.len() }))
}

// All labels as they are, and none that other series have besides.
fn exactly(source: &dyn Source, labels: &Labels) -> Result<Vec<Matcher>, Refusal> {
    let mut matchers: Vec<Matcher> = labels.iter().map(|(name, value)| Matcher::equal(name, value)).collect();
    let others = source.select(&matchers, TimeRange::ALL, index::SERIES_MAX)?.series;
    let more: BTreeSet<&str> = others
        .iter()
        .flat_map(|series| series.labels.iter().map(|(name, _)| name))
        .filter(|name| labels.get(name).is_none())
        .collect();
    matchers.extend(more.into_iter().map(|name| Matcher::equal(name, "")));
    Ok(matchers)
}

fn delete(api: &Api, selectors: &[Vec<Matcher>]) -> Result<(), Refusal> {
    if selectors.is_empty() {
        return Ok(());
    }
    let refused = |error: KeepError| Refusal::bad(error.to_string());
    api.keeper.delete(selectors, TimeRange::ALL).map(|_| ()).map_err(refused)
}
