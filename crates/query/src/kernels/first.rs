//! `.first()`

use crate::call::{Call, Outcome};

/// The list as it is.
pub(crate) fn first(call: Call<'_>) -> Outcome {
    Ok(call.frame)
}
