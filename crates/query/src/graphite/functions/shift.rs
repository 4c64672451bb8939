//! Functions that look at another time.

use crate::QueryError;
use crate::graphite::call::{Call, Outcome};
use crate::graphite::evaluate::Range;

/// How far to shift, as written with its sign, and in seconds. Without a sign it is back.
fn shift(call: &Call<'_, '_>, at: usize) -> Result<(String, i64), QueryError> {
    let text = call.required_text(at)?;
    let seconds = call.interval_s(at)?;
    Ok(if text.starts_with(|c: char| c.is_ascii_digit()) {
        (format!("-{text}"), -seconds)
    } else {
        (text, seconds)
    })
}

fn shifted(range: Range, by_s: i64) -> Range {
    Range { from_s: range.from_s.saturating_add(by_s), until_s: range.until_s.saturating_add(by_s) }
}

pub(crate) fn time_shift(mut call: Call<'_, '_>) -> Outcome {
    let (text, mut by_s) = shift(&call, 1)?;
    let (keeps_end, aligns) = (call.boolean(2), call.boolean(3));
    let list = call.list(0);
    let Some(like) = list.first() else { return Ok(list) };
    if aligns {
        by_s += daylight(&call, by_s);
    }
    let mut found = call.again(shifted(call.range, by_s))?;
    for series in &mut found {
        series.tag("timeShift", text.as_str());
        series.name = format!("timeShift({}, \"{text}\")", series.name);
        series.end_s = if keeps_end { like.end_s } else { series.end_s - series.start_s + like.start_s };
        series.start_s = like.start_s;
    }
    Ok(found)
}

// An hour more or less where the zone has summer time on one side only, so that noon is above noon.
fn daylight(call: &Call<'_, '_>, by_s: i64) -> i64 {
    let offset_s = |time_s: i64| call.context().zone.offset_ms(time_s.saturating_mul(1000)) / 1000;
    let (here, there) = (call.range, shifted(call.range, by_s));
    let from = offset_s(here.from_s) - offset_s(there.from_s);
    let until = offset_s(here.until_s) - offset_s(there.until_s);
    if from == until { from } else { 0 }
}

/// Most shifts of one stack.
const SHIFTS_MAX: i64 = 1000;

pub(crate) fn time_stack(mut call: Call<'_, '_>) -> Outcome {
    let (text, unit_s) = shift(&call, 1)?;
    let (first, end) = (call.integer(2).unwrap_or(0), call.integer(3).unwrap_or(7));
    if end.saturating_sub(first) > SHIFTS_MAX {
        return Err(call.fail(format!("There can be at most {SHIFTS_MAX} shifts")));
    }
    let list = call.list(0);
    let Some(like) = list.first() else { return Ok(list) };
    let mut out = Vec::new();
    for times in first..end {
        for mut series in call.again(shifted(call.range, unit_s.saturating_mul(times)))? {
            series.tag("timeShiftUnit", text.as_str());
            series.tag("timeShift", times.to_string());
            series.rename(format!("timeShift({}, {text}, {times})", series.name));
            (series.start_s, series.end_s) = (like.start_s, like.end_s);
            out.push(series);
        }
    }
    Ok(out)
}

pub(crate) fn time_slice(mut call: Call<'_, '_>) -> Outcome {
    let start_s = call.date_s(&call.required_text(1)?)?;
    let end_s = call.date_s(&call.required_text(2)?)?;
    let from_s = call.range.from_s;
    let mut list = call.list(0);
    for series in &mut list {
        series.tag("timeSliceStart", start_s.to_string());
        series.tag("timeSliceEnd", end_s.to_string());
        series.name = format!("timeSlice({}, {start_s}, {end_s})", series.name);
        // Counted from the start of the range, not of the series, as in graphite-web.
        for (at, value) in series.values.iter_mut().enumerate() {
            let time_s = from_s + at as i64 * series.step_s;
            if time_s < start_s || time_s > end_s {
                *value = f64::NAN;
            }
        }
    }
    Ok(list)
}
