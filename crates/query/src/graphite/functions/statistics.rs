//! Functions that make one number of a series.

use super::source::line;
use crate::graphite::aggregate::{Aggregate, percentile};
use crate::graphite::call::{Call, Outcome};
use crate::graphite::text::{float, g};

pub(crate) fn n_percentile(mut call: Call<'_, '_>) -> Outcome {
    let n = call.required(1)?;
    if n == 0.0 {
        return Err(call.fail("The percentile must be greater than 0"));
    }
    let mut out = Vec::new();
    for mut series in call.list(0) {
        let value = percentile(series.present(), n, false);
        if value.is_nan() {
            continue;
        }
        let points = usize::try_from((series.end_s - series.start_s) / series.step_s).unwrap_or(0);
        series.tag("nPercentile", g(n));
        let name = format!("nPercentile({}, {})", series.name, g(n));
        out.push(series.remade(name, vec![value; points]));
    }
    Ok(out)
}

pub(crate) fn aggregate_line(mut call: Call<'_, '_>) -> Outcome {
    let (how, keeps_step) = (call.aggregate(1)?, call.boolean(2));
    let list = call.list(0);
    let made = list.into_iter().map(|series| {
        let value = how.of_series(&series);
        let shown = if value.is_nan() { "None".to_owned() } else { g(value) };
        let name = format!("aggregateLine({}, {shown})", series.name);
        if keeps_step {
            let values = vec![value; series.values.len()];
            return series.remade(name, values);
        }
        let mut line = line(&call, String::new(), value);
        let height = match how {
            _ if value.is_nan() => "None".to_owned(),
            Aggregate::Count => g(value),
            _ => float(value),
        };
        line.tags = crate::graphite::series::tags_of(&height);
        line.rename(name);
        line
    });
    Ok(made.collect())
}
