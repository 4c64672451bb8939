//! Functions that make one series of many.

use super::keys::{grouped, slice};
use super::normal::{expressions, normal};
use crate::QueryError;
use crate::graphite::aggregate::{Aggregate, percentile};
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::Series;
use crate::graphite::text::g;
use std::collections::BTreeMap;

/// One series of many, called `sumSeries(a,b)` and so on; none of none.
pub(super) fn aggregate(
    call: &Call<'_, '_>,
    series: &[&Series],
    function: &str,
    x_files_factor: Option<f64>,
) -> Result<Option<Series>, QueryError> {
    let function = function.strip_suffix("Series").unwrap_or(function);
    let Some(how) = Aggregate::parse(function) else {
        return Err(call.no_way(function));
    };
    let Some(normal) = normal(series) else { return Ok(None) };
    let factor = x_files_factor.unwrap_or_else(|| call.evaluator.x_files_factor());
    let name = format!("{function}Series({})", expressions(series.iter().copied()));
    let values = normal.aggregate(how, factor);
    let mut tags = shared_tags(series);
    tags.entry("name".to_owned()).or_insert_with(|| name.clone());
    tags.insert("aggregatedBy".to_owned(), function.to_owned());
    Ok(Some(Series {
        tags,
        x_files_factor: factor,
        is_rolled: series.iter().all(|series| series.is_rolled),
        ..Series::new(name, normal.start_s, normal.end_s, normal.step_s, values)
    }))
}

/// The tags that all have.
pub(super) fn shared_tags(series: &[&Series]) -> BTreeMap<String, String> {
    let mut tags = series.first().map(|first| first.tags.clone()).unwrap_or_default();
    for other in series.iter().skip(1) {
        tags.retain(|tag, value| other.tags.get(tag) == Some(value));
    }
    tags
}

fn all(mut call: Call<'_, '_>, function: &str) -> Outcome {
    let list = call.list(0);
    let list: Vec<&Series> = list.iter().collect();
    Ok(aggregate(&call, &list, function, None)?.into_iter().collect())
}

pub(crate) fn sum(call: Call<'_, '_>) -> Outcome {
    all(call, "sum")
}

pub(crate) fn average(call: Call<'_, '_>) -> Outcome {
    all(call, "average")
}

pub(crate) fn avg_zero(call: Call<'_, '_>) -> Outcome {
    all(call, "avg_zero")
}

pub(crate) fn min(call: Call<'_, '_>) -> Outcome {
    all(call, "min")
}

pub(crate) fn max(call: Call<'_, '_>) -> Outcome {
    all(call, "max")
}

pub(crate) fn diff(call: Call<'_, '_>) -> Outcome {
    all(call, "diff")
}

pub(crate) fn stddev(call: Call<'_, '_>) -> Outcome {
    all(call, "stddev")
}

pub(crate) fn range_of(call: Call<'_, '_>) -> Outcome {
    all(call, "rangeOf")
}

pub(crate) fn median(call: Call<'_, '_>) -> Outcome {
    all(call, "median")
}

pub(crate) fn first(call: Call<'_, '_>) -> Outcome {
    all(call, "first")
}

pub(crate) fn last(call: Call<'_, '_>) -> Outcome {
    all(call, "last")
}

/// One series of a single list stays as it is.
pub(crate) fn multiply(mut call: Call<'_, '_>) -> Outcome {
    let lists = call.values(0).len();
    let list = call.list(0);
    if lists == 1 && list.len() == 1 {
        return Ok(list);
    }
    let list: Vec<&Series> = list.iter().collect();
    Ok(aggregate(&call, &list, "multiply", None)?.into_iter().collect())
}

pub(crate) fn aggregated(mut call: Call<'_, '_>) -> Outcome {
    let (function, factor) = (call.required_text(1)?, call.number(2));
    let list = call.list(0);
    let list: Vec<&Series> = list.iter().collect();
    Ok(aggregate(&call, &list, &function, factor)?.into_iter().collect())
}

/// How many series there are, at every instant.
pub(crate) fn count(mut call: Call<'_, '_>) -> Outcome {
    if call.values(0).is_empty() {
        let mut series = super::source::line(&call, "0".to_owned(), 0.0);
        series.path_expression = "countSeries()".to_owned();
        return Ok(vec![series]);
    }
    let list = call.list(0);
    let list: Vec<&Series> = list.iter().collect();
    let Some(normal) = normal(&list) else { return Ok(Vec::new()) };
    let name = format!("countSeries({})", expressions(list.iter().copied()));
    let values = vec![list.len() as f64; normal.len()];
    Ok(vec![made(&call, name, &normal, values)])
}

/// A series of its own on this grid.
pub(super) fn made(
    call: &Call<'_, '_>,
    name: String,
    on: &super::normal::Normal<'_>,
    values: Vec<f64>,
) -> Series {
    Series {
        x_files_factor: call.evaluator.x_files_factor(),
        ..Series::new(name, on.start_s, on.end_s, on.step_s, values)
    }
}

