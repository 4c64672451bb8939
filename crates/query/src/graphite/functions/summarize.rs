//! Functions that make fewer, longer steps.

use super::normal::is_enough;
use crate::QueryError;
use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome};
use crate::graphite::evaluate::Range;
use crate::graphite::series::Series;
use model::Unit;

/// Values of buckets from `start_s` until `end_s`, and where the last of them ends.
pub(super) fn buckets(
    series: &Series,
    how: Aggregate,
    long_s: i64,
    start_s: i64,
    end_s: i64,
) -> (Vec<f64>, i64) {
    let wanted = long_s as f64 / series.step_s as f64;
    let length =
        usize::try_from((series.end_s - series.start_s + series.step_s - 1) / series.step_s).unwrap_or(0);
    let length = length.min(series.values.len());
    let (mut values, mut at, mut time_s) = (Vec::new(), 0, start_s);
    while time_s < end_s {
        let (mut first, mut present) = (at, 0);
        while at < length && series.start_s + at as i64 * series.step_s < time_s + long_s {
            let point_s = series.start_s + at as i64 * series.step_s;
            if point_s <= time_s {
                first = at;
            }
            present += usize::from(point_s >= time_s && !series.values[at].is_nan());
            at += 1;
        }
        let is_there = is_enough(present, wanted, series.x_files_factor);
        values.push(if is_there { how.of(&series.values[first..at]) } else { f64::NAN });
        time_s += long_s;
    }
    (values, time_s)
}

// Not more buckets than a list may have values.
fn check(call: &Call<'_, '_>, list: &[Series], long_s: i64) -> Result<(), QueryError> {
    let too_many = |series: &Series| {
        let count = (series.end_s - series.start_s) / long_s + 2;
        usize::try_from(count).unwrap_or(usize::MAX) > call.context().limits.points
    };
    if list.iter().any(too_many) {
        return Err(
            call.fail(format!("There are more than the limit of {} buckets", call.context().limits.points))
        );
    }
    Ok(())
}

pub(crate) fn summarize(mut call: Call<'_, '_>) -> Outcome {
    let (text, long_s) = (call.required_text(1)?, call.interval_s(1)?.abs());
    let (how, function, aligns) = (call.aggregate(2)?, call.required_text(2)?, call.boolean(3));
    let list = call.list(0);
    check(&call, &list, long_s)?;
    let made = list.into_iter().map(|mut series| {
        let floor = |time_s: i64| time_s - time_s.rem_euclid(long_s);
        let (start_s, end_s) = match aligns {
            true => (series.start_s, series.end_s),
            false => (floor(series.start_s), floor(series.end_s) + long_s),
        };
        let (values, last_s) = buckets(&series, how, long_s, start_s, end_s);
        series.tag("summarize", text.as_str());
        series.tag("summarizeFunction", function.as_str());
        let tail = if aligns { ", true" } else { "" };
        let name = format!("summarize({}, \"{text}\", \"{function}\"{tail})", series.name);
        let end_s = if aligns { last_s } else { end_s };
        Series { start_s, end_s, step_s: long_s, ..series.remade(name, values) }
    });
    Ok(made.collect())
}

/// Where the unit of time begins in which an instant lies; weeks may begin at another day, as in `weeks3`.
fn start_of(call: &Call<'_, '_>, unit: &str, time_s: i64) -> Result<i64, QueryError> {
    let zone = &call.context().zone;
    let floor = |unit: Unit| zone.floor(time_s.saturating_mul(1000), unit).div_euclid(1000);
    Ok(match unit {
        unit if unit.starts_with('y') => floor(Unit::Year),
        unit if unit.starts_with("mon") => floor(Unit::Month),
        unit if unit.starts_with('w') => {
            let first =
                unit.bytes().last().filter(u8::is_ascii_digit).map_or(1, |digit| i64::from(digit - b'0'));
            let monday_ms = floor(Unit::Week).saturating_mul(1000);
            let day = |days: i64| zone.add(monday_ms, days, Unit::Day).div_euclid(1000);
            if day(first - 1) <= time_s { day(first - 1) } else { day(first - 8) }
        }
        unit if unit.starts_with('d') => floor(Unit::Day),
        unit if unit.starts_with('h') => floor(Unit::Hour),
        unit if unit.starts_with("min") => floor(Unit::Minute),
        unit if unit.starts_with('s') => time_s,
        other => return Err(call.fail(format!("`{other}` is no unit of time, such as hours, days or weeks"))),
    })
}

