//! Functions of each number by itself.

use super::Site;
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::histogram;
use crate::vector::value::{ABSENT, Column, Matrix, Outcome, Series, Steps, Value, is_float};

/// Applies a function to each number; histograms are left out.
pub(in crate::vector) fn each(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    kernel: fn(f64) -> f64,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let mut matrix = evaluator.matrix(site.args[0], steps)?;
    for series in &mut matrix {
        series.is_nameless = true;
        series.column = numbers(std::mem::take(&mut series.column), |_, value| kernel(value));
    }
    Ok(Outcome::Vector(matrix))
}

/// Applies a function that takes other numbers besides.
pub(in crate::vector) fn each_with(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    kernel: fn(f64, &[f64]) -> f64,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let mut matrix = evaluator.matrix(site.args[0], steps)?;
    let mut given = Vec::new();
    for arg in &site.args[1..] {
        given.push(evaluator.scalar(*arg, steps)?);
    }
    let mut at_step = vec![0.0; given.len()];
    for series in &mut matrix {
        series.is_nameless = true;
        series.column = numbers(std::mem::take(&mut series.column), |step, value| {
            at_step.iter_mut().zip(&given).for_each(|(number, values)| *number = values[step]);
            kernel(value, &at_step)
        });
    }
    Ok(Outcome::Vector(matrix))
}

/// A column of numbers only, each changed.
pub(in crate::vector) fn numbers(column: Column, mut change: impl FnMut(usize, f64) -> f64) -> Column {
    let mut values = column.values;
    for (step, value) in values.iter_mut().enumerate() {
        *value = if is_float(*value) { change(step, *value) } else { ABSENT };
    }
    Column::of(values)
}

/// The opposite of every value.
pub(in crate::vector) fn negated(matrix: Matrix) -> Matrix {
    let opposite = |mut series: Series| {
        for step in 0..series.column.len() {
            match series.column.get(step) {
                Some(Value::Histogram(value)) => series.column.set(step, histogram::negated(&value)),
                Some(Value::Float(value)) => series.column.values[step] = -value,
                None => {}
            }
        }
        Series { is_nameless: true, ..series }
    };
    matrix.into_iter().map(opposite).collect()
}

/// `clamp`: nothing where the bounds are the wrong way round.
pub(super) fn clamp(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let mut matrix = evaluator.matrix(site.args[0], steps)?;
    let least = evaluator.scalar(site.args[1], steps)?;
    let most = evaluator.scalar(site.args[2], steps)?;
    for series in &mut matrix {
        series.is_nameless = true;
        series.column = numbers(std::mem::take(&mut series.column), |step, value| {
            if most[step] < least[step] { ABSENT } else { lesser(most[step], greater(least[step], value)) }
        });
    }
    Ok(Outcome::Vector(matrix))
}

pub(super) fn clamp_max(value: f64, given: &[f64]) -> f64 {
    lesser(given[0], value)
}

pub(super) fn clamp_min(value: f64, given: &[f64]) -> f64 {
    greater(given[0], value)
}

// As C's fmin and fmax do not: NaN wins.
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

pub(super) fn greater(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// To the nearest multiple, halves upwards.
pub(super) fn round(value: f64, given: &[f64]) -> f64 {
    // Dividing by the inverse keeps 0.1 and the like exact.
    let inverse = 1.0 / given.first().copied().unwrap_or(1.0);
    (value * inverse + 0.5).floor() / inverse
}

pub(super) fn deg(value: f64) -> f64 {
    value * 180.0 / std::f64::consts::PI
}

pub(super) fn rad(value: f64) -> f64 {
    value * std::f64::consts::PI / 180.0
}

pub(super) fn sgn(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        value
    }
}

// The standard library's loses the sign of zero and precision near it.
pub(super) fn asinh(value: f64) -> f64 {
    if value == 0.0 { value } else { value.asinh() }
}
