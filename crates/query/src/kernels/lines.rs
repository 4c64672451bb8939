//! `.lines(width, fill, stack, show, steps)`

use crate::call::{Call, Outcome};
use crate::frame::Lines;

/// Draws lines. `fill` goes from 0 to 10.
pub(crate) fn lines(call: Call<'_>) -> Outcome {
    let lines = Lines {
        show: call.boolean("show"),
        width: call.number("width").unwrap_or(3.0),
        fill: call.number("fill").map(|fill| (fill / 10.0).clamp(0.0, 1.0)),
        steps: call.boolean("steps"),
    };
    let stack = call.boolean("stack");
    call.each(|series| {
        series.style.lines = Some(lines.clone());
        series.style.stack = stack.or(series.style.stack);
    })
}
