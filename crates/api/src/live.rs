//! The same answers as a stream, a frame a second: the whole window first, then only what can still change.

use crate::params::Params;
use crate::run::{Asked, Refusal, evaluate};
use crate::{Api, respond};
use query::Grid;
use serde_json::json;
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
    let evaluated = match evaluate(api, asked, api.clock.now_ms()) {
        Ok(evaluated) => evaluated,
        Err(Refusal { sentence, .. }) => {
            return event("problem", json!({ "error": sentence }).to_string().as_bytes());
        }
    };
    let grid = &evaluated.answer.grid;
    let now = Sent { step_ms: grid.nominal_ms(), until_ms: grid.range.end_ms };
    let known = sent.filter(|sent| sent.step_ms == now.step_ms && grid.step_ms().is_some());
    let skip = known.map_or(0, |known| ended_before(grid, known.until_ms - REPEATED_MS));
    *sent = Some(now);
    event("frame", &evaluated.json(api.source.as_ref(), skip, Some(known.is_none())))
}

/// How many buckets ended before `from_ms`.
fn ended_before(grid: &Grid, from_ms: i64) -> usize {
    let buckets = (from_ms - grid.start_ms()) / grid.nominal_ms().max(1);
    buckets.clamp(0, grid.len() as i64) as usize
}

pub(crate) fn event(name: &str, data: &[u8]) -> Vec<u8> {
    [b"event: ", name.as_bytes(), b"\ndata: ", data, b"\n\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Interval, Unit};
    use query::GridSpec;

    #[test]
    fn later_frames_only_bring_the_tail() {
        let interval = Interval::new(1, Unit::Second);
        let grid = Grid::new(&GridSpec { interval: Some(interval), ..GridSpec::new(1000, 6000) }).unwrap();
        assert_eq!((grid.start_ms(), grid.len()), (1000, 5));
        assert_eq!(ended_before(&grid, 3500), 2);
        assert_eq!((ended_before(&grid, 0), ended_before(&grid, 9999)), (0, 5));
        assert_eq!(event("x", b"1"), b"event: x\ndata: 1\n\n");
    }
}
