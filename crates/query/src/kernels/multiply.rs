//! `.multiply(term)`

use super::pairing;
use crate::call::{Call, Outcome};

/// Products.
pub(crate) fn multiply(call: Call<'_>) -> Outcome {
    pairing::apply(call, |a, b| a * b)
}
