//! `/api/v1/query` and `/api/v1/query_range`: PromQL evaluated, as Prometheus answers it.

use super::ask::{self, Refused};
use super::envelope::{Remarks, failure, success};
use super::{Fault, params, values, why};
use crate::Api;
use crate::json::Object;
use crate::params::Params;
use lang::plan::{NodeId, Plan};
use lang::promql::{Expr, ValueType, lower, parse};
use lang::{Error, Scope};
use query::QueryError;
use query::vector::{Answer, Outcome, Question, Steps, answer};
use serve::{Request, Response};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Most points of a series.
const POINTS_MAX: i64 = 11_000;
/// Longest time for a query, whatever it asks for.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Most series a selector finds: sums over a whole fleet are usual.
const SERIES_MAX: usize = 500_000;
/// Most values held at a time, of 8 bytes each.
const VALUES_MAX: usize = 20_000_000;
/// Said where `limit` cut something off.
const TRUNCATED: &str = "results truncated due to limit";

/// `GET|POST /api/v1/query`.
pub fn instant(api: &Arc<Api>, request: &Request) -> Response {
    let asked = params(request);
    let answered = || -> Result<Response, Refused> {
        let now_ms = api.clock.now_ms();
        let time_ms = ask::instant(&asked, "time", now_ms)?.unwrap_or(now_ms);
        let steps = Steps::instant(time_ms);
        let evaluated = Evaluation::new(&asked, Scope::instant(time_ms))?.run(api, request, steps, true)?;
        Ok(evaluated.respond(|o, outcome| values::put_instant(o, outcome, steps)))
    };
    answered().unwrap_or_else(|refused| failure(&refused))
}

/// `GET|POST /api/v1/query_range`.
pub fn range(api: &Arc<Api>, request: &Request) -> Response {
    let asked = params(request);
    let answered = || -> Result<Response, Refused> {
        let (start_ms, end_ms, step_ms) = instants(&asked, api.clock.now_ms())?;
        let evaluation = Evaluation::new(&asked, Scope::range(start_ms, end_ms, step_ms))?;
        if !matches!(evaluation.value_type, ValueType::Scalar | ValueType::Vector) {
            let found = evaluation.value_type.documented();
            let error = format!(
                "invalid expression type {found:?} for range query, must be Scalar or instant Vector"
            );
            return Err(Refused::parameter("query", error));
        }
        let steps = Steps::range(start_ms, end_ms, step_ms);
        let evaluated = evaluation.run(api, request, steps, false)?;
        Ok(evaluated.respond(|o, outcome| values::put_range(o, outcome, steps)))
    };
    answered().unwrap_or_else(|refused| failure(&refused))
}

fn instants(asked: &Params, now_ms: i64) -> Result<(i64, i64, i64), Refused> {
    let start_ms = ask::instant_wanted(asked, "start", now_ms)?;
    let end_ms = ask::instant_wanted(asked, "end", now_ms)?;
    if end_ms < start_ms {
        return Err(Refused::parameter("end", "end timestamp must not be before start time"));
    }
    let missing = || Refused::parameter("step", "cannot parse \"\" to a valid duration");
    let step_ms = ask::length_ms(asked, "step")?.ok_or_else(missing)?;
    if step_ms <= 0 {
        let error = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(Refused::parameter("step", error));
    }
    if (end_ms - start_ms) / step_ms > POINTS_MAX {
        let error = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query \
                     resolution (?step=XX)";
        return Err(Refused { fault: Fault::BadData, error: error.to_owned() });
    }
    Ok((start_ms, end_ms, step_ms))
}

/// An expression that was understood, and what else was asked.
struct Evaluation<'a> {
    text: &'a str,
    expr: Expr,
    plan: Plan,
    node: NodeId,
    value_type: ValueType,
    lookback_ms: i64,
    timeout: Duration,
    limit: usize,
    has_stats: bool,
}

impl<'a> Evaluation<'a> {
    fn new(asked: &'a Params, mut scope: Scope) -> Result<Self, Refused> {
        let text = asked.get("query").unwrap_or_default();
        let limit = ask::limit(asked)?;
        let timeout = match ask::length_ms(asked, "timeout")? {
            Some(ms) if ms > 0 => TIMEOUT.min(Duration::from_millis(ms as u64)),
            Some(_) => return Err(Refused::parameter("timeout", "it must be positive")),
            None => TIMEOUT,
        };
        if let Some(lookback_ms) = ask::length_ms(asked, "lookback_delta")?.filter(|ms| *ms > 0) {
            scope.lookback_ms = lookback_ms;
        }
        let mut plan = Plan::default();
        let bad = |error| unparsed("query", text, &error);
        let expr = parse(text).map_err(bad)?;
        let lowered = lower(&expr, &scope, &mut plan).map_err(bad)?;
        Ok(Self {
            text,
            expr,
            plan,
            node: lowered.node,
            value_type: lowered.value_type,
            lookback_ms: scope.lookback_ms,
            timeout,
            limit,
            has_stats: asked.get("stats").is_some_and(|stats| !stats.is_empty()),
        })
    }

