//! `.max(term)`

use super::pairing;
use crate::call::{Call, Outcome};

/// The greater of two values; null where either is null.
pub(crate) fn max(call: Call<'_>) -> Outcome {
    pairing::apply(call, |a, b| if a > b || a.is_nan() { a } else { b })
}
