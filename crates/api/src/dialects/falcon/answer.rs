//! Answers in Open-Falcon's exact names, written as text because a history has many values.

use super::Found;
use super::asked::Pair;
use super::newest::Point;
use crate::{respond, telemetry};
use model::ReadError;
use serde_json::{Value, json};
use serve::{HeaderValue, Response, StatusCode, header};

/// Why a request has no answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    pub(super) fn bad(reason: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, reason: reason.into() }
    }

    /// One sentence.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, reason: error.to_string() }
    }
}

/// A JSON list in the making.
#[derive(Debug, Default)]
pub(super) struct Answer {
    text: String,
    /// Values of histories so far.
    pub(super) values: usize,
}

impl Answer {
    /// Type, step and values of a series; none of a series that nobody knows.
    pub(super) fn history(
        &mut self,
        pair: &Pair,
        found: Option<&Found>,
        points: impl Iterator<Item = (i64, f64)>,
    ) {
        self.open(pair);
        let (dstype, step_s) = found.map_or(("", 0), |found| (found.dstype(), found.step_s));
        self.text += &format!(r#""dstype":"{dstype}","step":{step_s},"Values":["#);
        for (i, (time_s, value)) in points.enumerate() {
            self.text += if i == 0 { "" } else { "," };
            self.point(Point { time_s, value });
            self.values += 1;
        }
        self.text += "]}";
    }

    /// The newest value; time 0 says that there is none.
    pub(super) fn last(&mut self, pair: &Pair, point: Option<Point>) {
        self.open(pair);
        self.text += r#""value":"#;
        self.point(point.unwrap_or(Point { time_s: 0, value: 0.0 }));
        self.text += "}";
    }

    /// Type (in `consolFun`) and step. There is no file per series here, so `filename` is empty.
    pub(super) fn info(&mut self, pair: &Pair, found: Option<&Found>, address: &str) {
        self.open(pair);
        let (dstype, step_s) = found.map_or(("", 0), |found| (found.dstype(), found.step_s));
        let address = quoted(address);
        self.text += &format!(r#""consolFun":"{dstype}","step":{step_s},"filename":"","addr":{address}}}"#);
    }

    fn open(&mut self, pair: &Pair) {
        let comma = if self.text.is_empty() { "" } else { "," };
        let (endpoint, counter) = (quoted(&pair.endpoint), quoted(&pair.counter));
        self.text += &format!(r#"{comma}{{"endpoint":{endpoint},"counter":{counter},"#);
    }

    fn point(&mut self, point: Point) {
        let Point { time_s, value } = point;
        self.text += &format!(r#"{{"timestamp":{time_s},"value":{}}}"#, number(value));
    }
}

/// Six decimals as Open-Falcon prints them, all of them where six would lose some; `null` for NaN and infinities.
pub(super) fn number(value: f64) -> String {
    /// Larger numbers are shorter with an exponent.
    const PLAIN_MAX: f64 = 1e15;
    if !value.is_finite() {
        return "null".to_owned();
    }
    let text = format!("{value:.6}");
    if value.abs() < PLAIN_MAX && text.parse() == Ok(value) { text } else { format!("{value:?}") }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The list, or the refusal's reason in the field of this name.
pub(super) fn respond(answered: Result<Answer, Refusal>, reason: &str) -> Response {
    telemetry::FALCON_REQUESTS.add(1);
    match answered {
        Ok(answer) => Response::json(StatusCode::OK, format!("[{}]", answer.text).into_bytes())
            .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        Err(refusal) => {
            telemetry::FALCON_REFUSED.add(1);
            respond::with_status(refusal.status, &json!({ reason: refusal.reason }))
        }
    }
}

/// JSON made elsewhere, or the refusal's reason in the field of this name.
pub(super) fn respond_value(answered: Result<Value, Refusal>, reason: &str) -> Response {
    telemetry::FALCON_REQUESTS.add(1);
    match answered {
        Ok(value) => respond::json(&value),
        Err(refusal) => {
            telemetry::FALCON_REFUSED.add(1);
            respond::with_status(refusal.status, &json!({ reason: refusal.reason }))
        }
    }
}
