//! Quotients.

use super::keys::{grouped, key};
use super::normal::{expressions, normal};
use crate::QueryError;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::Series;
use crate::graphite::text::float;

/// A quotient; null where there is no divisor, or it is 0.
pub(super) fn ratio(value: f64, by: f64) -> f64 {
    if by == 0.0 { f64::NAN } else { value / by }
}

fn percent(value: f64, of: f64) -> f64 {
    ratio(value, of) * 100.0
}

/// Two series value by value on their common grid.
pub(super) fn pair(
    call: &Call<'_, '_>,
    name: String,
    a: &Series,
    b: &Series,
    of: fn(f64, f64) -> f64,
) -> Series {
    let Some(normal) = normal(&[a, b]) else { return a.clone() };
    let values = normal.rows(|row| of(row[0], row[1]));
    super::combine::made(call, name, &normal, values)
}

fn of_pair(call: &Call<'_, '_>, a: &Series, b: &Series) -> Series {
    pair(call, format!("asPercent({},{})", a.name, b.name), a, b, percent)
}

pub(crate) fn as_percent(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    if list.is_empty() {
        return Ok(list);
    }
    let number = call.number(1);
    let totals = match call.value(1) {
        Some(Value::Series(_)) => Some(call.list(1)),
        None => None,
        Some(_) if number.is_some() => return fixed(&call, list, number.unwrap_or(f64::NAN)),
        Some(_) => return Err(call.fail("The total is a number, one series or as many as there are")),
    };
    if !call.values(2).is_empty() {
        return by_nodes(&call, &list, totals.as_deref());
    }
    match totals.as_deref() {
        None => Ok(of_sum(&call, list)),
        Some([total]) => Ok(list.iter().map(|series| of_pair(&call, series, total)).collect()),
        Some(totals) if totals.len() == list.len() => Ok(pairs(&call, &list, totals)),
        Some(totals) => {
            let message =
                format!("There are {} totals for {} series; give one, or as many", totals.len(), list.len());
            Err(call.fail(message))
        }
    }
}

fn fixed(call: &Call<'_, '_>, list: Vec<Series>, total: f64) -> Outcome {
    let shown = match call.value(1) {
        Some(Value::Integer(number)) => number.to_string(),
        _ => float(total),
    };
    let made = list.into_iter().map(|series| {
        let name = format!("asPercent({},{shown})", series.name);
        let values = series.values.iter().map(|value| percent(*value, total)).collect();
        Series::new(name, series.start_s, series.end_s, series.step_s, values)
    });
    Ok(made.collect())
}

fn of_sum(call: &Call<'_, '_>, list: Vec<Series>) -> Vec<Series> {
    let text = format!("sumSeries({})", expressions(&list));
    let all: Vec<&Series> = list.iter().collect();
    let Some(normal) = normal(&all) else { return Vec::new() };
    let sums = normal.sums();
    let columns = list.iter().zip(&normal.columns).map(|(series, column)| {
        let values = sums
            .iter()
            .enumerate()
            .map(|(at, sum)| percent(column.get(at).copied().unwrap_or(f64::NAN), *sum));
        let name = format!("asPercent({},{text})", series.name);
        let step_s = normal.step_s;
        Series {
            x_files_factor: call.evaluator.x_files_factor(),
            ..Series::new(name, series.start_s, series.end_s, step_s, values.collect())
        }
    });
    columns.collect()
}

// By name, each with each.
fn pairs(call: &Call<'_, '_>, list: &[Series], totals: &[Series]) -> Vec<Series> {
    let by_name = |list: &'_ [Series]| {
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by(|a, b| list[*a].name.cmp(&list[*b].name));
        order
    };
    let order = by_name(list).into_iter().zip(by_name(totals));
    order.map(|(at, total)| of_pair(call, &list[at], &totals[total])).collect()
}

// Each of its group.
fn by_nodes(call: &Call<'_, '_>, list: &[Series], totals: Option<&[Series]>) -> Outcome {
    let nodes = call.values(2);
    let keyed = |list: &[Series]| -> Vec<(String, Series)> {
        list.iter().map(|series| (key(series, nodes), series.clone())).collect()
    };
    let groups = grouped(keyed(list));
    let sums = grouped(keyed(totals.unwrap_or(list)));
    let sums: Vec<(String, Series)> =
        sums.into_iter().filter_map(|(key, group)| Some((key, total(call, group)?))).collect();
    let mut out = Vec::new();
    for (key, group) in &groups {
        let sum = sums.iter().find(|(known, _)| known == key).map(|(_, sum)| sum);
        out.extend(group.iter().map(|series| match sum {
            Some(sum) => of_pair(call, series, sum),
            None => missing(series, &format!("asPercent({},MISSING)", series.name)),
        }));
    }
    let alone = sums.iter().filter(|(key, _)| !groups.iter().any(|(known, _)| known == key));
    out.extend(alone.map(|(_, sum)| missing(sum, &format!("asPercent(MISSING,{})", sum.name))));
    Ok(out)
}

fn missing(like: &Series, name: &str) -> Series {
    Series::new(name, like.start_s, like.end_s, like.step_s, vec![f64::NAN; like.values.len()])
}

fn total(call: &Call<'_, '_>, group: Vec<Series>) -> Option<Series> {
    if group.len() == 1 {
        return group.into_iter().next();
    }
    let name = format!("sumSeries({})", expressions(&group));
    let group: Vec<&Series> = group.iter().collect();
    let normal = normal(&group)?;
    let sums = normal.sums();
    Some(super::combine::made(call, name, &normal, sums))
}

pub(crate) fn divide(mut call: Call<'_, '_>) -> Outcome {
    let (mut list, by) = (call.list(0), call.list(1));
    match by.as_slice() {
        [] => {
            for series in &mut list {
                series.rename(format!("divideSeries({},MISSING)", series.name));
                series.values.fill(f64::NAN);
            }
            Ok(list)
        }
        [by] => Ok(list.iter().map(|series| quotient(&call, series, by)).collect()),
        many => Err(call.fail(format!("divideSeries divides by one series, here are {}", many.len()))),
    }
}

fn quotient(call: &Call<'_, '_>, a: &Series, b: &Series) -> Series {
    pair(call, format!("divideSeries({},{})", a.name, b.name), a, b, ratio)
}

/// Two lists of the same length.
pub(super) fn both(call: &mut Call<'_, '_>) -> Result<Vec<(Series, Series)>, QueryError> {
    let (first, second) = (call.list(0), call.list(1));
    if first.len() != second.len() {
        let message = format!("The lists have {} and {} series; they go in pairs", first.len(), second.len());
        return Err(call.fail(message));
    }
    Ok(first.into_iter().zip(second).collect())
}

pub(crate) fn divide_lists(mut call: Call<'_, '_>) -> Outcome {
    let both = both(&mut call)?;
    Ok(both.iter().map(|(a, b)| quotient(&call, a, b)).collect())
}
