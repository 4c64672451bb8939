//! Evaluates expressions over a range.

mod asked;
mod empty;
mod explain;

use crate::json::{Put, object};
use crate::render::Renderer;
use crate::{Api, respond};
pub use asked::Asked;
use lang::explain::Step;
use model::{Reading, Source, TimeRange};
use query::{Answer, Frame, Grid};
use serve::{HeaderName, HeaderValue, Request, Response, StatusCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
        Ok(evaluated) => {
            let started = Instant::now();
            let body = evaluated.json(api.source.as_ref(), 0, None);
            evaluated.with_headers(respond::json_text(body), started.elapsed())
        }
        Err(Refusal { sentence, hint }) => respond::error(StatusCode::BAD_REQUEST, sentence, hint.as_deref()),
    }
}

/// What came of a request.
pub struct Evaluated {
    /// Frames, one for each expression.
    pub answer: Answer,
    now_ms: i64,
    parse_us: u64,
    /// What was done, when that was asked for.
    steps: Option<Vec<Step>>,
}

/// Answers all expressions. A bad one spoils only its own result.
pub fn evaluate(api: &Api, asked: &Asked, now_ms: i64) -> Result<Evaluated, Refusal> {
    evaluate_on(api.source.as_ref(), asked, now_ms)
}

/// The same over any source.
pub fn evaluate_on(source: &dyn Source, asked: &Asked, now_ms: i64) -> Result<Evaluated, Refusal> {
    let started = Instant::now();
    let functions = query::names::table(asked.language.name).unwrap_or_default();
    let signatures = query::names::signatures_of(asked.language.name).unwrap_or_default();
    let texts: Vec<&str> = asked.exprs.iter().map(String::as_str).collect();
    let spec = asked.grid(now_ms)?;
    let from_ms = spec.from_ms;
    let refusal = |e: query::QueryError| Refusal { sentence: e.message(), hint: e.hint().map(str::to_owned) };
    let scope = Grid::new(&spec).map_err(refusal)?.scope();
    let plan = (asked.language.plan)(&texts, &signatures, &scope);
    let parse_us = started.elapsed().as_micros() as u64;
    let request = query::Request {
        tier: asked.tier,
        compatible: asked.compatible,
        now_ms,
        ..query::Request::new(&plan, functions, spec)
    };
    let mut answer = query::run(&request, source).map_err(refusal)?;
    for (frame, text) in
        answer.results.iter_mut().zip(&texts).filter_map(|(r, text)| Some((r.as_mut().ok()?, text)))
    {
        tell_of_nulls(frame);
        if frame.series.is_empty() && frame.notes.is_empty() && frame.prints.is_empty() {
            frame.notes = empty::why(source, asked.language.name, text, from_ms);
        }
    }
    let steps = asked.explain.then(|| lang::explain::steps(&plan, &signatures));
    Ok(Evaluated { answer, now_ms, parse_us, steps })
}

/// A chart without a single point says why it is empty.
fn tell_of_nulls(frame: &mut Frame) {
    let is_empty = frame.series.iter().all(|series| series.values.iter().all(|value| value.is_nan()));
    if is_empty && !frame.series.is_empty() && frame.notes.is_empty() {
        let series = frame.series.len();
        let found = if series == 1 { "A series was".to_owned() } else { format!("{series} series were") };
        frame.notes.push(format!("{found} found, but no value is left: all are null in this time range"));
    }
}

/// Bytes of JSON that a value takes as a rule.
const VALUE_BYTES: usize = 12;
/// And what else there is of a series.
const SERIES_BYTES: usize = 400;

impl Evaluated {
    /// The whole answer as JSON, but for the first `skip` buckets. `replace` tells a client that follows whether the
    /// frame stands for all it has.
    pub fn json(&self, source: &dyn Source, skip: usize, replace: Option<bool>) -> Vec<u8> {
        let Answer { grid, results, stats, reading, .. } = &self.answer;
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
            if let Some(steps) = &self.steps {
                o.list("steps", steps, |out, step| explain::step(out, step, &self.answer));
            }
            if let Some(replace) = replace {
                o.put("replace", replace);
            }
        });
        out
    }

    /// How long each part took, for the tools of browsers; and whether something is missing.
    fn with_headers(&self, response: Response, sending: Duration) -> Response {
        let stats = &self.answer.stats;
        let parts = [
            ("parse", self.parse_us),
            ("find", stats.find_us),
            ("read", stats.read_us),
            ("compute", stats.compute_us),
            ("send", sending.as_micros() as u64),
        ];
        let timing = parts.map(|(name, us)| format!("{name};dur={}", us as f64 / 1000.0)).join(", ");
        let header =
            |text: String| HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
        let response = response.with(HeaderName::from_static("server-timing"), header(timing));
        match self.answer.reading.gone.as_slice() {
            [] => response,
            gone => {
                let told = gone.iter().map(|(range, tier_ms)| {
                    let [from, to] = [range.start_ms, range.end_ms].map(model::timetext::print);
                    format!("nothing finer than {} from {from} to {to}", model::tier_name(*tier_ms))
                });
                let told = told.collect::<Vec<_>>().join("; ");
                response.with(HeaderName::from_static("windhover-partial"), header(told))
            }
        }
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
