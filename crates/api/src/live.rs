//! The same answers as a stream, a frame a second: the whole window first, then only what can still change.

use crate::params::Params;
use crate::run::{Asked, Refusal, evaluate};
use crate::{Api, respond};
use serde_json::{Value, json};
use serve::{Events, Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// Time between two frames.
const EVERY: Duration = Duration::from_secs(1);
/// How far back a frame repeats what was sent: samples may come late by this much and are still drawn.
const REPEATED_MS: i64 = 10_000;

/// `GET /api/v1/live?request=JSON`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let Some(text) = params.get("request") else {
        return respond::error(StatusCode::BAD_REQUEST, "parameter `request` is missing", None);
    };
    let asked = match Asked::parse(text.as_bytes()) {
        Ok(asked) => asked,
        Err(Refusal { sentence, hint }) => {
            return respond::error(StatusCode::BAD_REQUEST, sentence, hint.as_deref());
        }
    };
    let api = api.clone();
    let mut sent: Option<Sent> = None;
    Response::events(Events { every: EVERY, next: Box::new(move || Some(next(&api, &asked, &mut sent))) })
}

/// What the client has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sent {
    step_ms: i64,
    until_ms: i64,
}

fn next(api: &Api, asked: &Asked, sent: &mut Option<Sent>) -> Vec<u8> {
    let now_ms = api.clock.now_ms();
    let mut answer = match evaluate(api, asked, now_ms) {
        Ok(answer) => answer,
        Err(Refusal { sentence, .. }) => return event("problem", &json!({ "error": sentence })),
    };
    let step_ms = answer["step_ms"].as_i64().unwrap_or(0);
    let until_ms = answer["to_ms"].as_i64().unwrap_or(now_ms);
    let known = sent.filter(|s| s.step_ms == step_ms && answer["times_ms"].is_null());
    answer["replace"] = known.is_none().into();
    if let Some(known) = known {
        keep_after(&mut answer, known.until_ms - REPEATED_MS);
    }
    *sent = Some(Sent { step_ms, until_ms });
    event("frame", &answer)
}

/// Drops the points of buckets that ended before `from_ms`.
fn keep_after(answer: &mut Value, from_ms: i64) {
    let number = |name: &str| answer[name].as_i64().unwrap_or(0);
    let (start_ms, step_ms, count) = (number("start_ms"), number("step_ms").max(1), number("count"));
    let drop = ((from_ms - start_ms) / step_ms).clamp(0, count);
    answer["start_ms"] = (start_ms + drop * step_ms).into();
    answer["count"] = (count - drop).into();
    for result in answer["results"].as_array_mut().into_iter().flatten() {
        for series in result["series"].as_array_mut().into_iter().flatten() {
            if let Some(values) = series["values"].as_array_mut() {
                values.drain(..(drop as usize).min(values.len()));
            }
        }
    }
}

fn event(name: &str, data: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_frames_only_bring_the_tail() {
        let mut answer = json!({
            "start_ms": 1000, "step_ms": 1000, "count": 5,
            "results": [{ "series": [{ "values": [1, 2, 3, 4, 5] }, { "values": [null, 2, null, 4, 5] }] }],
        });
        keep_after(&mut answer, 3500);
        assert_eq!((answer["start_ms"].as_i64(), answer["count"].as_i64()), (Some(3000), Some(3)));
        assert_eq!(answer["results"][0]["series"][0]["values"], json!([3, 4, 5]));
        keep_after(&mut answer, 0);
        assert_eq!(answer["count"], 3);
        assert_eq!(event("x", &json!(1)), b"event: x\ndata: 1\n\n");
    }
}
