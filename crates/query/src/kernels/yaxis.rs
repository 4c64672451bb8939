//! `.yaxis(yaxis, min, max, position, label, color, units, tickDecimals)`

use crate::call::{Call, Failure, Outcome};
use crate::frame::YAxis;

/// Most y axes of a chart.
const AXES_MAX: i64 = 16;
/// Units without anything after them.
const UNITS: [&str; 5] = ["bits", "bits/s", "bytes", "bytes/s", "percent"];

/// Puts series on a y axis and says how that looks. Odd ones are on the left unless told otherwise.
pub(crate) fn yaxis(mut call: Call<'_>) -> Outcome {
    let number = call.whole("yaxis", 1, AXES_MAX)?.unwrap_or(1) as u8;
    let axis = YAxis {
        min: call.number("min"),
        max: call.number("max"),
        right: call.text("position").map_or(number.is_multiple_of(2), |position| position == "right"),
        label: call.text("label").map(str::to_owned),
        color: call.text("color").map(str::to_owned),
        units: call.text("units").map(checked_units).transpose()?,
        tick_decimals: call.whole("tickDecimals", -15, 15)?.map(|n| n.max(0) as u8),
    };
    call.frame.yaxes.insert(number, axis);
    call.each(|series| series.style.yaxis = Some(number))
}

fn checked_units(text: &str) -> Result<String, Failure> {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    let is_currency_code = rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_alphabetic());
    match kind {
        "custom" => Ok(text.to_owned()),
        "currency" if rest.is_empty() || is_currency_code => Ok(text.to_owned()),
        "currency" => Err(Failure::of("units", format!("`{rest}` is not a currency of three letters"))
            .hint("such as currency:EUR")),
        // They take nothing after them; Timelion ignores it.
        _ if UNITS.contains(&kind) => Ok(kind.to_owned()),
        _ => Err(Failure::of("units", format!("`{text}` is not a unit axes know"))
            .hint("one of bits, bits/s, bytes, bytes/s, percent, currency:EUR, custom:prefix:suffix")),
    }
}
