//! `.sum(term)`

use super::pairing;
use crate::call::{Call, Outcome};

/// Sums.
pub(crate) fn sum(call: Call<'_>) -> Outcome {
    pairing::apply(call, |a, b| a + b)
}
