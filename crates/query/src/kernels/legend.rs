//! `.legend(position, columns, showTime, timeFormat)`

use crate::call::{Call, Failure, Outcome, Value};
use crate::frame::Legend;

/// Places the legend, or hides it.
pub(crate) fn legend(mut call: Call<'_>) -> Outcome {
    let (show, position) = match call.value("position") {
        Some(Value::Boolean(shown)) => (*shown, None),
        Some(Value::Text(position)) => (true, Some(position.clone())),
        _ => (true, None),
    };
    let columns = call.whole("columns", 1, 100)?;
    let show_time = call.boolean("showTime").unwrap_or(true) && show;
    let time_format = call.text("timeFormat").unwrap_or_default().to_owned();
    if let Some(other) = position.as_deref().filter(|p| !["nw", "ne", "sw", "se"].contains(p)) {
        let message = format!("`{other}` is not a place for the legend");
        return Err(Failure::of("position", message).hint("one of nw, ne, sw, se, false"));
    }
    call.frame.legend =
        Some(Legend { show, position, columns: columns.map(|n| n as u32), show_time, time_format });
    Ok(call.frame)
}
