//! `.trend(mode, start, end)`

use crate::call::{Call, Outcome};

/// A straight or logarithmic line through the points from `start` to before `end` (negative: from the end) by least
/// squares; null outside. The abscissa is the time.
pub(crate) fn trend(call: Call<'_>) -> Outcome {
    let logarithmic = call.text("mode") == Some("log");
    let times_ms = call.grid.times_ms();
    let start = call.whole("start", i64::from(i32::MIN), i64::from(i32::MAX))?.unwrap_or(0);
    let end = call.whole("end", i64::from(i32::MIN), i64::from(i32::MAX))?.unwrap_or(0);
    let start = from_start(start, times_ms.len());
    let end = if end == 0 { times_ms.len() } else { from_start(end, times_ms.len()) };
    let abscissae: Vec<f64> =
        times_ms.iter().map(|&t| if logarithmic { (t as f64).ln() } else { t as f64 }).collect();
    call.each(|series| {
        let line = least_squares(&abscissae, &series.values, start..end);
        for (at, value) in series.values.iter_mut().enumerate() {
            *value = if (start..end).contains(&at) { line(abscissae[at]) } else { f64::NAN };
        }
    })
}

fn from_start(index: i64, len: usize) -> usize {
    let len = len as i64;
    (if index < 0 { len + index } else { index }).clamp(0, len) as usize
}

// Taken about the means: times are large numbers close together, whose squares would eat the digits.
fn least_squares(x: &[f64], y: &[f64], range: std::ops::Range<usize>) -> impl Fn(f64) -> f64 + use<> {
    let range = range.start.min(range.end)..range.end;
    let points = || x[range.clone()].iter().zip(&y[range.clone()]).filter(|(_, y)| !y.is_nan());
    let count = points().count() as f64;
    let mean_x = points().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = points().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = covariance / variance;
    move |x| mean_y + slope * (x - mean_x)
}
