//! `.fit(mode)`

use crate::call::{Call, Failure, Outcome};
use crate::fit::fit as fit_points;

/// Fills null values from those that are there. A series of nulls stays as it is.
pub(crate) fn fit(call: Call<'_>) -> Outcome {
    let Some(mode) = call.fit("mode") else { return Ok(call.frame) };
    let targets_ms = call.grid.times_ms();
    let mut frame = call.frame;
    for series in &mut frame.series {
        let present = targets_ms.iter().zip(&series.values).filter(|(_, value)| !value.is_nan());
        let (times_ms, values): (Vec<i64>, Vec<f64>) = present.map(|(&time, &value)| (time, value)).unzip();
        if !values.is_empty() {
            series.values =
                fit_points(mode, &times_ms, &values, &targets_ms).map_err(|why| Failure::of("mode", why))?;
        }
    }
    Ok(frame)
}
