//! `.hide(hide)`

use crate::call::{Call, Outcome};

/// Keeps series for computing but does not draw them.
pub(crate) fn hide(call: Call<'_>) -> Outcome {
    let hide = call.boolean("hide").unwrap_or(true);
    call.each(|series| series.style.hide = hide)
}
