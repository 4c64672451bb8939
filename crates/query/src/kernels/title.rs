//! `.title(title)`

use crate::call::{Call, Outcome};

/// Names the chart.
pub(crate) fn title(mut call: Call<'_>) -> Outcome {
    call.frame.title = call.text("title").map(str::to_owned);
    Ok(call.frame)
}
