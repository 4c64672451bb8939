//! `/metrics/get-metadata` and `/metrics/set-metadata`: what carbon keeps beside the values of a path. That is one word, the way
//! several samples become one, and here a question says it (`consolidateBy`).

use super::asked::Form;
use super::{Refusal, find, json};
use crate::Api;
use serde_json::{Map, Value, json};
use serve::{Request, Response};
use std::sync::Arc;

/// All that carbon keeps.
const KEY: &str = "aggregationMethod";

/// `GET` and `POST /metrics/get-metadata`: `metric` may stand several times.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let answer = Form::of(request).and_then(|form| {
        let key = form.last("key").unwrap_or("");
        let mut found = Map::new();
        for metric in form.all("metric") {
            found.insert(metric.to_owned(), of_path(api, metric, key)?);
        }
        Ok(json(&form, &Value::Object(found), true))
    });
    answer.unwrap_or_else(Refusal::text)
}

fn of_path(api: &Api, metric: &str, key: &str) -> Result<Value, Refusal> {
    if key != KEY {
        return Ok(json!({ "error": format!("Unsupported metadata key \"{key}\"") }));
    }
    match find::is_leaf(api, metric)? {
        true => Ok(json!({ "value": "average" })),
        false => Ok(json!({ "error": format!("there is no series {metric}") })),
    }
}

/// `GET` and `POST /metrics/set-metadata`: says for each metric why there is nothing to set.
pub fn set(_: &Arc<Api>, request: &Request) -> Response {
    Form::of(request).and_then(refused).unwrap_or_else(Refusal::text)
}

fn refused(form: Form) -> Result<Response, Refusal> {
    let operations = match form.last("operations") {
        Some(text) => serde_json::from_str(text).map_err(|e| Refusal::bad(format!("operations: {e}")))?,
        None => json!([{ "metric": form.last("metric") }]),
    };
    let metrics = operations.as_array().into_iter().flatten().filter_map(|one| one["metric"].as_str());
    let why = "how samples are put together is said by each question here, with consolidateBy";
    let told: Map<String, Value> =
        metrics.map(|metric| (metric.to_owned(), json!({ "error": why }))).collect();
    if told.is_empty() {
        return Err(Refusal::bad("no metric specified"));
    }
    Ok(json(&form, &Value::Object(told), true))
}
