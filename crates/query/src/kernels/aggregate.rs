//! `.aggregate(function)`

use crate::call::{Call, Outcome};

/// Replaces each series by one flat value made of all of its values. Null ones are left out; a compatible request takes
/// them for 0 in a mean, counts null as one different value, and finds it first or last.
pub(crate) fn aggregate(call: Call<'_>) -> Outcome {
    let function = call.text("function").unwrap_or("avg").to_owned();
    let compatible = call.compatible;
    call.each(|series| {
        let present: Vec<f64> = series.values.iter().copied().filter(|value| !value.is_nan()).collect();
        let value = match compatible {
            true => with_null(&function, &series.values, &present),
            false => value_of(&function, &present),
        };
        series.values.fill(value);
    })
}

fn with_null(function: &str, all: &[f64], present: &[f64]) -> f64 {
    match function {
        "avg" => present.iter().sum::<f64>() / all.len() as f64,
        "cardinality" => distinct(present) + f64::from(u8::from(present.len() < all.len())),
        "first" | "last" => value_of(function, all),
        _ => value_of(function, present),
    }
}

fn value_of(function: &str, values: &[f64]) -> f64 {
    let null = f64::NAN;
    match function {
        "cardinality" => distinct(values),
        "min" => values.iter().copied().fold(null, f64::min),
        "max" => values.iter().copied().fold(null, f64::max),
        "first" => values.first().copied().unwrap_or(null),
        "last" => values.last().copied().unwrap_or(null),
        "sum" => values.iter().sum(),
        _ => values.iter().sum::<f64>() / values.len() as f64,
    }
}

fn distinct(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    sorted.len() as f64
}
