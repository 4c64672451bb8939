//! `.lines(width, fill, stack, show, steps)`

use crate::call::{Call, Outcome};
use crate::frame::Lines;

/// Width of a line of which nothing else was said, in pixels.
pub(super) const WIDTH: f64 = 3.0;

/// Draws lines. `fill` goes from 0 to 10. What is not given stays as an earlier call had it.
pub(crate) fn lines(call: Call<'_>) -> Outcome {
    let show = call.boolean("show");
    let width = call.given_number("width");
    let fill = call.number("fill").map(|fill| (fill / 10.0).clamp(0.0, 1.0));
    let steps = call.boolean("steps");
    let stack = call.boolean("stack");
    call.each(|series| {
        let lines = series.style.lines.get_or_insert_with(|| Lines { width: WIDTH, ..Lines::default() });
        lines.show = show.or(lines.show);
        lines.width = width.unwrap_or(lines.width);
        lines.fill = fill.or(lines.fill);
        lines.steps = steps.or(lines.steps);
        series.style.stack = stack.or(series.style.stack);
    })
}
