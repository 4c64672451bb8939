//! Asking the server over HTTP.

use serde_json::Value;
use std::time::Duration;

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text))
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)));
    config.build().into()
}

/// `GET`; `None` when nobody answers.
pub fn try_get(url: &str) -> Option<Answer> {
    let mut response = agent().get(url).call().ok()?;
    let status = response.status().as_u16();
    Some(Answer { status, text: response.body_mut().read_to_string().ok()? })
}

/// `GET`.
pub fn get(url: &str) -> Answer {
    try_get(url).unwrap_or_else(|| panic!("no answer from {url}"))
}

/// `POST`; `None` when nobody answers.
pub fn try_post(url: &str, content_type: &str, body: &[u8]) -> Option<Answer> {
    let mut response = agent().post(url).header("content-type", content_type).send(body).ok()?;
    let status = response.status().as_u16();
    Some(Answer { status, text: response.body_mut().read_to_string().ok()? })
}

/// `POST`.
pub fn post(url: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
    try_post(url, content_type, body.as_ref()).unwrap_or_else(|| panic!("no answer from {url}"))
}

/// Evaluates a Timelion expression and gives the series of its first result.
pub fn run(server: &str, expr: &str, from: &str, to: &str, interval: &str) -> Vec<Value> {
    let body = serde_json::json!({ "language": "timelion", "exprs": [expr], "from": from, "to": to, "interval": interval, "points": 4000 });
    let answer = post(&format!("{server}/api/v1/run"), "application/json", body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    assert!(json["results"][0]["error"].is_null(), "{expr}: {}", json["results"][0]["error"]);
    json["results"][0]["series"].as_array().cloned().unwrap_or_default()
}

/// The numbers of a series that are there.
pub fn numbers(series: &Value) -> Vec<f64> {
    series["values"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}
