//! Functions that leave series out.

use super::normal::enough;
use super::pattern::{regex, substitute};
use crate::graphite::aggregate::{Aggregate, percentile};
use crate::graphite::call::{Call, Outcome};
use crate::graphite::series::Series;

fn kept(mut call: Call<'_, '_>, is_wanted: impl Fn(&Series) -> bool) -> Outcome {
    let mut list = call.list(0);
    list.retain(is_wanted);
    Ok(list)
}

fn compared(call: Call<'_, '_>, how: Aggregate, operator: &str, limit: f64) -> Outcome {
    let is_wanted: fn(f64, f64) -> bool = match operator {
        "=" => |value, limit| value == limit,
        ">" => |value, limit| value > limit,
        ">=" => |value, limit| value >= limit,
        // A series without any value is not less, but it is let through, as ever.
        "!=" => |value, limit| value != limit,
        "<" => |value, limit| value.is_nan() || value < limit,
        "<=" => |value, limit| value.is_nan() || value <= limit,
        other => return Err(call.fail(format!("There is no comparison `{other}`; there are = != > >= < <="))),
    };
    kept(call, |series| is_wanted(how.of_series(series), limit))
}

pub(crate) fn by(call: Call<'_, '_>) -> Outcome {
    let (how, operator, limit) = (call.aggregate(1)?, call.required_text(2)?, call.required(3)?);
    compared(call, how, &operator, limit)
}

fn limit(call: Call<'_, '_>, how: Aggregate, operator: &str) -> Outcome {
    let n = call.required(1)?;
    compared(call, how, operator, n)
}

pub(crate) fn average_above(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Average, ">")
}

pub(crate) fn average_below(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Average, "<=")
}

pub(crate) fn current_above(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Last, ">")
}

pub(crate) fn current_below(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Last, "<=")
}

pub(crate) fn maximum_above(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Max, ">")
}

pub(crate) fn maximum_below(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Max, "<=")
}

pub(crate) fn minimum_above(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Min, ">")
}

pub(crate) fn minimum_below(call: Call<'_, '_>) -> Outcome {
    limit(call, Aggregate::Min, "<=")
}

pub(crate) fn exclude(call: Call<'_, '_>) -> Outcome {
    let regex = regex(&call, &call.required_text(1)?)?;
    kept(call, |series| !regex.is_match(&series.name))
}

pub(crate) fn grep(call: Call<'_, '_>) -> Outcome {
    let regex = regex(&call, &call.required_text(1)?)?;
    kept(call, |series| regex.is_match(&series.name))
}

pub(crate) fn remove_empty(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(1).unwrap_or(0.0);
    kept(call, |series| enough(&series.values, factor))
}

pub(crate) fn remove_zero(call: Call<'_, '_>) -> Outcome {
    let factor = call.number(1).unwrap_or(0.0);
    kept(call, |series| {
        let values: Vec<f64> = series.values.iter().map(|v| if *v == 0.0 { f64::NAN } else { *v }).collect();
        enough(&values, factor)
    })
}

// From both ends, whichever end was given.
fn bounds(call: &Call<'_, '_>) -> Result<(f64, f64), crate::QueryError> {
    let n = call.required(1)?;
    let n = if n < 50.0 { 100.0 - n } else { n };
    Ok((100.0 - n, n))
}

pub(crate) fn average_outside_percentile(mut call: Call<'_, '_>) -> Outcome {
    let (low, high) = bounds(&call)?;
    let mut list = call.list(0);
    let means: Vec<f64> = list.iter().map(|series| Aggregate::Average.of_series(series)).collect();
    let bound = |n: f64| percentile(means.iter().copied(), n, false);
    let (low, high) = (bound(low), bound(high));
    list.retain(|series| {
        let mean = Aggregate::Average.of_series(series);
        !(low < mean && mean < high)
    });
    Ok(list)
}

pub(crate) fn remove_between_percentile(mut call: Call<'_, '_>) -> Outcome {
    let (low, high) = bounds(&call)?;
    let mut list = call.list(0);
    let length = list.iter().map(|series| series.values.len()).min().unwrap_or(0);
    let column = |at: usize, n: f64| percentile(list.iter().map(|series| series.values[at]), n, false);
    let edges: Vec<(f64, f64)> = (0..length).map(|at| (column(at, low), column(at, high))).collect();
    list.retain(|series| {
        let mut pairs = series.values.iter().zip(&edges).filter(|(value, _)| !value.is_nan());
        pairs.any(|(value, (low, high))| !(low < value && value < high))
    });
    Ok(list)
}

pub(crate) fn use_series_above(mut call: Call<'_, '_>) -> Outcome {
    let limit = call.required(1)?;
    let substitute = substitute(&call, &call.required_text(2)?, &call.required_text(3)?)?;
    let above = call.list(0).into_iter().filter(|series| Aggregate::Max.of_series(series) > limit);
    let mut out = Vec::new();
    for series in above {
        out.extend(call.target(&substitute(&series.name))?);
    }
    out.retain(|series| !series.values.is_empty());
    Ok(out)
}
