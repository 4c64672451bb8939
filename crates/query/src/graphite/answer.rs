//! Targets in, series out.

use super::context::Context;
use super::evaluate::{Evaluator, Range};
use super::series::Series;
use crate::names::graphite as names;
use crate::run::Budget;
use crate::telemetry;
use crate::{GridSpec, QueryError, Request, Stats};
use lang::{Error, Plan, Span};
use model::{Reading, Source};
use std::time::Instant;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// For each target its series in order, or what is wrong with it.
    pub results: Vec<Result<Vec<Series>, QueryError>>,
    /// For each target why it has no series, if so.
    pub notes: Vec<Option<String>>,
    /// What it took.
    pub stats: Stats,
    /// Which tiers it was read from, and where what was wanted is gone.
    pub reading: Reading,
}

/// Answers targets. `Err` is about the request as a whole.
pub fn render(targets: &[&str], context: &Context<'_>, source: &dyn Source) -> Result<Answer, QueryError> {
    if context.from_s >= context.until_s {
        let message = "The range ends before it begins, or is empty";
        return Err(QueryError::Range(
            Error::new(Span::default(), message).hint("from must be before until"),
        ));
    }
    let started = Instant::now();
    let plan = lang::graphite::plan_with(targets, names::signatures(), &context.variables);
    let spec = GridSpec::new(context.from_s.saturating_mul(1000), context.until_s.saturating_mul(1000));
    let request = Request {
        limits: context.limits.clone(),
        tier: context.tier,
        cancelled: context.cancelled,
        ..Request::new(&plan, &[], spec)
    };
    let evaluator = Evaluator::new(context, source, Budget::new(&request));
    let results = evaluated(&plan, &evaluator, Range { from_s: context.from_s, until_s: context.until_s });
    let notes = targets.iter().zip(&results).map(|(target, result)| note(target, result, context)).collect();
    let mut budget = evaluator.finish();
    let stats = &mut budget.stats;
    let all_us = started.elapsed().as_micros() as u64;
    stats.compute_us = all_us.saturating_sub(stats.find_us + stats.read_us);
    telemetry::count(stats, &results);
    Ok(Answer { results, notes, stats: budget.stats, reading: budget.reading })
}

fn evaluated(plan: &Plan, evaluator: &Evaluator<'_>, range: Range) -> Vec<Result<Vec<Series>, QueryError>> {
    let results = plan.results.iter().map(|result| match result {
        Ok(node) => evaluator.node(plan, *node, range),
        Err(error) => Err(QueryError::Expression(error.clone())),
    });
    results.collect()
}

// A sentence for people where nothing was found.
fn note(target: &str, result: &Result<Vec<Series>, QueryError>, context: &Context<'_>) -> Option<String> {
    let is_empty = result.as_ref().is_ok_and(Vec::is_empty);
    let path = lang::graphite::first_path(target).ok().flatten();
    let range = || {
        let print = |time_s: i64| model::timetext::print(time_s.saturating_mul(1000));
        format!("between {} and {}", print(context.from_s), print(context.until_s))
    };
    is_empty.then(|| match path {
        Some(path) => format!("No series is left of {path} {}", range()),
        None => format!("No series is left {}", range()),
    })
}
