//! Straight lines through the samples of a window, and smoothing with a trend.

use super::Site;
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::note::Notes;
use crate::vector::value::{Outcome, Samples, Steps, Value, refusal};
use crate::vector::window::{self, Window};
use lang::Span;
use model::Sum;

/// Histograms have no line through them, which is said where there are both.
pub(super) fn check_mixed(samples: &Samples, span: Span, notes: &mut Notes) {
    super::over_time::check_mixed(samples, span, notes);
}

pub(super) fn deriv(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    // Times are taken from the first sample on: large numbers would lose digits.
    line(window, *window.times_ms.first()?).map(|(slope, _)| Value::Float(slope))
}

pub(super) fn predict_linear(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    let (slope, intercept) = line(window, window.instant_ms)?;
    Some(Value::Float(slope * window.numbers[0] + intercept))
}

// Slope by the second and value at `zero_ms`, by least squares.
fn line(window: &Window<'_>, zero_ms: i64) -> Option<(f64, f64)> {
    let (times, values) = (window.times_ms, window.values);
    if values.len() < 2 {
        return None;
    }
    let is_flat = values.iter().all(|value| *value == values[0]);
    if is_flat {
        return Some(if values[0].is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, values[0]) });
    }
    let [mut sum_x, mut sum_y, mut sum_xy, mut sum_xx] = [Sum::default(); 4];
    for (time_ms, y) in times.iter().zip(values) {
        let x = (time_ms - zero_ms) as f64 / 1000.0;
        sum_x.add(x);
        sum_y.add(*y);
        sum_xy.add(x * y);
        sum_xx.add(x * x);
    }
    let n = values.len() as f64;
    let (sum_x, sum_y) = (sum_x.value(), sum_y.value());
    let covariance = sum_xy.value() - sum_x * sum_y / n;
    let variance = sum_xx.value() - sum_x * sum_x / n;
    let slope = covariance / variance;
    Some((slope, sum_y / n - slope * sum_x / n))
}

/// Double exponential smoothing (Holt 1957): a level and a trend.
pub(super) fn smoothing(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    for (arg, what) in site.args[1..].iter().zip(["smoothing", "trend"]) {
        let shares = evaluator.scalar(*arg, steps)?;
        if let Some(share) = shares.into_iter().find(|share| !(*share > 0.0 && *share < 1.0)) {
            let message = format!("invalid {what} factor. Expected: 0 < factor < 1, got: {share}");
            return Err(refusal(evaluator.span(*arg), message));
        }
    }
    window::over(evaluator, site, smoothed, steps).map(Outcome::Vector)
}

fn smoothed(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    let (level_share, trend_share) = (window.numbers[0], window.numbers[1]);
    let values = window.values;
    if values.len() < 2 {
        return None;
    }
    let (mut before, mut level, mut trend) = (0.0, values[0], values[1] - values[0]);
    for (at, value) in values.iter().enumerate().skip(1) {
        if at > 1 {
            trend = trend_share * (level - before) + (1.0 - trend_share) * trend;
        }
        let next = level_share * value + (1.0 - level_share) * (level + trend);
        before = level;
        level = next;
    }
    Some(Value::Float(level))
}
