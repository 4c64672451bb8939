//! Aggregations that give some of their series as they are: `topk`, `bottomk`, `limitk`, `limit_ratio`.

use super::{Group, Site, groups, parameter};
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::histogram;
use crate::vector::key;
use crate::vector::value::{Column, Matrix, Series, Steps, is_float, refusal};
use model::Labels;
use std::cmp::Ordering;

pub(super) fn run(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    let given = parameter(evaluator, site, steps)?;
    check(evaluator, site, &given)?;
    let matrix = evaluator.matrix(site.input, steps)?;
    let groups = groups(&matrix, site.grouping);
    let is_ranked = matches!(site.function, "topk" | "bottomk");
    if is_ranked && matrix.iter().any(|series| series.column.has_histograms()) {
        histogram::ignored_in(site.function, evaluator.span(site.input), &mut evaluator.notes);
    }
    if is_ranked && evaluator.is_instant {
        return Ok(in_order(site, matrix, &groups, given[0]));
    }
    let mut out: Vec<Column> = matrix.iter().map(|_| Column::absent(steps.count)).collect();
    let mut chosen: Vec<usize> = Vec::new();
    for group in &groups {
        for (step, given) in given.iter().enumerate() {
            choose(site.function, &matrix, group, step, *given, &mut chosen);
            for at in &chosen {
                out[*at].set(step, matrix[*at].column.get(step));
            }
        }
    }
    let kept = matrix.into_iter().zip(out).filter(|(_, column)| !column.is_blank());
    Ok(kept.map(|(series, column)| Series { column, ..series }).collect())
}

fn check(evaluator: &mut Evaluator<'_>, site: &Site<'_>, given: &[f64]) -> Result<(), QueryError> {
    let span = site.parameter.map_or(evaluator.span(site.node), |node| evaluator.span(node));
    for value in given {
        if value.is_nan() {
            let message =
                if site.function == "limit_ratio" { "Ratio value is NaN" } else { "Parameter value is NaN" };
            return Err(refusal(span, message));
        }
        if site.function == "limit_ratio" && value.abs() > 1.0 {
            let (found, capped) = (key::number(*value), value.signum());
            let message = format!("ratio value should be between -1 and 1, got {found}, capping to {capped}");
            evaluator.notes.warn(span, message);
        }
        if site.function != "limit_ratio" && value.abs() >= i64::MAX as f64 {
            let value = format!("{value:e}").replace('e', "e+");
            return Err(refusal(span, format!("Scalar value {value} overflows int64")));
        }
    }
    Ok(())
}

// The result of an instant: the best first.
fn in_order(site: &Site<'_>, matrix: Matrix, groups: &[Group], given: f64) -> Matrix {
    let mut chosen = Vec::new();
    let mut order = Vec::new();
    for group in groups {
        choose(site.function, &matrix, group, 0, given, &mut chosen);
        order.extend_from_slice(&chosen);
    }
    let mut matrix: Vec<Option<Series>> = matrix.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| matrix[at].take()).collect()
}

// Which series of a group stay at an instant.
fn choose(function: &str, matrix: &Matrix, group: &Group, step: usize, given: f64, chosen: &mut Vec<usize>) {
    chosen.clear();
    let there = group.members.iter().copied().filter(|at| matrix[*at].column.is_present(step));
    let count = if given >= 1.0 { given as usize } else { 0 };
    match function {
        "limitk" => chosen.extend(there.take(count)),
        "limit_ratio" => chosen.extend(there.filter(|at| is_in(share(&matrix[*at].labels), given))),
        _ => {
            let value = |at: usize| matrix[at].column.values[step];
            chosen.extend(there.filter(|at| is_float(value(*at))));
            let is_top = function == "topk";
            chosen.sort_by(|a, b| best_first(value(*a), value(*b), is_top));
            chosen.truncate(count);
        }
    }
}

// NaN is neither great nor small.
fn best_first(a: f64, b: f64, is_top: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) if is_top => b.partial_cmp(&a).unwrap_or(Ordering::Equal),
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (a_nan, b_nan) => a_nan.cmp(&b_nan),
    }
}

/// Whether a series belongs to a share of all, those with a negative ratio being the complement of the positive.
fn is_in(share: f64, ratio: f64) -> bool {
    let ratio = ratio.clamp(-1.0, 1.0);
    if ratio >= 0.0 { share < ratio } else { share >= 1.0 + ratio }
}

/// Where a series stands between 0 and 1, always the same (FNV-1a, whose upper bits are mixed once more).
fn share(labels: &Labels) -> f64 {
    let hash = labels.key().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}
