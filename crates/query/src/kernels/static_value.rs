//! `.static(value, label)`

use crate::call::{Call, Failure, Outcome, Value};
use crate::fit::fit;
use crate::frame::{Frame, Series};
use lang::plan::{Fit, Offset};

/// Most points of a text such as `1:2:3`.
const POINTS_MAX: usize = 10_000;

/// A flat series, or points `a:b:c` spread evenly over the range with straight lines between them, or as `fit` says. An
/// offset moves the points.
pub(crate) fn static_value(call: Call<'_>) -> Outcome {
    let count = call.grid.len();
    let mode = call.fit("fit").unwrap_or(Fit::Average);
    let (name, values) = match call.value("value") {
        Some(Value::Number(number)) => (number.to_string(), vec![*number; count]),
        Some(Value::Text(text)) => (text.clone(), spread(text, &call, mode)?),
        _ => return Err(Failure::of("value", "A number is missing").hint("such as .static(80)")),
    };
    let label = call.text("label").map_or(name, str::to_owned);
    Ok(Frame::of(vec![Series { label, values, fit: Some(mode), ..Series::default() }]))
}

fn spread(text: &str, call: &Call<'_>, mode: Fit) -> Result<Vec<f64>, Failure> {
    let numbers: Option<Vec<f64>> = text.split(':').take(POINTS_MAX).map(|n| n.trim().parse().ok()).collect();
    let Some(numbers) = numbers else {
        return Err(Failure::of("value", format!("`{text}` is not a row of numbers")).hint("such as 10:0:10"));
    };
    let targets_ms = call.grid.times_ms();
    let [first, .., last] = targets_ms.as_slice() else { return Ok(vec![numbers[0]; targets_ms.len()]) };
    if numbers.len() == 1 {
        return Ok(vec![numbers[0]; targets_ms.len()]);
    }
    let offset = call.text("offset").map(Offset::parse).transpose().map_err(|e| Failure::of("offset", e))?;
    let shown = |time_ms| match offset {
        Some(offset) => offset.reverse().apply(time_ms, call.grid.range.len_ms(), &call.grid.zone),
        None => time_ms,
    };
    let step_ms = (last - first) as f64 / (numbers.len() - 1) as f64;
    let times_ms: Vec<i64> =
        (0..numbers.len()).map(|n| shown(first + (step_ms * n as f64).round() as i64)).collect();
    fit(mode, &times_ms, &numbers, &targets_ms).map_err(|why| Failure::of("value", why))
}
