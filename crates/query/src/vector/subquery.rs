//! An expression at instants of its own, as samples for a window.

use super::evaluate::Evaluator;
use super::value::{Samples, Series, Steps, Value};
use crate::QueryError;
use lang::plan::NodeId;
use lang::plan::vector::Subquery;
use model::{CounterReset, Histogram};
use std::sync::Arc;

/// What the expression comes to at all instants that any of `steps` looks at.
pub(super) fn samples(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    wanted: &Subquery,
    steps: Steps,
) -> Result<Vec<Samples>, QueryError> {
    let end_ms = |instant_ms: i64| wanted.at_ms.unwrap_or(instant_ms).saturating_sub(wanted.offset_ms);
    let after_ms = end_ms(steps.start_ms).saturating_sub(wanted.range_ms);
    let step_ms = wanted.step_ms.max(1);
    // The first multiple of the step that is later.
    let first_ms = after_ms.div_euclid(step_ms).saturating_add(1).saturating_mul(step_ms);
    let inner = Steps::range(first_ms, end_ms(steps.last_ms()), step_ms);
    if inner.count == 0 {
        return Ok(Vec::new());
    }
    evaluator.check_points(node, 1, inner)?;
    // Within, it is no longer the range that was asked for.
    let is_instant = std::mem::replace(&mut evaluator.is_instant, false);
    let matrix = evaluator.value(wanted.input, inner);
    evaluator.is_instant = is_instant;
    let matrix = match matrix? {
        super::Outcome::Vector(matrix) => matrix,
        super::Outcome::Scalar(values) => super::evaluate::single(values),
        _ => return Err(super::value::refusal(evaluator.span(node), "A subquery is over a vector")),
    };
    let found: Vec<Samples> = matrix.into_iter().map(|series| of_series(series, inner)).collect();
    evaluator.budget.spend(found.iter().map(|samples| samples.times_ms.len()).sum())?;
    Ok(found)
}

fn of_series(series: Series, steps: Steps) -> Samples {
    let Series { labels, is_nameless, column } = series;
    let mut samples = Samples { labels, is_nameless, ..Samples::default() };
    for (step, time_ms) in steps.iter().enumerate() {
        match column.get(step) {
            Some(Value::Float(value)) => {
                samples.times_ms.push(time_ms);
                samples.values.push(value);
            }
            Some(Value::Histogram(histogram)) => {
                samples.histogram_times_ms.push(time_ms);
                samples.histograms.push(unhinted(histogram));
            }
            None => {}
        }
    }
    samples
}

// What is known of the sample before says nothing of the one that comes before it here.
fn unhinted(mut histogram: Arc<Histogram>) -> Arc<Histogram> {
    if matches!(histogram.hint, CounterReset::Reset | CounterReset::NotReset) {
        Arc::make_mut(&mut histogram).hint = CounterReset::Unknown;
    }
    histogram
}
