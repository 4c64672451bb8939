//! `.abs()`

use crate::call::{Call, Outcome};

/// Absolute values.
pub(crate) fn abs(call: Call<'_>) -> Outcome {
    call.each_value(f64::abs)
}
