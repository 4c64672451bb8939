//! `.points(radius, weight, fill, fillColor, symbol, show)`

use crate::call::{Call, Outcome};
use crate::frame::Points;

/// Draws points. `fill` goes from 0 to 10.
pub(crate) fn points(call: Call<'_>) -> Outcome {
    let points = Points {
        show: call.boolean("show"),
        radius: call.number("radius"),
        weight: call.number("weight"),
        fill: call.number("fill").map(|fill| (fill / 10.0).clamp(0.0, 1.0)),
        fill_color: call.text("fillColor").map(str::to_owned),
        symbol: call.text("symbol").map(str::to_owned),
    };
    call.each(|series| series.style.points = Some(points.clone()))
}
