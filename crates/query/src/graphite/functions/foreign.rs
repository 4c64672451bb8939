//! Functions that carbonapi has and graphite-web has not.

use super::keys::node;
use super::normal::normal;
use crate::QueryError;
use crate::graphite::aggregate::percentile;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::evaluate::Range;
use crate::graphite::series::Series;
use crate::graphite::text::g;
use std::collections::BTreeMap;

/// Old values fade, from the first value there is: each counts `1 - alpha` as much as the next.
pub(crate) fn exponential_weighted(mut call: Call<'_, '_>) -> Outcome {
    let alpha = call.required(1)?;
    let made = call.list(0).into_iter().map(|series| {
        let mut mean = f64::NAN;
        let values = series.values.iter().map(|value| {
            if value.is_nan() {
                return f64::NAN;
            }
            mean = if mean.is_nan() { *value } else { alpha * value + (1.0 - alpha) * mean };
            mean
        });
        let values = values.collect();
        let name = format!("exponentialWeightedMovingAverage({},{})", series.name, g(alpha));
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn is_not_null(mut call: Call<'_, '_>) -> Outcome {
    let made = call.list(0).into_iter().map(|series| {
        let values = series.values.iter().map(|value| f64::from(u8::from(!value.is_nan()))).collect();
        let name = format!("isNotNull({})", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn scale_after(mut call: Call<'_, '_>) -> Outcome {
    let (factor, after_s) = (call.required(1)?, call.date_s(&call.required_text(2)?)?);
    let made = call.list(0).into_iter().map(|series| {
        let values =
            series.points().map(|(time_s, value)| if time_s >= after_s { value * factor } else { value });
        let values = values.collect();
        let name = format!("scaleAfterTimestamp({},{},{after_s})", series.name, g(factor));
        series.remade(name, values)
    });
    Ok(made.collect())
}

/// How many series have each value, at every instant.
pub(crate) fn count_values(mut call: Call<'_, '_>) -> Outcome {
    let limit = usize::try_from(call.integer(1).unwrap_or(32)).unwrap_or(0);
    let list = call.list(0);
    let list: Vec<&Series> = list.iter().collect();
    let Some(normal) = normal(&list) else { return Ok(Vec::new()) };
    let mut counts: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    let length = normal.len();
    for column in &normal.columns {
        for (at, value) in column.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let known = counts.entry(*value as i64).or_insert_with(|| vec![f64::NAN; length]);
            known[at] = if known[at].is_nan() { 1.0 } else { known[at] + 1.0 };
            if counts.len() > limit {
                return Err(call.fail(format!("There are more than the limit of {limit} different values")));
            }
        }
    }
    let made = counts
        .into_iter()
        .map(|(value, counts)| super::combine::made(&call, value.to_string(), &normal, counts));
    Ok(made.collect())
}

/// Each series less the one before it, in order of name: buckets that count what is below an edge become those between two.
pub(crate) fn heat_map(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    list.sort_by(|a, b| a.name.cmp(&b.name));
    let pairs = list.windows(2).map(|pair| {
        let values = pair[1].values.iter().zip(&pair[0].values).map(|(upper, lower)| upper - lower);
        let name = format!("heatMap({},{})", pair[1].name, pair[0].name);
        pair[1].clone().remade(name, values.collect())
    });
    Ok(pairs.collect())
}

/// Series of two lists by their names.
pub(crate) fn join(mut call: Call<'_, '_>) -> Outcome {
    let kind = call.text(2).unwrap_or("AND").to_uppercase();
    let (first, second) = (call.list(0), call.list(1));
    let has = |list: &[Series], name: &str| list.iter().any(|series| series.name == name);
    let only = |list: &[Series], other: &[Series], wanted: bool| -> Vec<Series> {
        list.iter().filter(|series| has(other, &series.name) == wanted).cloned().collect()
    };
    Ok(match kind.as_str() {
        "AND" => only(&first, &second, true),
        "SUB" => only(&first, &second, false),
        "XOR" => only(&first, &second, false).into_iter().chain(only(&second, &first, false)).collect(),
        "OR" => {
            let rest = only(&second, &first, false);
            first.into_iter().chain(rest).collect()
        }
        other => return Err(call.fail(format!("There is no join `{other}`; there are AND, OR, XOR, SUB"))),
    })
}

fn tukey(mut call: Call<'_, '_>, is_above: bool) -> Outcome {
    let (basis, n) = (call.required(1)?, call.integer(2).unwrap_or(1).max(0));
    let skipped = usize::try_from(call.integer(3).unwrap_or(0)).unwrap_or(0);
    let list = call.list(0);
    let all = |percent: f64| {
        percentile(list.iter().flat_map(|s| s.values.iter().skip(skipped).copied()), percent, true)
    };
    let (first, third) = (all(25.0), all(75.0));
    let edge = if is_above { third + basis * (third - first) } else { first - basis * (third - first) };
    let outside = |series: &Series| {
        series
            .values
            .iter()
            .skip(skipped)
            .filter(|v| if is_above { **v >= edge } else { **v <= edge })
            .count()
    };
    let mut counted: Vec<(usize, Series)> =
        list.into_iter().map(|series| (outside(&series), series)).collect();
    counted.retain(|(count, _)| *count > 0);
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    Ok(counted.into_iter().take(n as usize).map(|(_, series)| series).collect())
}

pub(crate) fn tukey_above(call: Call<'_, '_>) -> Outcome {
    tukey(call, true)
}

pub(crate) fn tukey_below(call: Call<'_, '_>) -> Outcome {
    tukey(call, false)
}

/// Pearson's correlation of two columns; null where one of them does not change.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> =
        a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).collect();
    let n = pairs.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let shared = sum(&|(a, b)| (a - mean_a) * (b - mean_b));
    let alone = sum(&|(a, _)| (a - mean_a).powi(2)) * sum(&|(_, b)| (b - mean_b).powi(2));
    if alone == 0.0 { f64::NAN } else { shared / alone.sqrt() }
}

pub(super) fn single(call: &Call<'_, '_>, list: Vec<Series>) -> Result<Series, QueryError> {
    let count = list.len();
    let mut list = list.into_iter();
    match (list.next(), count) {
        (Some(series), 1) => Ok(series),
        _ => Err(call.fail(format!("One series is wanted here, there are {count}"))),
    }
}

pub(crate) fn pearson(mut call: Call<'_, '_>) -> Outcome {
    let (first, second) = (call.list(0), call.list(1));
    let (first, second) = (single(&call, first)?, single(&call, second)?);
    let window = usize::try_from(call.integer(2).unwrap_or(0)).unwrap_or(0).max(1);
    let length = first.values.len().min(second.values.len());
    let of = |at: usize| match (at + 1).checked_sub(window) {
        Some(start) => correlation(&first.values[start..=at], &second.values[start..=at]),
        None => f64::NAN,
    };
    let values = (0..length).map(of).collect();
    let name = format!("pearson({},{},{window})", first.name, second.name);
    Ok(vec![first.remade(name, values)])
}

pub(crate) fn pearson_closest(mut call: Call<'_, '_>) -> Outcome {
    let first = call.list(0);
    let like = single(&call, first)?;
    let n = usize::try_from(call.integer(2).unwrap_or(1)).unwrap_or(0);
    let direction = call.text(3).unwrap_or("abs").to_owned();
    let rank = |series: &Series| {
        let found = correlation(&like.values, &series.values);
        match direction.as_str() {
            "pos" => found,
            "neg" => -found,
            _ => found.abs(),
        }
    };
    let mut ranked: Vec<(f64, Series)> =
        call.list(1).into_iter().map(|series| (rank(&series), series)).collect();
    ranked.retain(|(rank, _)| !rank.is_nan());
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(ranked.into_iter().take(n).map(|(_, series)| series).collect())
}

/// Shares of buckets' values that keep a limit.
fn kept_shares(mut call: Call<'_, '_>, objective: Option<f64>, function: &str) -> Outcome {
    let (text, long_s) = (call.required_text(1)?, call.interval_s(1)?.abs());
    let (method, limit) = (call.required_text(2)?, call.required(3)?);
    let keeps: fn(f64, f64) -> bool = match method.as_str() {
        "above" => |value, limit| value > limit,
        "aboveOrEqual" => |value, limit| value >= limit,
        "below" => |value, limit| value < limit,
        "belowOrEqual" => |value, limit| value <= limit,
        other => {
            let known = "above, aboveOrEqual, below, belowOrEqual";
            return Err(call.fail(format!("There is no way `{other}` to keep a limit; there are {known}")));
        }
    };
    let tail = objective.map_or_else(String::new, |objective| format!(",{}", g(objective)));
    let made = call.list(0).into_iter().map(|series| {
        let per_bucket = usize::try_from(long_s / series.step_s).unwrap_or(1).max(1);
        let share = |values: &[f64]| {
            let present = values.iter().filter(|value| !value.is_nan());
            let kept = present.clone().filter(|value| keeps(**value, limit)).count();
            // No value at all gives 0/0, which is null.
            let share = kept as f64 / present.count() as f64;
            objective.map_or(share, |objective| (share - objective) * long_s as f64)
        };
        let values: Vec<f64> = series.values.chunks(per_bucket).map(share).collect();
        let name = format!("{function}({}, \"{text}\", \"{method}\", {}{tail})", series.name, g(limit));
        let step_s = per_bucket as i64 * series.step_s;
        Series { step_s, ..series.remade(name, values) }
    });
    Ok(made.collect())
}

pub(crate) fn slo(call: Call<'_, '_>) -> Outcome {
    kept_shares(call, None, "slo")
}

pub(crate) fn slo_error_budget(call: Call<'_, '_>) -> Outcome {
    let objective = call.required(4)?;
    kept_shares(call, Some(objective), "sloErrorBudget")
}

/// What was usual at this time in earlier periods: the median of them.
fn baselines(call: &Call<'_, '_>) -> Outcome {
    let unit_s = call.interval_s(1)?.abs();
    let (first, end) = (call.integer(2).unwrap_or(1), call.integer(3).unwrap_or(1));
    if !(1..=1000).contains(&end.abs_diff(first).saturating_add(1)) {
        return Err(call.fail("There can be at most 1000 periods"));
    }
    let mut found: Vec<(String, Vec<Series>)> = Vec::new();
    for times in first.min(end)..=first.max(end) {
        let by_s = -unit_s.saturating_mul(times.abs());
        let range = Range {
            from_s: call.range.from_s.saturating_add(by_s),
            until_s: call.range.until_s.saturating_add(by_s),
        };
        for mut series in call.again(range)? {
            (series.start_s, series.end_s) = (series.start_s - by_s, series.end_s - by_s);
            match found.iter_mut().find(|(name, _)| *name == series.name) {
                Some((_, list)) => list.push(series),
                None => found.push((series.name.clone(), vec![series])),
            }
        }
    }
    let made = found.into_iter().filter_map(|(name, list)| {
        let list: Vec<&Series> = list.iter().collect();
        let normal = normal(&list)?;
        let values = normal.rows(|row| crate::graphite::aggregate::Aggregate::Median.of(row));
        Some(super::combine::made(call, name, &normal, values))
    });
    Ok(made.collect())
}

pub(crate) fn baseline(call: Call<'_, '_>) -> Outcome {
    let mut found = baselines(&call)?;
    found.iter_mut().for_each(|series| series.rename(format!("baseline({})", series.name)));
    Ok(found)
}

pub(crate) fn baseline_aberration(mut call: Call<'_, '_>) -> Outcome {
    let usual = baselines(&call)?;
    let made = call.list(0).into_iter().filter_map(|series| {
        let usual = usual.iter().find(|usual| usual.name == series.name)?;
        let name = format!("baselineAberration({})", series.name);
        Some(super::percent::pair(&call, name, &series, usual, |value, usual| value - usual))
    });
    Ok(made.collect())
}

/// The bytes of a text in base 64, if it is one.
fn decoded(text: &str) -> Option<String> {
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(digit), count + 6);
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(out).ok()
}

pub(crate) fn alias_by_base64(mut call: Call<'_, '_>) -> Outcome {
    let at = call.integer(1);
    let mut list = call.list(0);
    for series in &mut list {
        let text = match at {
            Some(at) => node(&series.name, at).unwrap_or_default(),
            None => &series.name,
        };
        if let Some(name) = decoded(text) {
            series.name = name;
        }
    }
    Ok(list)
}

/// Versions of something, each with its start, one above the other: those whose mark is not the newest are shifted to it.
pub(crate) fn time_shift_by_metric(mut call: Call<'_, '_>) -> Outcome {
    let (list, marks) = (call.list(0), call.list(1));
    let at = match call.value(2) {
        Some(Value::Integer(at)) => *at,
        _ => 0,
    };
    let version = |series: &Series| node(&series.name, at).unwrap_or_default().to_owned();
    let started =
        |series: &Series| series.points().find(|(_, value)| !value.is_nan()).map(|(time_s, _)| time_s);
    let starts: BTreeMap<String, i64> =
        marks.iter().filter_map(|mark| Some((version(mark), started(mark)?))).collect();
    let Some(newest_s) = starts.values().max().copied() else { return Ok(Vec::new()) };
    let made = list.into_iter().filter_map(|mut series| {
        let by_s = newest_s - starts.get(&version(&series))?;
        (series.start_s, series.end_s) = (series.start_s + by_s, series.end_s + by_s);
        series.name = format!("timeShiftByMetric({})", series.name);
        Some(series)
    });
    Ok(made.collect())
}

/// Without what changes fast: frequencies above a share of all are left out, after a Fourier transform.
pub(crate) fn low_pass(mut call: Call<'_, '_>) -> Outcome {
    let percent = call.required(1)?;
    let longest = call.context().limits.points;
    let mut list = call.list(0);
    for series in &mut list {
        series.rename(format!("lowPass({},{})", series.name, g(percent)));
        let n = series.values.len();
        if n.saturating_mul(n) > longest.saturating_mul(100) {
            return Err(call.fail(format!("{n} values are too many for lowPass; summarize them first")));
        }
        series.values = passed(&series.values, ((n as f64 / 2.0) * percent / 100.0) as usize);
    }
    Ok(list)
}

// The sum of the waves that are slow enough, each found by its projection; what is null counts as 0.
fn passed(values: &[f64], highest: usize) -> Vec<f64> {
    let n = values.len() as f64;
    let value = |at: usize| if values[at].is_nan() { 0.0 } else { values[at] };
    let mut out = vec![0.0; values.len()];
    for k in 0..=highest {
        let turn = std::f64::consts::TAU * k as f64 / n;
        let weigh =
            |of: fn(f64) -> f64| (0..values.len()).map(|at| value(at) * of(turn * at as f64)).sum::<f64>();
        let (cosine, sine) = (weigh(f64::cos), weigh(f64::sin));
        let weight = if k == 0 || 2 * k == values.len() { 1.0 } else { 2.0 } / n;
        for (at, out) in out.iter_mut().enumerate() {
            *out += weight * (cosine * (turn * at as f64).cos() + sine * (turn * at as f64).sin());
        }
    }
    out
}
