//! `.abs()`

use crate::call::{Call, Outcome};

/// Absolute values. That of null is 0 in a compatible request.
pub(crate) fn abs(call: Call<'_>) -> Outcome {
    let arithmetic = call.arithmetic();
    call.each_value(|value| arithmetic(value).abs())
}
