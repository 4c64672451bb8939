//! What is found against what is wanted.

use super::points::{self, Point};
use super::store::labels;
use crate::vector::value::{Matrix, Samples, Steps, Value};
use crate::vector::{Note, Notes};
use model::{CounterReset, Histogram, is_stale};
use serde_json::Value as Json;

/// How far numbers may be apart, relative to their size.
const TOLERANCE: f64 = 1e-6;

pub(super) fn numbers(a: f64, b: f64) -> bool {
    if a.is_nan() || b.is_nan() {
        return a.is_nan() && b.is_nan() && is_stale(a) == is_stale(b);
    }
    if a == b {
        return true;
    }
    if a == 0.0 || b == 0.0 || (a - b).abs() < f64::MIN_POSITIVE {
        return (a - b).abs() < TOLERANCE * f64::MIN_POSITIVE;
    }
    (a - b).abs() / (a.abs() + b.abs()).min(f64::MAX) < TOLERANCE
}

fn histograms(a: &Histogram, b: &Histogram) -> bool {
    let (mut a, mut b) = (a.clone(), b.clone());
    a.compact();
    b.compact();
    let buckets = |a: &model::histogram::Buckets, b: &model::histogram::Buckets| {
        a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && numbers(a.1, b.1))
    };
    a.schema == b.schema
        && numbers(a.count, b.count)
        && numbers(a.sum, b.sum)
        && numbers(a.zero_count, b.zero_count)
        && numbers(a.zero_threshold, b.zero_threshold)
        && a.bounds.len() == b.bounds.len()
        && a.bounds.iter().zip(b.bounds.iter()).all(|(a, b)| numbers(*a, *b))
        && buckets(&a.positive, &b.positive)
        && buckets(&a.negative, &b.negative)
}

// A hint that is none is not written, so what is unknown may be anything.
fn hints(found: &Histogram, wanted: &Histogram) -> bool {
    wanted.hint == CounterReset::Unknown || found.hint == wanted.hint
}

fn is_as_wanted(found: Option<&Value>, wanted: &Point) -> bool {
    match (found, wanted) {
        (None, Point::Nothing) => true,
        (Some(Value::Float(found)), Point::Number(wanted)) => numbers(*found, *wanted),
        (Some(Value::Histogram(found)), Point::Histogram(wanted)) => {
            histograms(found, wanted) && hints(found, wanted)
        }
        _ => false,
    }
}

fn shown(matrix: &Matrix) -> String {
    let value = |value: Option<Value>| match value {
        None => "_".to_owned(),
        Some(Value::Float(value)) => value.to_string(),
        Some(Value::Histogram(value)) => value.to_notation(),
    };
    let line = |series: &crate::vector::Series| {
        let values: Vec<String> =
            (0..series.column.len()).map(|step| value(series.column.get(step))).collect();
        format!("  {} {}", series.labels, values.join(" "))
    };
    matrix.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A vector at the wanted instants, whose first is at `from` of those found.
pub(super) fn matrix(found: &Matrix, from: usize, wanted: &Json, is_ordered: bool) -> Result<(), String> {
    let fail = |why: String| Err(format!("{why}; found\n{}", shown(found)));
    let list = wanted.as_array().unwrap();
    let is_there = |series: &&crate::vector::Series| series.column.is_present(from) || list_len(list) > 1;
    let found_here: Vec<_> = found.iter().filter(is_there).collect();
    if found_here.len() != list.len() {
        return fail(format!("{} series instead of {}", found_here.len(), list.len()));
    }
    for (at, wanted) in list.iter().enumerate() {
        let labels = labels(&wanted["labels"]);
        let at =
            if is_ordered { Some(at) } else { found_here.iter().position(|series| series.labels == labels) };
        let Some(series) = at.map(|at| found_here[at]).filter(|series| series.labels == labels) else {
            return fail(format!("no {labels}"));
        };
        for (step, wanted) in points::of(wanted).iter().enumerate() {
            let step = from + step;
            let value = if step < series.column.len() { series.column.get(step) } else { None };
            if !is_as_wanted(value.as_ref(), wanted) {
                return fail(format!("{labels} at step {step}: {wanted:?} is wanted"));
            }
        }
    }
    Ok(())
}

fn list_len(list: &[Json]) -> usize {
    list.iter().map(|series| points::of(series).len()).max().unwrap_or(0)
}

/// The samples of a window, on the grid a case writes them.
pub(super) fn windows(found: &[Samples], steps: Steps, wanted: &Json) -> Result<(), String> {
    let column = |samples: &Samples| {
        let mut column = crate::vector::Column::absent(steps.count);
        for (step, time_ms) in steps.iter().enumerate() {
            if let Ok(at) = samples.times_ms.binary_search(&time_ms) {
                column.values[step] = samples.values[at];
            }
            if let Ok(at) = samples.histogram_times_ms.binary_search(&time_ms) {
                column.set_histogram(step, samples.histograms[at].clone());
            }
        }
        column
    };
    let matrix: Matrix = found
        .iter()
        .map(|samples| crate::vector::Series {
            labels: samples.labels.clone(),
            is_nameless: false,
            column: column(samples),
        })
        .collect();
    self::matrix(&matrix, 0, wanted, false)
}

/// What is said beside the answer.
pub(super) fn notes(found: &Notes, text: &str, expect: &Json) -> Result<(), String> {
    for (kind, no_kind, is_warning) in [("warn", "no_warn", true), ("info", "no_info", false)] {
        let said: Vec<String> = of_kind(found, is_warning).map(|note| note.text(text)).collect();
        if expect[no_kind] == true && !said.is_empty() {
            return Err(format!("no {kind} is wanted: {said:?}"));
        }
        for wanted in expect[kind].as_array().into_iter().flatten() {
            let holds = |said: &String| match (wanted["msg"].as_str(), wanted["regex"].as_str()) {
                (Some(message), _) => said == message,
                (_, Some(pattern)) => regex::Regex::new(pattern).unwrap().is_match(said),
                _ => true,
            };
            if !said.iter().any(holds) {
                return Err(format!("{kind} {wanted} is wanted, said is {said:?}"));
            }
        }
    }
    Ok(())
}

fn of_kind(found: &Notes, is_warning: bool) -> impl Iterator<Item = &Note> {
    found.iter().filter(move |note| note.is_warning == is_warning)
}

/// A number that is no vector.
pub(super) fn scalar(found: f64, wanted: &Json) -> Result<(), String> {
    let wanted = wanted.as_f64().or_else(|| points::number(wanted.as_str()?)).unwrap();
    if numbers(found, wanted) { Ok(()) } else { Err(format!("{found} instead of {wanted}")) }
}
