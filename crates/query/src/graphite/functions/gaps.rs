//! Functions that fill or make gaps.

use super::normal::{enough, normal};
use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome};
use crate::graphite::series::Series;
use crate::graphite::text::g;

/// The longest gap to fill, in values.
fn limit(call: &Call<'_, '_>) -> f64 {
    call.number(1).unwrap_or(f64::INFINITY)
}

// The gaps of a column: first null, first value after.
fn gaps(values: &[f64]) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < values.len() {
        let end = at + values[at..].iter().take_while(|value| value.is_nan()).count();
        if end > at {
            found.push((at, end));
        }
        at = end + 1;
    }
    found
}

pub(crate) fn keep_last_value(mut call: Call<'_, '_>) -> Outcome {
    let (mut list, limit) = (call.list(0), limit(&call));
    for series in &mut list {
        series.rename(format!("keepLastValue({})", series.name));
        for (start, end) in gaps(&series.values).into_iter().filter(|(start, _)| *start > 0) {
            if (end - start) as f64 <= limit {
                let last = series.values[start - 1];
                series.values[start..end].fill(last);
            }
        }
    }
    Ok(list)
}

pub(crate) fn interpolate(mut call: Call<'_, '_>) -> Outcome {
    let (mut list, limit) = (call.list(0), limit(&call));
    for series in &mut list {
        series.rename(format!("interpolate({})", series.name));
        for (start, end) in gaps(&series.values).into_iter().filter(|(start, _)| *start > 0) {
            if end >= series.values.len() || (end - start) as f64 > limit {
                continue;
            }
            let (before, after) = (series.values[start - 1], series.values[end]);
            for at in start..end {
                let way = (at - start + 1) as f64;
                series.values[at] = before + way * (after - before) / (end - start + 1) as f64;
            }
        }
    }
    Ok(list)
}

pub(crate) fn transform_null(mut call: Call<'_, '_>) -> Outcome {
    let default = call.number(1).unwrap_or(0.0);
    let references = call.list(2);
    let references: Vec<&Series> = references.iter().collect();
    let known = normal(&references).map(|normal| normal.rows(|row| f64::from(u8::from(enough(row, 0.0)))));
    let mut list = call.list(0);
    for series in &mut list {
        series.tag("transformNull", g(default));
        let tail = if known.is_some() { ",referenceSeries" } else { "" };
        if known.is_some() {
            series.tag("referenceSeries", "1");
        }
        series.rename(format!("transformNull({},{}{tail})", series.name, g(default)));
        for (at, value) in series.values.iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
            let is_known = known.as_ref().is_none_or(|known| known.get(at).is_some_and(|known| *known > 0.0));
            *value = if is_known { default } else { f64::NAN };
        }
    }
    Ok(list)
}

/// Which values to leave out, given all of them and the limit.
type Outside = fn(f64, f64) -> bool;

fn remove(
    mut call: Call<'_, '_>,
    function: &str,
    bound: impl Fn(&Series, f64) -> f64,
    is_outside: Outside,
) -> Outcome {
    let n = call.required(1)?;
    let mut list = call.list(0);
    for series in &mut list {
        series.rename(format!("{function}({}, {})", series.name, g(n)));
        let bound = bound(series, n);
        for value in series.values.iter_mut().filter(|value| is_outside(**value, bound)) {
            *value = f64::NAN;
        }
    }
    Ok(list)
}

fn percentile_of(series: &Series, percent: f64) -> f64 {
    crate::graphite::aggregate::percentile(series.present(), percent, false)
}

pub(crate) fn remove_above_value(call: Call<'_, '_>) -> Outcome {
    remove(call, "removeAboveValue", |_, n| n, |value, bound| value > bound)
}

pub(crate) fn remove_below_value(call: Call<'_, '_>) -> Outcome {
    remove(call, "removeBelowValue", |_, n| n, |value, bound| value < bound)
}

pub(crate) fn remove_above_percentile(call: Call<'_, '_>) -> Outcome {
    remove(call, "removeAbovePercentile", percentile_of, |value, bound| value > bound)
}

pub(crate) fn remove_below_percentile(call: Call<'_, '_>) -> Outcome {
    remove(call, "removeBelowPercentile", percentile_of, |value, bound| value < bound)
}

/// A series of which only every n-th value is there keeps just those. The distance of its first two values tells which, if
/// the next one is where it is then expected, alone. Zeros do not count, as in the web application.
pub(crate) fn compress_periodic_gaps(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        series.rename(format!("compressPeriodicGaps({})", series.name));
        let Some((first, every)) = period(&series.values) else { continue };
        let long_s = every as i64 * series.step_s;
        let start_s = series.start_s + first as i64 * series.step_s;
        let (values, _) = super::summarize::buckets(series, Aggregate::Last, long_s, start_s, series.end_s);
        series.end_s = start_s + long_s * (values.len() as i64 - 1);
        (series.start_s, series.step_s, series.values) = (start_s, long_s, values);
    }
    Ok(list)
}

// The first value that is there, and how many steps it is to the next.
fn period(values: &[f64]) -> Option<(usize, usize)> {
    let is_there = |at: &usize| !values[*at].is_nan() && values[*at] != 0.0;
    let mut places = (0..values.len()).filter(is_there);
    let first = places.next()?;
    // A value at the very start is not told from none.
    let (first, second) = if first == 0 {
        (places.next()?, places.next().unwrap_or(0))
    } else {
        (first, places.next().unwrap_or(0))
    };
    let every = second.checked_sub(first).filter(|every| *every > 1)?;
    let third = second + every;
    let is_alone = third + 2 <= values.len()
        && is_there(&third)
        && values[third - 1].is_nan()
        && values[third + 1].is_nan();
    is_alone.then_some((first, every))
}
