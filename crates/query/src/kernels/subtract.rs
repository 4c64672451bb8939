//! `.subtract(term)`

use super::pairing;
use crate::call::{Call, Outcome};

/// Differences.
pub(crate) fn subtract(call: Call<'_>) -> Outcome {
    pairing::apply(call, |a, b| a - b)
}
