//! Functions that change each value by itself.

use super::combine::power;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::Series;
use crate::graphite::text::{float, g, round, whole};

/// Renames each series, says so in a tag, and changes its values.
fn each(
    mut call: Call<'_, '_>,
    tag: Option<(&str, &str)>,
    name: impl Fn(&Series) -> String,
    change: impl Fn(f64) -> f64,
) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        if let Some((tag, value)) = tag {
            series.tag(tag, value);
        }
        series.rename(name(series));
        series.values.iter_mut().for_each(|value| *value = change(*value));
    }
    Ok(list)
}

/// What cannot be said as a number is null.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

pub(crate) fn absolute(call: Call<'_, '_>) -> Outcome {
    each(call, Some(("absolute", "1")), |s| format!("absolute({})", s.name), f64::abs)
}

pub(crate) fn add(call: Call<'_, '_>) -> Outcome {
    let constant = call.required(1)?;
    let shown = whole(constant);
    each(call, Some(("add", &g(constant))), |s| format!("add({},{shown})", s.name), |v| v + constant)
}

pub(crate) fn scale(call: Call<'_, '_>) -> Outcome {
    let factor = call.required(1)?;
    let name = |s: &Series| format!("scale({},{})", s.name, g(factor));
    each(call, None, name, |v| v * factor)
}

pub(crate) fn offset(call: Call<'_, '_>) -> Outcome {
    let by = call.required(1)?;
    each(call, Some(("offset", &g(by))), |s| format!("offset({},{})", s.name, g(by)), |v| v + by)
}

pub(crate) fn exp(call: Call<'_, '_>) -> Outcome {
    each(call, Some(("exp", "e")), |s| format!("exp({})", s.name), |v| finite(v.exp()))
}

pub(crate) fn sigmoid(call: Call<'_, '_>) -> Outcome {
    let change = |v: f64| 1.0 / (1.0 + (-v).exp());
    each(call, Some(("sigmoid", "sigmoid")), |s| format!("sigmoid({})", s.name), change)
}

pub(crate) fn logit(call: Call<'_, '_>) -> Outcome {
    let change = |v: f64| finite((v / (1.0 - v)).ln());
    each(call, Some(("logit", "logit")), |s| format!("logit({})", s.name), change)
}

pub(crate) fn pow(call: Call<'_, '_>) -> Outcome {
    let factor = call.required(1)?;
    let name = |s: &Series| format!("pow({},{})", s.name, g(factor));
    each(call, Some(("pow", &g(factor))), name, |v| power(v, factor))
}

pub(crate) fn square_root(call: Call<'_, '_>) -> Outcome {
    each(call, Some(("squareRoot", "1")), |s| format!("squareRoot({})", s.name), |v| finite(v.sqrt()))
}

pub(crate) fn invert(call: Call<'_, '_>) -> Outcome {
    each(call, Some(("invert", "1")), |s| format!("invert({})", s.name), |v| finite(v.recip()))
}

pub(crate) fn is_non_null(call: Call<'_, '_>) -> Outcome {
    let change = |v: f64| if v.is_nan() { 0.0 } else { 1.0 };
    each(call, Some(("isNonNull", "1")), |s| format!("isNonNull({})", s.name), change)
}

pub(crate) fn rounded(call: Call<'_, '_>) -> Outcome {
    let given = call.value(1).is_some();
    let digits = call.integer(1).unwrap_or(0);
    let name =
        |s: &Series| if given { format!("round({},{digits})", s.name) } else { format!("round({})", s.name) };
    each(call, Some(("round", &digits.to_string())), name, |v| round(v, digits))
}

pub(crate) fn log(mut call: Call<'_, '_>) -> Outcome {
    let base = call.required(1)?;
    if base <= 0.0 || base == 1.0 {
        return Err(call.fail("The base of a logarithm is greater than 0 and not 1"));
    }
    // A base that has its own function is exact where the quotient is not.
    let of = |v: f64| match base {
        10.0 => v.log10(),
        2.0 => v.log2(),
        _ => v.ln() / base.ln(),
    };
    let shown = match call.value(1) {
        Some(Value::Float(_)) => float(base),
        _ => g(base),
    };
    let made = call.list(0).into_iter().map(|mut series| {
        series.tag("log", shown.as_str());
        let values = series.values.iter().map(|v| if *v > 0.0 { of(*v) } else { f64::NAN }).collect();
        let name = format!("log({}, {shown})", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}

pub(crate) fn scale_to_seconds(mut call: Call<'_, '_>) -> Outcome {
    let seconds = call.required(1)?;
    let mut list = call.list(0);
    for series in &mut list {
        series.tag("scaleToSeconds", g(seconds));
        series.rename(format!("scaleToSeconds({},{})", series.name, whole(seconds)));
        let factor = seconds / series.step_s as f64;
        series.values.iter_mut().for_each(|value| *value = round(*value * factor, 6));
    }
    Ok(list)
}

pub(crate) fn offset_to_zero(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        let least = series.present().fold(f64::INFINITY, f64::min);
        series.tag("offsetToZero", if least.is_finite() { g(least) } else { "None".to_owned() });
        series.rename(format!("offsetToZero({})", series.name));
        series.values.iter_mut().for_each(|value| *value -= least);
    }
    Ok(list)
}

pub(crate) fn min_max(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        series.rename(format!("minMax({})", series.name));
        let least = series.present().fold(f64::INFINITY, f64::min);
        let range = series.present().fold(f64::NEG_INFINITY, f64::max) - least;
        for value in series.values.iter_mut().filter(|value| !value.is_nan()) {
            *value = if range == 0.0 { 0.0 } else { (*value - least) / range };
        }
    }
    Ok(list)
}