    fn run(
        self,
        api: &Api,
        request: &Request,
        steps: Steps,
        is_instant: bool,
    ) -> Result<Evaluated<'a>, Refused> {
        let started = Instant::now();
        let gone = || request.gone.is_gone();
        let mut question = Question::new(&self.plan, self.node, steps);
        question.is_instant = is_instant;
        question.lookback_ms = self.lookback_ms;
        question.limits.time = self.timeout;
        (question.limits.series, question.limits.points) = (SERIES_MAX, VALUES_MAX);
        question.cancelled = &gone;
        let mut answer =
            answer(&question, api.source.as_ref()).map_err(|error| self.refused(&error, &gone, started))?;
        let mut remarks = Remarks::default();
        for note in answer.notes.iter() {
            let into = if note.is_warning { &mut remarks.warnings } else { &mut remarks.infos };
            into.push(note.text(self.text));
        }
        if truncate(&mut answer.outcome, self.limit) {
            remarks.warnings.push(TRUNCATED.to_owned());
        }
        if is_empty(&answer.outcome) {
            remarks.reasons = why::empty(api.source.as_ref(), &self.expr, steps.start_ms - self.lookback_ms);
        }
        for (range, tier_ms) in &answer.reading.gone {
            remarks.warnings.push(gone_text(*range, *tier_ms));
        }
        Ok(Evaluated { evaluation: self, answer, remarks, took: started.elapsed() })
    }

    fn refused(&self, error: &QueryError, gone: &dyn Fn() -> bool, started: Instant) -> Refused {
        let fault = match error {
            QueryError::Limit(_) if gone() => Fault::Canceled,
            QueryError::Limit(_) if started.elapsed() >= self.timeout => Fault::Timeout,
            QueryError::Source(model::ReadError::Storage(_)) => Fault::Internal,
            _ => Fault::Execution,
        };
        let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
        Refused { fault, error: format!("{}{hint}", error.message()) }
    }
}

fn gone_text(range: model::TimeRange, tier_ms: u32) -> String {
    let tier = model::tier_name(tier_ms);
    format!(
        "samples from {} to {} are no longer kept as they came; the finest left are of {tier}",
        range.start_ms / 1000,
        range.end_ms / 1000
    )
}

fn is_empty(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Scalar(_) | Outcome::Text(_) => false,
        Outcome::Vector(matrix) => matrix.is_empty(),
        Outcome::Windows(windows) => windows.is_empty(),
    }
}

fn truncate(outcome: &mut Outcome, limit: usize) -> bool {
    let before = match outcome {
        Outcome::Scalar(_) | Outcome::Text(_) => 0,
        Outcome::Vector(matrix) => {
            let before = matrix.len();
            matrix.truncate(limit);
            before
        }
        Outcome::Windows(windows) => {
            let before = windows.len();
            windows.truncate(limit);
            before
        }
    };
    before > limit
}

/// What is wrong with the expression of a parameter.
pub(super) fn unparsed(parameter: &str, text: &str, error: &Error) -> Refused {
    Refused::parameter(parameter, complaint(text, error))
}

/// What is wrong with an expression, with its line and column as Prometheus counts them.
pub(super) fn complaint(text: &str, error: &Error) -> String {
    let before = text.chars().take(error.span.start);
    let (line, column) = before.fold((1, 1), |(line, column), c| match c {
        '\n' => (line + 1, 1),
        _ => (line, column + 1),
    });
    format!("{line}:{column}: parse error: {error}")
}

/// An answer and what is said beside it.
struct Evaluated<'a> {
    evaluation: Evaluation<'a>,
    answer: Answer,
    remarks: Remarks,
    took: Duration,
}

impl Evaluated<'_> {
    fn respond(&self, put: impl FnOnce(&mut Object<'_>, &Outcome)) -> Response {
        success(&self.remarks, |out| {
            crate::json::object(out, |o| {
                put(o, &self.answer.outcome);
                if self.evaluation.has_stats {
                    self.put_stats(o);
                }
            });
        })
    }

    fn put_stats(&self, o: &mut Object<'_>) {
        let stats = &self.answer.stats;
        let seconds = |us: u64| us as f64 / 1e6;
        o.object("stats", |o| {
            o.object("timings", |o| {
                o.put("evalTotalTime", seconds(stats.find_us + stats.read_us + stats.compute_us));
                o.put("resultSortTime", 0.0).put("queryPreparationTime", seconds(stats.find_us));
                o.put("innerEvalTime", seconds(stats.read_us + stats.compute_us));
                o.put("execQueueTime", 0.0).put("execTotalTime", self.took.as_secs_f64());
            });
            o.object("samples", |o| {
                o.put("totalQueryableSamples", stats.samples).put("peakSamples", stats.samples);
            });
        });
    }
}
