//! `.movingstd(window, position)`

use super::window;
use crate::call::{Call, Outcome};

/// The sample standard deviation over a window. The left window ends before its bucket, the others hold it. Null where
/// the window leaves the range or holds fewer than two values. A compatible request takes null for 0.
pub(crate) fn movingstd(call: Call<'_>) -> Outcome {
    let (window, _) = window::size(&call, "window")?;
    // How far after the window's start its bucket lies.
    let at = match call.text("position") {
        Some("right") => 0,
        Some("center") => window / 2,
        _ => window,
    };
    let arithmetic = call.arithmetic();
    call.each(|series| {
        series.values.iter_mut().for_each(|value| *value = arithmetic(*value));
        series.label = format!("{} mvstd={window}", series.label);
        series.values = deviations(&series.values, window, at);
    })
}

// The last possible window is not used: Timelion's left window has no bucket after it, and the others follow suit.
fn deviations(values: &[f64], window: usize, at: usize) -> Vec<f64> {
    let mut found = vec![f64::NAN; values.len()];
    let windows = values.len().saturating_sub(window);
    for (start, slice) in values.windows(window).take(windows).enumerate() {
        found[start + at] = deviation(slice);
    }
    found
}

// Bessel's correction: n - 1. One value alone gives 0/0, which is null.
fn deviation(values: &[f64]) -> f64 {
    let present = || values.iter().filter(|value| !value.is_nan());
    let count = present().count() as f64;
    let mean = present().sum::<f64>() / count;
    let squares: f64 = present().map(|value| (value - mean).powi(2)).sum();
    if count < 2.0 { f64::NAN } else { (squares / (count - 1.0)).sqrt() }
}
