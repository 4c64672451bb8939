//! `.movingaverage(window, position)`

use super::window;
use crate::call::{Call, Outcome};

/// The mean over a window that ends at (`left`), surrounds (`center`) or starts at (`right`) a bucket. Null where the
/// window leaves the range. Null values within it are left out of the mean; a compatible request takes them for 0.
pub(crate) fn movingaverage(call: Call<'_>) -> Outcome {
    let (window, _) = window::size(&call, "window")?;
    let before = match call.text("position") {
        Some("left") => window - 1,
        Some("right") => 0,
        _ => window / 2,
    };
    let compatible = call.compatible;
    call.each(|series| {
        series.label = format!("{} mvavg={window}", series.label);
        series.values = means(&series.values, window, before, compatible);
    })
}

fn means(values: &[f64], window: usize, before: usize, counts_null: bool) -> Vec<f64> {
    let mut found = vec![f64::NAN; values.len()];
    for (start, slice) in values.windows(window).enumerate() {
        let (sum, count) = slice
            .iter()
            .filter(|value| !value.is_nan())
            .fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
        found[start + before] = sum / if counts_null { window } else { count } as f64;
    }
    found
}
