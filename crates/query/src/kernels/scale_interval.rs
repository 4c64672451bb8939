//! `.scale_interval(interval)`

use crate::call::{Call, Failure, Outcome};
use model::Interval;

/// Values per bucket become values per `interval`. Null is 0 in a compatible request.
pub(crate) fn scale_interval(call: Call<'_>) -> Outcome {
    let text = call.text("interval").unwrap_or_default();
    let Some(interval) = Interval::parse(text) else {
        return Err(
            Failure::of("interval", format!("`{text}` is not an interval")).hint("such as 1s, 1m or 1h")
        );
    };
    let factor = interval.nominal_ms() as f64 / call.grid.interval.nominal_ms() as f64;
    let arithmetic = call.arithmetic();
    call.each_value(|value| arithmetic(value) * factor)
}
