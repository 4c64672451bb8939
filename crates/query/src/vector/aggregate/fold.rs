//! What a group comes to at every instant.

use crate::vector::functions::over_time::{Variance, mean, quantile_of};
use crate::vector::histogram;
use crate::vector::note::Notes;
use crate::vector::value::{ABSENT, Column, Series, Steps, Value, is_absent, is_float};
use lang::Span;
use model::Sum;

/// The column of a group's series. `ranks`: which quantile at each instant.
pub(super) fn column(
    function: &str,
    members: &[&Series],
    steps: Steps,
    ranks: Option<&[f64]>,
    span: Span,
    notes: &mut Notes,
) -> Column {
    let has_histograms = members.iter().any(|series| series.column.has_histograms());
    match function {
        "count" | "group" => Column::of(present(members, steps, function == "count")),
        "sum" if !has_histograms => Column::of(sums(members, steps)),
        "avg" if !has_histograms => {
            Column::of(each(members, steps, |_, values| Some(mean(values.iter().copied()))))
        }
        "sum" | "avg" => with_histograms(function, members, steps, span, notes),
        _ => {
            if has_histograms {
                histogram::ignored_in(function, span, notes);
            }
            Column::of(match function {
                "min" => extremes(members, steps, |value, best| value < best),
                "max" => extremes(members, steps, |value, best| value > best),
                "stddev" => each(members, steps, |_, values| variance(values).map(f64::sqrt)),
                "stdvar" => each(members, steps, |_, values| variance(values)),
                "quantile" => each(members, steps, |step, values| {
                    Some(quantile_of(ranks.map_or(f64::NAN, |ranks| ranks[step]), values))
                }),
                // The language knows no others.
                _ => vec![ABSENT; steps.count],
            })
        }
    }
}

fn present(members: &[&Series], steps: Steps, is_count: bool) -> Vec<f64> {
    let mut counts = vec![0.0; steps.count];
    for series in members {
        for (count, value) in counts.iter_mut().zip(&series.column.values) {
            *count += if is_absent(*value) { 0.0 } else { 1.0 };
        }
    }
    for count in &mut counts {
        *count = match *count {
            0.0 => ABSENT,
            count if is_count => count,
            _ => 1.0,
        };
    }
    counts
}

fn sums(members: &[&Series], steps: Steps) -> Vec<f64> {
    let mut sums = vec![Sum::default(); steps.count];
    let mut is_there = vec![false; steps.count];
    for series in members {
        for ((sum, is_there), value) in sums.iter_mut().zip(&mut is_there).zip(&series.column.values) {
            if !is_absent(*value) {
                sum.add(*value);
                *is_there = true;
            }
        }
    }
    sums.into_iter()
        .zip(is_there)
        .map(|(sum, is_there)| if is_there { sum.value() } else { ABSENT })
        .collect()
}

// The best number at every instant; NaN only where there is nothing else.
fn extremes(members: &[&Series], steps: Steps, is_better: impl Fn(f64, f64) -> bool) -> Vec<f64> {
    let mut best = vec![ABSENT; steps.count];
    for series in members {
        for (best, value) in best.iter_mut().zip(&series.column.values) {
            // What is absent is NaN, too: any number is better.
            if is_float(*value) && (best.is_nan() || is_better(*value, *best)) {
                *best = *value;
            }
        }
    }
    best
}

fn variance(values: &[f64]) -> Option<f64> {
    let mut variance = Variance::default();
    values.iter().for_each(|value| variance.add(*value));
    variance.value()
}

// A function of all numbers at an instant, where there is any.
fn each(
    members: &[&Series],
    steps: Steps,
    mut function: impl FnMut(usize, &mut [f64]) -> Option<f64>,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(members.len());
    let at = |step: usize| {
        values.clear();
        values
            .extend(members.iter().map(|series| series.column.values[step]).filter(|value| is_float(*value)));
        if values.is_empty() { ABSENT } else { function(step, &mut values).unwrap_or(ABSENT) }
    };
    (0..steps.count).map(at).collect()
}

fn with_histograms(
    function: &str,
    members: &[&Series],
    steps: Steps,
    span: Span,
    notes: &mut Notes,
) -> Column {
    let mut column = Column::absent(steps.count);
    let mut values: Vec<Value> = Vec::with_capacity(members.len());
    for step in 0..steps.count {
        values.clear();
        values.extend(members.iter().filter_map(|series| series.column.get(step)));
        column.set(step, histogram::aggregated(function, &values, span, notes));
    }
    column
}
