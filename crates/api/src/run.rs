//! Evaluates expressions over a range.

mod asked;

use crate::json::{Put, object};
use crate::render::Renderer;
use crate::{Api, respond};
pub use asked::Asked;
use model::{Reading, Source, TimeRange};
use query::{Answer, Grid};
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
        Ok(evaluated) => respond::json_text(evaluated.json(api.source.as_ref(), 0, None)),
        Err(Refusal { sentence, hint }) => respond::error(StatusCode::BAD_REQUEST, sentence, hint.as_deref()),
    }
}

/// What came of a request.
pub struct Evaluated {
    /// Frames, one for each expression.
    pub answer: Answer,
    now_ms: i64,
    parse_us: u64,
}

/// Answers all expressions. A bad one spoils only its own result.
pub fn evaluate(api: &Api, asked: &Asked, now_ms: i64) -> Result<Evaluated, Refusal> {
    let started = Instant::now();
    let functions = query::names::table(asked.language.name).unwrap_or_default();
    let signatures = query::names::signatures_of(asked.language.name).unwrap_or_default();
    let texts: Vec<&str> = asked.exprs.iter().map(String::as_str).collect();
    let spec = asked.grid(now_ms)?;
    let refusal = |e: query::QueryError| Refusal { sentence: e.message(), hint: e.hint().map(str::to_owned) };
    let scope = Grid::new(&spec).map_err(refusal)?.scope();
    let plan = (asked.language.plan)(&texts, &signatures, &scope);
    let parse_us = started.elapsed().as_micros() as u64;
    let request = query::Request { tier: asked.tier, now_ms, ..query::Request::new(&plan, functions, spec) };
    let answer = query::run(&request, api.source.as_ref());
    let answer = answer.map_err(refusal)?;
    Ok(Evaluated { answer, now_ms, parse_us })
}

/// Bytes of JSON that a value takes as a rule.
const VALUE_BYTES: usize = 12;
/// And what else there is of a series.
const SERIES_BYTES: usize = 400;

impl Evaluated {
    /// The whole answer as JSON, but for the first `skip` buckets. `replace` tells a client that follows whether the
    /// frame stands for all it has.
    pub fn json(&self, source: &dyn Source, skip: usize, replace: Option<bool>) -> Vec<u8> {
        let Answer { grid, results, stats, reading } = &self.answer;
        let skip = skip.min(grid.len());
        let frames = results.iter().flatten();
        let series: usize = frames.map(|frame| frame.series.len()).sum();
        let mut out = Vec::with_capacity(series * (SERIES_BYTES + (grid.len() - skip) * VALUE_BYTES));
        object(&mut out, |o| {
            o.put("from_ms", grid.range.start_ms).put("to_ms", grid.range.end_ms);
            o.put("start_ms", self.start_ms(skip)).put("step_ms", grid.nominal_ms());
            // Months and days of a zone with summer time are not all of one length: then every time is told.
            match grid.step_ms() {
                Some(_) => o.put("times_ms", None::<bool>),
                None => o.list("times_ms", grid.times_ms(), |out, time_ms| time_ms.put(out)),
            };
            o.put("count", grid.len() - skip).put("interval", grid.interval.to_string());
            o.put("now_ms", self.now_ms);
            let mut renderer = Renderer::new(source, skip);
            o.list("results", results, |out, result| renderer.result(out, result));
            o.object("stats", |o| {
                o.put("series", stats.series).put("samples", stats.samples).put("parse_us", self.parse_us);
                o.put("find_us", stats.find_us).put("read_us", stats.read_us);
                o.put("compute_us", stats.compute_us).put("tier", tiers(reading));
            });
            o.list("gone", &reading.gone, gone);
            if let Some(replace) = replace {
                o.put("replace", replace);
            }
        });
        out
    }

    /// When the first bucket after `skip` others starts.
    fn start_ms(&self, skip: usize) -> i64 {
        self.answer.grid.start_ms() + skip as i64 * self.answer.grid.nominal_ms()
    }
}

/// The tiers used, finest first: `raw`, `60s`, or `raw+60s+1h`; `none` when nothing was found.
fn tiers(reading: &Reading) -> String {
    let names: Vec<String> = reading.tiers_ms.iter().copied().map(model::tier_name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join("+") }
}

/// Where what was asked for is no longer kept, and the finest tier that is.
fn gone(out: &mut Vec<u8>, (range, tier_ms): &(TimeRange, u32)) {
    object(out, |o| {
        o.put("from_ms", range.start_ms).put("to_ms", range.end_ms).put("tier", model::tier_name(*tier_ms));
    });
}

#[cfg(test)]
mod tests;
