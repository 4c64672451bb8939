//! Functions that make series of nothing.

use crate::QueryError;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::{Consolidation, Series};
use crate::graphite::text::float;
use stdx::random::Random;

/// Three equal values over the range.
pub(super) fn line(call: &Call<'_, '_>, name: String, value: f64) -> Series {
    let (from_s, until_s) = (call.range.from_s, call.range.until_s);
    let step_s = (until_s - from_s) / 2;
    Series {
        x_files_factor: call.evaluator.x_files_factor(),
        path_expression: format!("constantLine({})", float(value)),
        ..Series::new(name, from_s, until_s, step_s, vec![value; 3])
    }
}

pub(crate) fn constant_line(call: Call<'_, '_>) -> Outcome {
    let value = call.required(0)?;
    Ok(vec![line(&call, float(value), value)])
}

// A value at each step from the start of the range.
fn made(
    call: &Call<'_, '_>,
    step_at: Option<usize>,
    mut of: impl FnMut(i64) -> f64,
) -> Result<Series, QueryError> {
    let step_s = step_at.and_then(|at| call.integer(at)).unwrap_or(60);
    if step_s < 1 {
        return Err(call.fail("The step is at least a second"));
    }
    let (from_s, until_s) = (call.range.from_s, call.range.until_s);
    let count = (until_s - from_s + step_s - 1) / step_s;
    if usize::try_from(count).unwrap_or(usize::MAX) > call.context().limits.points {
        return Err(
            call.fail(format!("{count} values are more than the limit of {}", call.context().limits.points))
        );
    }
    let values = (0..count).map(|at| of(from_s + at * step_s)).collect();
    let name = call.required_text(0)?;
    Ok(Series {
        x_files_factor: call.evaluator.x_files_factor(),
        ..Series::new(name, from_s, until_s, step_s, values)
    })
}

pub(crate) fn time(call: Call<'_, '_>) -> Outcome {
    Ok(vec![made(&call, Some(1), |time_s| time_s as f64)?])
}

pub(crate) fn sin(call: Call<'_, '_>) -> Outcome {
    let amplitude = call.number(1).unwrap_or(1.0);
    Ok(vec![made(&call, Some(2), |time_s| (time_s as f64).sin() * amplitude)?])
}

pub(crate) fn identity(call: Call<'_, '_>) -> Outcome {
    let mut series = made(&call, None, |time_s| time_s as f64)?;
    series.path_expression = format!("identity(\"{}\")", series.name);
    Ok(vec![series])
}

/// A walk that is the same whenever the same is asked: it starts from the range and the name.
pub(crate) fn random_walk(call: Call<'_, '_>) -> Outcome {
    let name = call.required_text(0)?;
    let seed = name
        .bytes()
        .fold(call.range.from_s as u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut random = Random::from_seed(seed);
    let mut now = 0.0;
    let step = |_| {
        let value = now;
        now += random.unit() - 0.5;
        value
    };
    Ok(vec![made(&call, Some(1), step)?])
}

pub(crate) fn events(call: Call<'_, '_>) -> Outcome {
    let tags: Vec<String> = call
        .values(0)
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let (from_s, until_s) = (call.range.from_s, call.range.until_s);
    let count = usize::try_from(until_s - from_s).unwrap_or(0);
    if count > call.context().limits.points {
        return Err(call.fail(format!(
            "{count} seconds are more than the limit of {} values",
            call.context().limits.points
        )));
    }
    let mut values = vec![f64::NAN; count];
    let wanted: &[String] = if tags == ["*"] { &[] } else { &tags };
    for time_ms in call.context().events.times_ms(wanted, from_s * 1000, until_s * 1000) {
        let place = usize::try_from(time_ms.div_euclid(1000) - from_s).ok();
        if let Some(value) = place.and_then(|at| values.get_mut(at)) {
            *value = if value.is_nan() { 1.0 } else { *value + 1.0 };
        }
    }
    let name = format!("events(\"{}\")", tags.join("\", \""));
    let series = Series::new(name, from_s, until_s, 1, values);
    Ok(vec![Series { consolidation: Consolidation::Sum, ..series }])
}

/// Reads by tags are known before anything is called.
pub(crate) fn series_by_tag(call: Call<'_, '_>) -> Outcome {
    Err(call.fail("seriesByTag cannot be called by another function"))
}
