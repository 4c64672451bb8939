//! `.precision(precision)`

use crate::call::{Call, Outcome};

/// Cuts values after so many decimal places and shows so many in tooltips; less than none cuts before the point.
pub(crate) fn precision(call: Call<'_>) -> Outcome {
    let digits = call.whole("precision", -15, 15)?.unwrap_or(0);
    let factor = 10f64.powi(digits as i32);
    call.each(|series| {
        series.style.precision = Some(digits.max(0) as u8);
        for value in &mut series.values {
            let cut = (*value * factor).trunc() / factor;
            // Values too large to have decimal places overflow when multiplied.
            *value = if cut.is_finite() { cut } else { *value };
        }
    })
}
