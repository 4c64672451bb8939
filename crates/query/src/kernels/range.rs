//! `.range(min, max)`

use crate::call::{Call, Outcome};

/// Stretches each series so that its least value is `min` and its greatest `max`. A compatible request moves null as if
/// it were 0.
pub(crate) fn range(call: Call<'_>) -> Outcome {
    let low = call.number("min").unwrap_or(0.0);
    let high = call.number("max").unwrap_or(1.0);
    let arithmetic = call.arithmetic();
    call.each(|series| {
        let least = series.values.iter().copied().fold(f64::NAN, f64::min);
        let greatest = series.values.iter().copied().fold(f64::NAN, f64::max);
        for value in &mut series.values {
            *value = (high - low) * (arithmetic(*value) - least) / (greatest - least) + low;
        }
    })
}
