//! Functions over a window that moves along. The values before the range that the first windows need are asked for, too.

use super::normal::is_enough;
use crate::QueryError;
use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::evaluate::Range;
use crate::graphite::series::Series;
use crate::graphite::text::round;

/// How long a window is.
struct Window {
    /// As names show it.
    shown: String,
    /// As tags show it.
    tag: String,
    /// How much earlier to look, in seconds.
    before_s: i64,
    /// Its values, if it was given as such.
    points: Option<i64>,
}

impl Window {
    fn of(call: &Call<'_, '_>, list: &[Series]) -> Result<Self, QueryError> {
        if let Some(Value::Integer(points)) = call.value(1) {
            let points = *points;
            let step_s = list.iter().map(|series| series.step_s).max().unwrap_or(1);
            let before_s = points.checked_mul(step_s).filter(|before_s| points > 0 && *before_s < 1 << 40);
            let before_s =
                before_s.ok_or_else(|| call.fail("The window has at least one value, and not that many"))?;
            return Ok(Self {
                shown: points.to_string(),
                tag: points.to_string(),
                before_s,
                points: Some(points),
            });
        }
        let text = call.required_text(1)?;
        Ok(Self {
            shown: format!("\"{text}\""),
            before_s: call.interval_s(1)?.abs(),
            tag: text,
            points: None,
        })
    }

    fn length(&self, series: &Series) -> usize {
        let points = self.points.unwrap_or(self.before_s / series.step_s);
        usize::try_from(points).unwrap_or(0)
    }

    fn earlier(&self, call: &Call<'_, '_>) -> Outcome {
        call.again(Range { from_s: call.range.from_s.saturating_sub(self.before_s), ..call.range })
    }
}

fn window(mut call: Call<'_, '_>, function: &str, x_files_factor: Option<f64>) -> Outcome {
    let list = call.list(0);
    if list.is_empty() {
        return Ok(list);
    }
    let Some(how) = Aggregate::parse(function) else {
        return Err(call.no_way(function));
    };
    let window = Window::of(&call, &list)?;
    let name = format!("moving{}", capital(function));
    let made = window.earlier(&call)?.into_iter().map(|mut series| {
        let length = window.length(&series);
        let factor = x_files_factor.unwrap_or(series.x_files_factor);
        let values = moved(&series.values, length, |values| aggregate(how, values, length, factor));
        series.tag(&name, window.tag.as_str());
        series.start_s += window.before_s;
        let name = format!("{name}({},{})", series.name, window.shown);
        series.remade(name, values)
    });
    Ok(made.collect())
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let rest = |chars: std::str::Chars<'_>| chars.as_str().to_lowercase();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + &rest(chars))
}

// Each window ends with its own value; the first whole one starts the answer.
fn moved(values: &[f64], length: usize, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    if length == 0 {
        return vec![f64::NAN; values.len()];
    }
    (length..values.len()).map(|at| of(&values[at + 1 - length..=at])).collect()
}

fn aggregate(how: Aggregate, values: &[f64], length: usize, factor: f64) -> f64 {
    let present: usize = values.iter().filter(|value| !value.is_nan()).count();
    if !is_enough(present, length as f64, factor) {
        return f64::NAN;
    }
    if present == values.len() || !matches!(how, Aggregate::Multiply | Aggregate::AvgZero) {
        return how.of(values);
    }
    let there: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    how.of(&there)
}

pub(crate) fn average(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(2);
    window(call, "average", factor)
}

pub(crate) fn median(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(2);
    window(call, "median", factor)
}

pub(crate) fn sum(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(2);
    window(call, "sum", factor)
}

pub(crate) fn min(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(2);
    window(call, "min", factor)
}

pub(crate) fn max(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(2);
    window(call, "max", factor)
}

pub(crate) fn any(call: Call<'_, '_>) -> Outcome {
    let (function, factor) = (call.required_text(2)?, call.number(3));
    window(call, &function, factor)
}

/// Old values fade: each counts `1 - 2/(window + 1)` as much as the next.
pub(crate) fn exponential(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    if list.is_empty() {
        return Ok(list);
    }
    let window = Window::of(&call, &list)?;
    let constant = 2.0 / (window.points.unwrap_or(window.before_s) + 1) as f64;
    let made = window.earlier(&call)?.into_iter().map(|mut series| {
        let length = window.length(&series).min(series.values.len());
        let (before, rest) = series.values.split_at(length);
        let mean = Aggregate::Average.of(before);
        let mut mean = if mean.is_nan() { 0.0 } else { mean };
        let mut values = vec![round(mean, 6)];
        values.extend(rest.iter().map(|value| {
            if value.is_nan() {
                return f64::NAN;
            }
            mean = constant * value + (1.0 - constant) * mean;
            round(mean, 6)
        }));
        series.tag("exponentialMovingAverage", window.tag.as_str());
        series.start_s += window.before_s;
        let name = format!("exponentialMovingAverage({},{})", series.name, window.shown);
        series.remade(name, values)
    });
    Ok(made.collect())
}

/// Standard deviation over a window that starts small.
pub(crate) fn stdev(mut call: Call<'_, '_>) -> Outcome {
    let (points, tolerance) = (call.integer(1).unwrap_or(1), call.number(2).unwrap_or(0.1));
    let length = usize::try_from(points.max(1)).unwrap_or(1);
    let made = call.list(0).into_iter().map(|mut series| {
        let (mut count, mut sum, mut squares) = (0u32, 0.0, 0.0);
        let values = series.values.iter().enumerate().map(|(at, value)| {
            let dropped = at.checked_sub(length).map_or(f64::NAN, |at| series.values[at]);
            if !dropped.is_nan() {
                (count, sum, squares) = (count - 1, sum - dropped, squares - dropped * dropped);
            }
            if !value.is_nan() {
                (count, sum, squares) = (count + 1, sum + value, squares + value * value);
            }
            let n = f64::from(count);
            // A root of less than nothing is null.
            if count > 0 && points != 0 && n / points as f64 >= tolerance {
                (n * squares - sum * sum).sqrt() / n
            } else {
                f64::NAN
            }
        });
        let values = values.collect();
        series.tag("stdev", points.to_string());
        let name = format!("stdev({},{points})", series.name);
        series.remade(name, values)
    });
    Ok(made.collect())
}
