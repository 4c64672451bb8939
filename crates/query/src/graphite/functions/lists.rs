//! Functions over two lists, pair by pair, and over lists as a whole.

use super::combine::{aggregate, power};
use super::percent::both;
use crate::graphite::call::{Call, Outcome};

fn pairs(mut call: Call<'_, '_>, function: &str, x_files_factor: Option<f64>) -> Outcome {
    let mut out = Vec::new();
    for (first, second) in both(&mut call)? {
        if let Some(mut series) = aggregate(&call, &[&first, &second], function, x_files_factor)? {
            let function = series.name.split("Series(").next().unwrap_or_default();
            series.name = format!("{function}Series({},{})", first.name, second.name);
            out.push(series);
        }
    }
    Ok(out)
}

pub(crate) fn aggregate_lists(call: Call<'_, '_>) -> Outcome {
    let (function, factor) = (call.required_text(2)?, call.number(3));
    pairs(call, &function, factor)
}

pub(crate) fn sum_lists(call: Call<'_, '_>) -> Outcome {
    pairs(call, "sum", None)
}

pub(crate) fn diff_lists(call: Call<'_, '_>) -> Outcome {
    pairs(call, "diff", None)
}

pub(crate) fn multiply_lists(call: Call<'_, '_>) -> Outcome {
    pairs(call, "multiply", None)
}

pub(crate) fn pow_lists(mut call: Call<'_, '_>) -> Outcome {
    let both = both(&mut call)?;
    let made = both
        .iter()
        .map(|(a, b)| super::percent::pair(&call, format!("powSeries({},{})", a.name, b.name), a, b, power));
    Ok(made.collect())
}

pub(crate) fn group(mut call: Call<'_, '_>) -> Outcome {
    Ok(call.list(0))
}

pub(crate) fn unique(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    let mut seen = hashbrown::HashSet::new();
    list.retain(|series| seen.insert(series.name.clone()));
    Ok(list)
}

pub(crate) fn fallback(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    Ok(if list.is_empty() { call.list(1) } else { list })
}
