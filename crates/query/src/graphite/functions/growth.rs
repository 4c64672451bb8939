//! Functions that follow a series from value to value.

use crate::graphite::call::{Call, Outcome};
use crate::graphite::text::round;

fn remade(
    mut call: Call<'_, '_>,
    function: &str,
    mut values: impl FnMut(&[f64], i64) -> Vec<f64>,
) -> Outcome {
    let made = call.list(0).into_iter().map(|mut series| {
        series.tag(function, "1");
        let values = values(&series.values, series.step_s);
        let name = format!("{function}({})", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn derivative(call: Call<'_, '_>) -> Outcome {
    remade(call, "derivative", |values, _| {
        let mut before = f64::NAN;
        // Null less anything is null.
        values.iter().map(|value| value - std::mem::replace(&mut before, *value)).collect()
    })
}

/// The growth to `now`, and what the next one starts from. A value beyond the bounds is no value at all; one that is less
/// than before has wrapped if the bounds say how.
fn delta(now: f64, before: f64, most: Option<f64>, least: Option<f64>) -> (f64, f64) {
    if most.is_some_and(|most| now > most) || least.is_some_and(|least| now < least) {
        return (f64::NAN, f64::NAN);
    }
    let grown = match (most, least) {
        _ if now >= before => now - before,
        _ if now.is_nan() || before.is_nan() => f64::NAN,
        (Some(most), least) => most + 1.0 + now - before - least.unwrap_or(0.0),
        (None, Some(least)) => now - least,
        (None, None) => f64::NAN,
    };
    (grown, now)
}

fn deltas(values: &[f64], most: Option<f64>, least: Option<f64>) -> impl Iterator<Item = f64> {
    let mut before = f64::NAN;
    values.iter().map(move |now| {
        let (grown, next) = delta(*now, before, most, least);
        before = next;
        grown
    })
}

pub(crate) fn non_negative_derivative(call: Call<'_, '_>) -> Outcome {
    let (most, least) = (call.number(1), call.number(2));
    remade(call, "nonNegativeDerivative", |values, _| deltas(values, most, least).collect())
}

pub(crate) fn per_second(call: Call<'_, '_>) -> Outcome {
    let (most, least) = (call.number(1), call.number(2));
    remade(call, "perSecond", |values, step_s| {
        deltas(values, most, least).map(|grown| round(grown / step_s as f64, 6)).collect()
    })
}

pub(crate) fn integral(call: Call<'_, '_>) -> Outcome {
    remade(call, "integral", |values, _| sums(values, f64::NEG_INFINITY))
}

// A value of `reset` starts anew.
fn sums(values: &[f64], reset: f64) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |value: &f64| {
        if value.is_nan() {
            return f64::NAN;
        }
        sum = if *value == reset { 0.0 } else { sum + value };
        sum
    };
    values.iter().map(add).collect()
}

pub(crate) fn integral_with_reset(mut call: Call<'_, '_>) -> Outcome {
    let resets = call.list(1);
    let [reset] = resets.as_slice() else {
        return Err(call.fail("integralWithReset takes one series to reset by"));
    };
    let reset = reset.values.clone();
    remade(call, "integralWithReset", |values, _| {
        let mut sum = 0.0;
        let add = |(at, value): (usize, &f64)| {
            if reset.get(at).is_some_and(|reset| *reset != 0.0 && !reset.is_nan()) {
                sum = 0.0;
            } else if !value.is_nan() {
                sum += value;
            } else {
                return f64::NAN;
            }
            sum
        };
        values.iter().enumerate().map(add).collect()
    })
}

pub(crate) fn integral_by_interval(mut call: Call<'_, '_>) -> Outcome {
    let unit = call.required_text(1)?;
    let interval_s = call.interval_s(1)?.abs();
    let from_s = call.range.from_s;
    let made = call.list(0).into_iter().map(|mut series| {
        series.tag("integralByInterval", unit.as_str());
        let mut sum = 0.0;
        let add = |(time_s, value): (i64, f64)| {
            let part = |time_s: i64| (time_s - from_s).div_euclid(interval_s);
            if part(time_s) != part(time_s - series.step_s) {
                sum = 0.0;
            }
            sum += if value.is_nan() { 0.0 } else { value };
            sum
        };
        let values = series.points().map(add).collect();
        let name = format!("integralByInterval({},'{unit}')", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn delay(mut call: Call<'_, '_>) -> Outcome {
    let steps = call.integer(1).unwrap_or(0);
    let made = call.list(0).into_iter().map(|mut series| {
        let length = series.values.len() as i64;
        let value = |at: i64| {
            usize::try_from(at).ok().and_then(|at| series.values.get(at)).copied().unwrap_or(f64::NAN)
        };
        let values = (0..length).map(|at| value(at.saturating_sub(steps))).collect();
        series.tag("delay", steps.to_string());
        let name = format!("delay({},{steps})", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn changed(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        series.rename(format!("changed({})", series.name));
        let mut before = f64::NAN;
        for value in &mut series.values {
            let is_other = !before.is_nan() && !value.is_nan() && *value != before;
            if !value.is_nan() {
                before = *value;
            }
            *value = f64::from(u8::from(is_other));
        }
    }
    Ok(list)
}
