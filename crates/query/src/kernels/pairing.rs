//! What the functions of two values have in common: with whom a series is paired.
//!
//! * no term: the series of the list are folded into one, from left to right;
//! * a number: with every value;
//! * a list of one series: with every series, bucket by bucket;
//! * a longer list: by the value of the last split if all series have one, by their labels otherwise; both lists must
//!   have the same keys, and the results are named by them.

use crate::call::{Call, Failure, Outcome, Value};
use crate::frame::{Frame, Series};
use std::collections::HashMap;

/// Applies an operation as drawn above. The operation must give NaN for NaN.
pub(super) fn apply(mut call: Call<'_>, operation: impl Fn(f64, f64) -> f64) -> Outcome {
    let terms: Vec<Value> = call.values("term").iter().filter(|v| **v != Value::Null).cloned().collect();
    let mut frame = std::mem::take(&mut call.frame);
    if terms.is_empty() {
        return Ok(fold(frame, &operation));
    }
    for term in terms {
        frame = match term {
            Value::Number(number) => with_number(frame, number, &operation),
            Value::Series(list) => with_list(frame, list, &operation)?,
            _ => frame,
        };
    }
    Ok(frame)
}

fn fold(mut frame: Frame, operation: &impl Fn(f64, f64) -> f64) -> Frame {
    let mut rest = frame.series.split_off(frame.series.len().min(1));
    if let Some(first) = frame.series.first_mut() {
        rest.drain(..).for_each(|other| combine(first, &other, operation));
    }
    frame
}

fn with_number(mut frame: Frame, number: f64, operation: &impl Fn(f64, f64) -> f64) -> Frame {
    for value in frame.series.iter_mut().flat_map(|series| &mut series.values) {
        *value = operation(*value, number);
    }
    frame
}

fn with_list(mut frame: Frame, mut list: Frame, operation: &impl Fn(f64, f64) -> f64) -> Outcome {
    frame.notes.append(&mut list.notes);
    match list.series.as_slice() {
        // Nothing to pair with: nothing comes of it, and the notes say why.
        [] => frame.series.clear(),
        [one] => frame.series.iter_mut().for_each(|series| combine(series, one, operation)),
        _ => pair(&mut frame.series, list.series, operation)?,
    }
    Ok(frame)
}

fn combine(series: &mut Series, other: &Series, operation: &impl Fn(f64, f64) -> f64) {
    for (value, &with) in series.values.iter_mut().zip(&other.values) {
        *value = operation(*value, with);
    }
}

fn pair(
    series: &mut Vec<Series>,
    others: Vec<Series>,
    operation: &impl Fn(f64, f64) -> f64,
) -> Result<(), Failure> {
    if series.is_empty() {
        return Ok(());
    }
    if series.len() != others.len() {
        let message = format!("{} series cannot be paired with {}", series.len(), others.len());
        return Err(Failure::of("term", message).hint("both lists must have as many, or the second only one"));
    }
    let split = series.iter().chain(&others).all(|s| s.split.is_some());
    let key = |s: &Series| if split { s.split.clone().unwrap_or_default() } else { s.label.clone() };
    let others: HashMap<String, Series> = others.into_iter().map(|s| (key(&s), s)).collect();
    for one in series {
        let name = key(one);
        let Some(other) = others.get(&name) else {
            return Err(Failure::of("term", format!("`{name}` has no partner in the second list"))
                .hint("series are paired by their split, or by their labels"));
        };
        combine(one, other, operation);
        one.label = name;
    }
    Ok(())
}