pub(crate) fn pow_series(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    let names: Vec<&str> = list.iter().map(|series| series.name.as_str()).collect();
    let name = format!("powSeries({})", names.join(","));
    let list: Vec<&Series> = list.iter().collect();
    let Some(normal) = normal(&list) else { return Ok(Vec::new()) };
    let values = normal.rows(|row| row.iter().copied().reduce(power).unwrap_or(f64::NAN));
    Ok(vec![made(&call, name, &normal, values)])
}

/// Null when one of them is, or when the power is no number.
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    // 1 to the power of NaN is 1, and NaN to the power of 0, too.
    let power = if base.is_nan() || exponent.is_nan() { f64::NAN } else { base.powf(exponent) };
    if power.is_finite() { power } else { f64::NAN }
}

pub(crate) fn percentile_of_series(mut call: Call<'_, '_>) -> Outcome {
    let (n, interpolate) = (call.required(1)?, call.boolean(2));
    if n <= 0.0 {
        return Err(call.fail("The percentile must be greater than 0"));
    }
    let list = call.list(0);
    let Some(first) = list.first() else { return Ok(Vec::new()) };
    let name = format!("percentileOfSeries({},{})", first.path_expression, g(n));
    let list: Vec<&Series> = list.iter().collect();
    let Some(normal) = normal(&list) else { return Ok(Vec::new()) };
    let values = normal.rows(|row| percentile(row.iter().copied(), n, interpolate));
    Ok(vec![made(&call, name, &normal, values)])
}

fn wildcards(mut call: Call<'_, '_>, function: &str, at: usize) -> Outcome {
    let gone: Vec<i64> = call
        .values(at)
        .iter()
        .filter_map(|value| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        })
        .collect();
    let list = call.list(0);
    let keyed = list.iter().map(|series| {
        let nodes = series.name.split('.').enumerate();
        let kept: Vec<&str> =
            nodes.filter(|(at, _)| !gone.contains(&(*at as i64))).map(|(_, node)| node).collect();
        (kept.join("."), series)
    });
    let mut out = Vec::new();
    for (key, group) in grouped(keyed) {
        if let Some(mut series) = aggregate(&call, &group, function, None)? {
            series.name = key;
            out.push(series);
        }
    }
    Ok(out)
}

pub(crate) fn sum_wildcards(call: Call<'_, '_>) -> Outcome {
    wildcards(call, "sum", 1)
}

pub(crate) fn average_wildcards(call: Call<'_, '_>) -> Outcome {
    wildcards(call, "average", 1)
}

pub(crate) fn multiply_wildcards(call: Call<'_, '_>) -> Outcome {
    wildcards(call, "multiply", 1)
}

pub(crate) fn aggregate_wildcards(call: Call<'_, '_>) -> Outcome {
    let function = call.required_text(1)?;
    wildcards(call, &function, 2)
}

pub(crate) fn weighted_average(mut call: Call<'_, '_>) -> Outcome {
    let (means, weights) = (call.list(0), call.list(1));
    if means.len() != weights.len() {
        let message =
            format!("There are {} averages and {} weights; they go in pairs", means.len(), weights.len());
        return Err(call.fail(message));
    }
    let nodes = call.values(2);
    let weighed: BTreeMap<String, &Series> =
        weights.iter().map(|series| (super::keys::key(series, nodes), series)).collect();
    let averages: BTreeMap<String, &Series> =
        means.iter().map(|series| (super::keys::key(series, nodes), series)).collect();
    let mut products = Vec::new();
    for (key, mean) in averages {
        let Some(weight) = weighed.get(&key) else { continue };
        let values = longest(&mean.values, &weight.values, |mean, weight| mean * weight);
        let name = format!("product({},{})", weight.name, mean.name);
        products.push(Series::new(name, mean.start_s, mean.end_s, mean.step_s, values));
    }
    let products: Vec<&Series> = products.iter().collect();
    let weights: Vec<&Series> = weights.iter().collect();
    let (Some(product), Some(weight)) =
        (aggregate(&call, &products, "sum", None)?, aggregate(&call, &weights, "sum", None)?)
    else {
        return Ok(Vec::new());
    };
    let shown: Vec<String> = nodes.iter().map(shown).collect();
    let name = format!("weightedAverage({}, {}, {})", sorted(&means), sorted(weights), shown.join(","));
    let values = longest(&product.values, &weight.values, super::percent::ratio);
    Ok(vec![Series::new(name, product.start_s, product.end_s, product.step_s, values)])
}

/// Value by value; where one column has ended, with null.
fn longest(a: &[f64], b: &[f64], of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let at = |column: &[f64], at: usize| column.get(at).copied().unwrap_or(f64::NAN);
    (0..a.len().max(b.len())).map(|place| of(at(a, place), at(b, place))).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn sorted<'a>(series: impl IntoIterator<Item = &'a Series>) -> String {
    let names: std::collections::BTreeSet<&str> =
        series.into_iter().map(|series| series.path_expression.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// Nodes `start` to `stop` of a path; used where series are named by a part of their name.
pub(super) fn nodes_of(path: &str, start: i64, stop: Option<i64>) -> String {
    let nodes: Vec<&str> = path.split('.').collect();
    slice(&nodes, start, stop).join(".")
}
