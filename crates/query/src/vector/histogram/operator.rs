//! Operators with a histogram on at least one side.

use super::{inform_rebounded, warn_conflicting, warn_incompatible};
use crate::vector::native::{Side, trim};
use crate::vector::note::Notes;
use crate::vector::value::Value;
use lang::Span;
use lang::plan::vector::Operator;
use model::Histogram;
use model::histogram::{Incompatible, Merged};
use std::sync::Arc;

/// The opposite of a histogram.
pub(in crate::vector) fn negated(histogram: &Histogram) -> Option<Value> {
    of(histogram.clone().times(-1.0))
}

fn of(mut histogram: Histogram) -> Option<Value> {
    histogram.compact();
    Some(Value::Histogram(Arc::new(histogram)))
}

/// What an operator makes of two samples, at least one of which is a histogram.
pub(in crate::vector) fn pair(
    operator: Operator,
    is_bool: bool,
    left: &Value,
    right: &Value,
    span: Span,
    notes: &mut Notes,
) -> Option<Value> {
    use Operator::{Add, Divide, Equal, Multiply, NotEqual, Subtract, TrimLower, TrimUpper};
    match (operator, left, right) {
        (Multiply, Value::Histogram(histogram), Value::Float(factor))
        | (Multiply, Value::Float(factor), Value::Histogram(histogram)) => {
            of(Histogram::clone(histogram).times(*factor))
        }
        (Divide, Value::Histogram(histogram), Value::Float(divisor)) => {
            of(Histogram::clone(histogram).divided(*divisor))
        }
        (TrimUpper, Value::Histogram(histogram), Value::Float(limit)) => {
            of(trim(histogram, *limit, Side::Below))
        }
        (TrimLower, Value::Histogram(histogram), Value::Float(limit)) => {
            of(trim(histogram, *limit, Side::Above))
        }
        (Add, Value::Histogram(a), Value::Histogram(b)) => {
            let mut sum = Histogram::clone(a);
            let merged = sum.add(b);
            told(sum, merged, "addition", span, notes)
        }
        (Subtract, Value::Histogram(a), Value::Histogram(b)) => {
            let mut difference = Histogram::clone(a);
            let merged = difference.subtract(b);
            told(difference, merged, "subtraction", span, notes)
        }
        (Equal | NotEqual, Value::Histogram(a), Value::Histogram(b)) => {
            let holds = (a == b) == (operator == Equal);
            match is_bool {
                true => Some(Value::Float(f64::from(u8::from(holds)))),
                false => holds.then(|| Value::Histogram(a.clone())),
            }
        }
        _ => {
            let (a, b, sign) = (kind(left), kind(right), operator.as_str());
            let what = "incompatible sample types encountered for binary operator";
            notes.inform(span, format!("{what} {sign:?}: {a} {sign} {b}"));
            None
        }
    }
}

fn told(
    histogram: Histogram,
    merged: Result<Merged, Incompatible>,
    during: &str,
    span: Span,
    notes: &mut Notes,
) -> Option<Value> {
    let Ok(merged) = merged else {
        warn_incompatible(span, "", notes);
        return None;
    };
    if merged.conflicting {
        warn_conflicting(span, during, notes);
    }
    if merged.rebounded {
        inform_rebounded(span, during, notes);
    }
    of(histogram)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Float(_) => "float",
        Value::Histogram(_) => "histogram",
    }
}
