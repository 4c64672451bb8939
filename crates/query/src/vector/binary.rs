//! Two operands: numbers, a number and a vector, or two vectors whose series meet.

mod numbers;
mod vectors;

use super::evaluate::Evaluator;
use super::histogram;
use super::value::{Column, Matrix, Outcome, Series, Steps, Value, refusal};
use super::{note, set};
use crate::QueryError;
use lang::Span;
use lang::plan::NodeId;
use lang::plan::vector::{Matching, Operator};
use note::Notes;
pub(super) use numbers::{compared, computed};

/// An operation.
pub(super) struct Site<'a> {
    /// Its node.
    pub node: NodeId,
    /// What to compute.
    pub operator: Operator,
    /// Comparisons give 0 and 1.
    pub is_bool: bool,
    /// Which series meet.
    pub matching: &'a Matching,
}

/// Evaluates an operation.
pub(super) fn run(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    left: NodeId,
    right: NodeId,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let span = evaluator.span(site.node);
    let left = evaluator.value(left, steps)?;
    let right = evaluator.value(right, steps)?;
    Ok(match (left, right) {
        (Outcome::Scalar(left), Outcome::Scalar(right)) => {
            let both = left.into_iter().zip(right);
            Outcome::Scalar(both.map(|(a, b)| scalar(site.operator, a, b)).collect())
        }
        (Outcome::Vector(matrix), Outcome::Scalar(numbers)) => {
            Outcome::Vector(with_number(site, matrix, &numbers, false, span, &mut evaluator.notes))
        }
        (Outcome::Scalar(numbers), Outcome::Vector(matrix)) => {
            Outcome::Vector(with_number(site, matrix, &numbers, true, span, &mut evaluator.notes))
        }
        (Outcome::Vector(left), Outcome::Vector(right)) if site.operator.is_set() => {
            Outcome::Vector(set::run(evaluator, site, left, right, steps)?)
        }
        (Outcome::Vector(left), Outcome::Vector(right)) => {
            Outcome::Vector(vectors::run(evaluator, site, left, right, steps)?)
        }
        _ => return Err(refusal(span, "Operators take numbers and vectors")),
    })
}

fn scalar(operator: Operator, left: f64, right: f64) -> f64 {
    if operator.is_comparison() {
        f64::from(u8::from(compared(operator, left, right)))
    } else {
        computed(operator, left, right)
    }
}

/// What two samples come to, where they come to anything.
pub(super) fn pair(
    site: &Site<'_>,
    left: &Value,
    right: &Value,
    span: Span,
    notes: &mut Notes,
) -> Option<Value> {
    match (left, right) {
        (Value::Float(a), Value::Float(b)) if site.operator.is_comparison() => {
            let holds = compared(site.operator, *a, *b);
            match site.is_bool {
                true => Some(Value::Float(f64::from(u8::from(holds)))),
                false => holds.then_some(Value::Float(*a)),
            }
        }
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(computed(site.operator, *a, *b))),
        _ => histogram::pair(site.operator, site.is_bool, left, right, span, notes),
    }
}

/// Whether what comes of it is no longer the metric it was.
pub(super) fn drops_name(site: &Site<'_>) -> bool {
    use Operator::{TrimLower, TrimUpper};
    site.is_bool || !(site.operator.is_comparison() || matches!(site.operator, TrimLower | TrimUpper))
}

// A vector and a number at every instant, which is the left operand where `is_left`.
fn with_number(
    site: &Site<'_>,
    matrix: Matrix,
    numbers: &[f64],
    is_left: bool,
    span: Span,
    notes: &mut Notes,
) -> Matrix {
    let column = |column: Column| {
        if !column.has_histograms() {
            return Column::of(numbers::with_number(site, column.values, numbers, is_left));
        }
        let mut out = Column::absent(column.len());
        for (step, number) in numbers.iter().enumerate() {
            let Some(value) = column.get(step) else { continue };
            let number = Value::Float(*number);
            let (left, right) = if is_left { (&number, &value) } else { (&value, &number) };
            let came = pair(site, left, right, span, notes);
            // A comparison keeps the vector's value, wherever it stands.
            let is_filter = site.operator.is_comparison() && !site.is_bool;
            out.set(step, if is_filter { came.map(|_| value) } else { came });
        }
        out
    };
    let drops_name = drops_name(site);
    let mut column = column;
    let series = matrix.into_iter().map(|series| {
        let is_nameless = series.is_nameless || drops_name;
        Series { labels: series.labels, is_nameless, column: column(series.column) }
    });
    series.filter(|series| !series.column.is_blank()).collect()
}
