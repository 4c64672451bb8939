//! `.derivative()`

use crate::call::{Call, Outcome};

/// Each value minus the one before; null where either is null.
pub(crate) fn derivative(call: Call<'_>) -> Outcome {
    call.each(|series| {
        let mut previous = f64::NAN;
        for value in &mut series.values {
            let now = *value;
            *value = now - previous;
            previous = now;
        }
    })
}
