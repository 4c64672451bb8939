//! Shapes of answers that every handler uses.

use meta::Error;
use serde_json::{Value, json};
use serve::{HeaderValue, Response, StatusCode, header};

/// A JSON answer that must not be cached.
pub fn json(value: &Value) -> Response {
    with_status(StatusCode::OK, value)
}

/// The same, of JSON that is text already.
pub fn json_text(text: Vec<u8>) -> Response {
    uncached(StatusCode::OK, text)
}

/// A JSON answer with a status.
pub fn with_status(status: StatusCode, value: &Value) -> Response {
    uncached(status, value.to_string().into_bytes())
}

fn uncached(status: StatusCode, text: Vec<u8>) -> Response {
    Response::json(status, text).with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// An error with one sentence and, where there is one, the next step.
pub fn error(status: StatusCode, sentence: impl Into<String>, hint: Option<&str>) -> Response {
    with_status(status, &json!({ "error": sentence.into(), "hint": hint }))
}

/// Why a small durable fact could not be read or changed.
pub fn fact_error(why: &Error) -> Response {
    let status = match why {
        Error::Bad(_) => StatusCode::BAD_REQUEST,
        Error::Unknown(_) => StatusCode::NOT_FOUND,
        Error::Changed(_) => StatusCode::PRECONDITION_FAILED,
        Error::Disk(..) | Error::Malformed(..) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    error(status, why.to_string(), None)
}
