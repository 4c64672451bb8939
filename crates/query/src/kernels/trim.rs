//! `.trim(start, end)`

use crate::call::{Call, Outcome};

/// Sets the first and last values to null.
pub(crate) fn trim(call: Call<'_>) -> Outcome {
    let start = call.whole("start", 0, i64::from(u32::MAX))?.unwrap_or(1) as usize;
    let end = call.whole("end", 0, i64::from(u32::MAX))?.unwrap_or(1) as usize;
    call.each(|series| {
        let len = series.values.len();
        series.values[..start.min(len)].fill(f64::NAN);
        series.values[len - end.min(len)..].fill(f64::NAN);
    })
}
