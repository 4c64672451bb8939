//! `[{"target": …, "tags": {…}, "datapoints": [[value, time], …]}, …]`

use crate::dialects::graphite::render::Asked;
use crate::dialects::graphite::{Refusal, python, written};
use query::graphite::Series;
use serve::Response;
use std::fmt::Write;

/// Bytes of a value with its time, as a rule.
const POINT_BYTES: usize = 24;

pub(super) fn write(series: &[Series], asked: &Asked) -> Result<Response, Refusal> {
    let no_nulls = asked.form.last("noNullPoints").is_some();
    let points: usize = series.iter().map(|series| series.values.len()).sum();
    let mut out = String::with_capacity(points * POINT_BYTES + series.len() * 100 + 2);
    out.push('[');
    for series in series {
        let values = &series.values;
        if no_nulls && values.iter().all(|value| value.is_nan()) {
            continue;
        }
        out.push_str(if out.len() > 1 { ", " } else { "" });
        one(&mut out, series, no_nulls);
    }
    out.push(']');
    written(&asked.form, out)
}

fn one(out: &mut String, series: &Series, no_nulls: bool) {
    out.push_str("{\"target\": ");
    python::json_text(out, &series.name, true);
    out.push_str(", \"tags\": {");
    for (at, (name, value)) in series.tags.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        python::json_text(out, name, true);
        out.push_str(": ");
        python::json_text(out, value, true);
    }
    out.push_str("}, \"datapoints\": [");
    let mut comma = "";
    for (time_s, value) in series.points().filter(|(_, value)| !no_nulls || !value.is_nan()) {
        out.push_str(comma);
        comma = ", ";
        out.push('[');
        python::json_float(out, value);
        let _ = write!(out, ", {time_s}]");
    }
    out.push_str("]}");
}
