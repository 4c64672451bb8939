//! `.log(base)`

use crate::call::{Call, Failure, Outcome};

/// Logarithms; those of 0 and less are null.
pub(crate) fn log(call: Call<'_>) -> Outcome {
    let base = call.number("base").unwrap_or(10.0);
    if base <= 0.0 || base == 1.0 {
        return Err(Failure::of("base", format!("There is no logarithm to base {base}")));
    }
    let divisor = base.ln();
    call.each_value(|value| if value > 0.0 { value.ln() / divisor } else { f64::NAN })
}
