//! From a question to its answer: evaluate, then take the names away that were only waiting, and put series into order.

use super::evaluate::Evaluator;
use super::key;
use super::value::{Matrix, Outcome, Samples, Series, Steps, refusal};
use super::{Notes, note};
use crate::joined::Joined;
use crate::request::{Cost, Limits, Request, Stats};
use crate::run::Budget;
use crate::{GridSpec, QueryError, telemetry};
use hashbrown::HashMap;
use lang::plan::{NodeId, Plan};
use model::{Labels, Reading, Source, TierChoice};
use std::time::Instant;

/// How old a sample may be, unless a request says otherwise.
pub const LOOKBACK_MS: i64 = 300_000;

/// What is asked.
pub struct Question<'a> {
    /// What to do.
    pub plan: &'a Plan,
    /// The node whose value is wanted.
    pub node: NodeId,
    /// At which instants.
    pub steps: Steps,
    /// A single instant was asked for, rather than a range that has only one.
    pub is_instant: bool,
    /// How old a sample may be, in milliseconds.
    pub lookback_ms: i64,
    /// How much it may take.
    pub limits: Limits,
    /// From which tier to answer.
    pub tier: TierChoice,
    /// Asked now and then; when it says true the request ends with an error.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Question<'a> {
    /// With the usual limits and lookback, and nobody who cancels.
    pub fn new(plan: &'a Plan, node: NodeId, steps: Steps) -> Self {
        Self {
            plan,
            node,
            steps,
            is_instant: steps.count == 1,
            lookback_ms: LOOKBACK_MS,
            limits: Limits::default(),
            tier: TierChoice::Auto,
            cancelled: &|| false,
        }
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value. Series without any sample are left out; those of a range are in order of their labels, those of an
    /// instant in the order the expression gave them.
    pub outcome: Outcome,
    /// What is to be said beside it.
    pub notes: Notes,
    /// What it took.
    pub stats: Stats,
    /// Which tiers it was read from.
    pub reading: Reading,
    /// What each node of the plan took and gave, without the nodes it points to.
    pub costs: Vec<Cost>,
}

/// Answers a question.
///
/// # Errors
/// What the expression asks for cannot be, a limit was hit, or the source could not be read.
pub fn answer(question: &Question<'_>, source: &dyn Source) -> Result<Answer, QueryError> {
    let answered = evaluated(question, source);
    let stats = answered.as_ref().map(|answer| answer.stats).unwrap_or_default();
    telemetry::count(&stats, std::slice::from_ref(&answered));
    answered
}

/// Answers a question that is a part of a request, which counts as one.
pub(super) fn evaluated(question: &Question<'_>, source: &dyn Source) -> Result<Answer, QueryError> {
    let steps = question.steps;
    let request = Request {
        limits: question.limits.clone(),
        tier: question.tier,
        now_ms: steps.last_ms(),
        cancelled: question.cancelled,
        ..Request::new(question.plan, &[], GridSpec::new(steps.start_ms, steps.last_ms()))
    };
    let started = Instant::now();
    let source = Joined::new(source);
    let mut evaluator = Evaluator::new(question, &source, Budget::new(&request));
    let outcome = evaluator.root(question.node, steps)?;
    let outcome = finished(outcome, question)?;
    let (notes, mut budget, costs) = evaluator.finish();
    let mut stats = budget.stats;
    // What was not read from rows was read as it came, which a source does not tell.
    if stats.samples > 0 && budget.reading.tiers_ms.is_empty() {
        budget.reading.used(0);
    }
    let total_us = started.elapsed().as_micros() as u64;
    stats.compute_us = total_us.saturating_sub(stats.find_us + stats.read_us);
    Ok(Answer { outcome, notes, stats, reading: budget.reading, costs })
}

fn finished(outcome: Outcome, question: &Question<'_>) -> Result<Outcome, QueryError> {
    let span = question.plan.node(question.node).span;
    let same = |labels: &Labels| {
        let message = "vector cannot contain metrics with the same labelset".to_owned();
        refusal(span, message + &note::of_metric(labels.name()))
    };
    Ok(match outcome {
        Outcome::Vector(mut matrix) => {
            matrix.retain(|series| !series.column.is_blank());
            let mut matrix = merged(matrix, true).map_err(|labels| same(&labels))?;
            if !question.is_instant {
                matrix.sort_by(|a, b| a.labels.iter().cmp(b.labels.iter()));
            }
            Outcome::Vector(matrix)
        }
        Outcome::Windows(mut windows) => {
            windows.retain(|samples| !samples.is_empty());
            for samples in windows.iter_mut().filter(|samples| samples.is_nameless) {
                samples.labels = key::nameless(&samples.labels);
            }
            windows.sort_by(|a: &Samples, b| a.labels.iter().cmp(b.labels.iter()));
            Outcome::Windows(windows)
        }
        other => other,
    })
}

/// Series of equal labels become one, if never two of them have a sample at the same instant; else the labels. Names that
/// wait to go do so first where `is_final`.
pub(super) fn merged(matrix: Matrix, is_final: bool) -> Result<Matrix, Labels> {
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(matrix.len());
    let mut out: Matrix = Vec::with_capacity(matrix.len());
    for mut series in matrix {
        if is_final && series.is_nameless {
            series = Series { labels: key::nameless(&series.labels), is_nameless: false, ..series };
        }
        match places.get(&series.labels) {
            Some(&at) => {
                if !out[at].column.fill_from(&series.column) {
                    return Err(series.labels);
                }
            }
            None => {
                places.insert(series.labels.clone(), out.len());
                out.push(series);
            }
        }
    }
    Ok(out)
}
