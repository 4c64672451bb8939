//! `.points(radius, weight, fill, fillColor, symbol, show)`

use crate::call::{Call, Outcome};
use crate::frame::Points;

/// Draws points. `fill` goes from 0 to 10. Outline and inside stay as an earlier call had them when they are not given,
/// size and shape do not.
pub(crate) fn points(call: Call<'_>) -> Outcome {
    let given = Points {
        show: call.boolean("show"),
        radius: call.number("radius"),
        weight: call.number("weight"),
        fill: call.number("fill").map(|fill| (fill / 10.0).clamp(0.0, 1.0)),
        fill_color: call.text("fillColor").map(str::to_owned),
        symbol: call.text("symbol").map(str::to_owned),
    };
    let refilled = given.fill.is_some_and(|fill| fill > 0.0);
    call.each(|series| {
        let before = series.style.points.take().unwrap_or_default();
        let kept_color = before.fill_color.filter(|_| !refilled);
        series.style.points = Some(Points {
            weight: given.weight.or(before.weight),
            fill: given.fill.or(before.fill),
            fill_color: given.fill_color.clone().or(kept_color),
            ..given.clone()
        });
    })
}
