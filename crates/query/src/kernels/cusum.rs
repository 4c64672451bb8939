//! `.cusum(base)`

use crate::call::{Call, Outcome};

/// Running sums from `base`; null adds nothing.
pub(crate) fn cusum(call: Call<'_>) -> Outcome {
    let base = call.number("base").unwrap_or(0.0);
    call.each(|series| {
        let mut total = base;
        for value in &mut series.values {
            total += if value.is_nan() { 0.0 } else { *value };
            *value = total;
        }
    })
}
