//! `.bars(width, stack)`

use crate::call::{Call, Outcome};
use crate::frame::Bars;

/// Draws bars; a width of 0 shows none.
pub(crate) fn bars(call: Call<'_>) -> Outcome {
    let width = call.number("width").unwrap_or(6.0);
    let stack = call.boolean("stack");
    call.each(|series| {
        series.style.bars = Some(Bars { show: width > 0.0, width });
        series.style.stack = stack;
    })
}
