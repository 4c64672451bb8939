//! `.divide(term)`

use super::pairing;
use crate::call::{Call, Outcome};

/// Quotients; a division by 0 gives null.
pub(crate) fn divide(call: Call<'_>) -> Outcome {
    pairing::apply(call, |a, b| a / b)
}
