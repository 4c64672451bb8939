//! Evaluates expressions over a range.

mod asked;

use crate::{Api, render, respond};
pub use asked::Asked;
use model::{Reading, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Instant;

/// Why a request as a whole has no answer.
pub struct Refusal {
    /// One sentence.
    pub sentence: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Refusal {
    fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None }
    }
}

/// `POST /api/v1/run`.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    let answered = Asked::parse(&request.body).and_then(|asked| evaluate(api, &asked, api.clock.now_ms()));
    match answered {
        Ok(answer) => respond::json(&answer),
        Err(Refusal { sentence, hint }) => respond::error(StatusCode::BAD_REQUEST, sentence, hint.as_deref()),
    }
}

/// The whole answer as JSON. A bad expression spoils only its own result.
pub fn evaluate(api: &Api, asked: &Asked, now_ms: i64) -> Result<Value, Refusal> {
    let started = Instant::now();
    let functions = query::names::timelion::FUNCTIONS;
    let signatures = query::names::signatures(functions);
    let texts: Vec<&str> = asked.exprs.iter().map(String::as_str).collect();
    let plan = (asked.language.plan)(&texts, &signatures);
    let parse_us = started.elapsed().as_micros() as u64;
    let spec = asked.grid(now_ms)?;
    let request = query::Request { tier: asked.tier, ..query::Request::new(&plan, functions, spec) };
    let answer = query::run(&request, api.source.as_ref());
    let answer = answer.map_err(|e| Refusal { sentence: e.message(), hint: e.hint().map(str::to_owned) })?;
    let grid = &answer.grid;
    let stats = answer.stats;
    let results: Vec<Value> =
        answer.results.iter().map(|result| render::result(result, api.source.as_ref())).collect();
    Ok(json!({
        "from_ms": grid.range.start_ms,
        "to_ms": grid.range.end_ms,
        "start_ms": grid.start_ms(),
        "step_ms": grid.nominal_ms(),
        // Months and days of a zone with summer time are not all of one length: then every time is told.
        "times_ms": if grid.step_ms().is_none() { Some(grid.times_ms()) } else { None },
        "count": grid.len(),
        "interval": grid.interval.to_string(),
        "now_ms": now_ms,
        "results": results,
        "stats": {
            "series": stats.series,
            "samples": stats.samples,
            "parse_us": parse_us,
            "find_us": stats.find_us,
            "read_us": stats.read_us,
            "compute_us": stats.compute_us,
            "tier": tiers(&answer.reading),
        },
        "gone": answer.reading.gone.iter().map(gone).collect::<Vec<Value>>(),
    }))
}

/// The tiers used, finest first: `raw`, `60s`, or `raw+60s+1h`.
fn tiers(reading: &Reading) -> String {
    let names: Vec<String> = reading.tiers_ms.iter().copied().map(model::tier_name).collect();
    if names.is_empty() { model::tier_name(0) } else { names.join("+") }
}

/// Where what was asked for is no longer kept, and the finest tier that is.
fn gone((range, tier_ms): &(TimeRange, u32)) -> Value {
    json!({ "from_ms": range.start_ms, "to_ms": range.end_ms, "tier": model::tier_name(*tier_ms) })
}

#[cfg(test)]
mod tests;