pub(crate) fn smart_summarize(mut call: Call<'_, '_>) -> Outcome {
    let (text, long_s) = (call.required_text(1)?, call.interval_s(1)?.abs());
    let (how, function) = (call.aggregate(2)?, call.required_text(2)?);
    let unit = call.text(3).filter(|unit| *unit != "true" && *unit != "false").map(str::to_owned);
    let list = match unit {
        None => call.list(0),
        Some(unit) => {
            let from_s = start_of(&call, &unit, call.range.from_s)?;
            call.again(Range { from_s, ..call.range })?
        }
    };
    check(&call, &list, long_s)?;
    let made = list.into_iter().map(|mut series| {
        let (values, end_s) = buckets(&series, how, long_s, series.start_s, series.end_s);
        series.tag("smartSummarize", text.as_str());
        series.tag("smartSummarizeFunction", function.as_str());
        let name = format!("smartSummarize({}, \"{text}\", \"{function}\")", series.name);
        Series { end_s, step_s: long_s, ..series.remade(name, values) }
    });
    Ok(made.collect())
}

/// How much there was of something that is measured per second, in buckets that end with the series.
pub(crate) fn hitcount(mut call: Call<'_, '_>) -> Outcome {
    let (text, long_s, aligns) = (call.required_text(1)?, call.interval_s(1)?.abs(), call.boolean(2));
    let mut list = call.list(0);
    if aligns {
        let unit = match long_s {
            86_400.. => "d",
            3600.. => "h",
            60.. => "min",
            _ => "s",
        };
        let from_s = start_of(&call, unit, call.range.from_s)?;
        list = call.again(Range { from_s, ..call.range })?;
        for series in &mut list {
            series.end_s =
                series.start_s + (series.end_s - series.start_s).div_euclid(long_s) * long_s + long_s;
        }
    }
    check(&call, &list, long_s)?;
    let made = list.into_iter().map(|mut series| {
        let count = (series.end_s - series.start_s + long_s - 1).div_euclid(long_s);
        let start_s = series.end_s - count * long_s;
        let values = hits(&series, start_s, count, long_s);
        series.tag("hitcount", text.as_str());
        let tail = if aligns { ", true" } else { "" };
        let name = format!("hitcount({}, \"{text}\"{tail})", series.name);
        Series { start_s, step_s: long_s, ..series.remade(name, values) }
    });
    Ok(made.collect())
}

fn hits(series: &Series, start_s: i64, count: i64, long_s: i64) -> Vec<f64> {
    let mut hits = vec![f64::NAN; usize::try_from(count).unwrap_or(0)];
    for (time_s, value) in series.points().filter(|(_, value)| !value.is_nan()) {
        // The last bucket takes what reaches beyond it, as if it were as long as that.
        let end_s = (time_s + series.step_s).min(start_s + count * long_s);
        let mut at_s = time_s.max(start_s);
        while at_s < end_s {
            let bucket = (at_s - start_s) / long_s;
            let until_s = (start_s + (bucket + 1) * long_s).min(end_s);
            let place = usize::try_from(bucket).unwrap_or(0);
            let before = if hits[place].is_nan() { 0.0 } else { hits[place] };
            hits[place] = before + value * (until_s - at_s) as f64;
            at_s = until_s;
        }
    }
    hits
}
