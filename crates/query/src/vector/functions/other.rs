//! Numbers from the request and the clock, and the ways between numbers and vectors.

use super::Site;
use super::math::{greater, lesser};
use crate::QueryError;
use crate::vector::evaluate::{Evaluator, single};
use crate::vector::select;
use crate::vector::value::{ABSENT, Column, Outcome, Steps, Value};
use lang::plan::Vector;

pub(super) fn time(_: &mut Evaluator<'_>, _: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    Ok(Outcome::Scalar(steps.iter().map(|instant| instant as f64 / 1000.0).collect()))
}

pub(super) fn pi(_: &mut Evaluator<'_>, _: &Site<'_>, steps: Steps) -> Result<Outcome, QueryError> {
    Ok(Outcome::Scalar(vec![std::f64::consts::PI; steps.count]))
}

pub(super) fn min_of(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    chosen(evaluator, site, steps, lesser)
}

pub(super) fn max_of(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    chosen(evaluator, site, steps, greater)
}

fn chosen(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
    choose: fn(f64, f64) -> f64,
) -> Result<Outcome, QueryError> {
    let left = evaluator.scalar(site.args[0], steps)?;
    let right = evaluator.scalar(site.args[1], steps)?;
    Ok(Outcome::Scalar(left.into_iter().zip(right).map(|(a, b)| choose(a, b)).collect()))
}

/// The value of the only series; NaN where there is not exactly one number.
pub(super) fn scalar(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let matrix = evaluator.matrix(site.args[0], steps)?;
    let only = |step: usize| {
        let mut found = matrix.iter().filter_map(|series| match series.column.get(step) {
            Some(Value::Float(value)) => Some(value),
            _ => None,
        });
        found.next().filter(|_| found.next().is_none()).unwrap_or(f64::NAN)
    };
    Ok(Outcome::Scalar((0..steps.count).map(only).collect()))
}

pub(super) fn vector(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    Ok(Outcome::Vector(single(evaluator.scalar(site.args[0], steps)?)))
}

/// When the sample of a bare selection is; of anything else, the instant.
pub(super) fn timestamp(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let arg = site.args[0];
    let mut matrix = match evaluator.vector(arg)? {
        Vector::Select(wanted) => select::newest_times(evaluator, arg, wanted, steps)?,
        _ => {
            let mut matrix = evaluator.matrix(arg, steps)?;
            for series in &mut matrix {
                let times = steps.iter().enumerate().map(|(step, instant)| {
                    if series.column.is_present(step) { instant as f64 / 1000.0 } else { ABSENT }
                });
                series.column = Column::of(times.collect());
            }
            matrix
        }
    };
    matrix.iter_mut().for_each(|series| series.is_nameless = true);
    Ok(Outcome::Vector(matrix))
}

/// Since when the sample of a bare selection counts; nothing of anything else.
pub(super) fn start_timestamp(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let arg = site.args[0];
    let mut matrix = match evaluator.vector(arg)? {
        Vector::Select(wanted) => select::newest_starts(evaluator, arg, wanted, steps)?,
        _ => Vec::new(),
    };
    matrix.iter_mut().for_each(|series| series.is_nameless = true);
    Ok(Outcome::Vector(matrix))
}
