//! Shapes of answers that every handler uses.

use serde_json::{Value, json};
use serve::{HeaderValue, Response, StatusCode, header};

/// A JSON answer that must not be cached.
pub fn json(value: &Value) -> Response {
    with_status(StatusCode::OK, value)
}

/// A JSON answer with a status.
pub fn with_status(status: StatusCode, value: &Value) -> Response {
    Response::json(status, value.to_string().into_bytes())
        .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// An error with one sentence and, where there is one, the next step.
pub fn error(status: StatusCode, sentence: impl Into<String>, hint: Option<&str>) -> Response {
    with_status(status, &json!({ "error": sentence.into(), "hint": hint }))
}
