//! `{"labels" : ["Time", name, …], "data" : [[milliseconds, value, …], …]}`

use crate::dialects::graphite::render::Asked;
use crate::dialects::graphite::{Refusal, python, written};
use query::graphite::Series;
use serve::Response;
use std::fmt::Write;

pub(super) fn write(series: &[Series], asked: &Asked) -> Result<Response, Refusal> {
    let Some(first) = series.first() else { return written(&asked.form, "{}".to_owned()) };
    let mut out = String::from("{\"labels\" : [\"Time\"");
    for series in series {
        out.push_str(", ");
        python::json_text(&mut out, &series.name, true);
    }
    out.push_str("], \"data\" : [");
    for (at, (time_s, _)) in first.points().enumerate() {
        let _ = write!(out, "{}[{time_s}000", if at > 0 { ", " } else { "" });
        for series in series {
            out.push_str(", ");
            put(&mut out, value_at(series, time_s));
        }
        out.push(']');
    }
    out.push_str("]}");
    written(&asked.form, out)
}

/// Rows have the times of the first series; one on another grid gives the value that holds then.
fn value_at(series: &Series, time_s: i64) -> f64 {
    let place = (time_s - series.start_s).div_euclid(series.step_s.max(1));
    usize::try_from(place).ok().and_then(|place| series.values.get(place)).copied().unwrap_or(f64::NAN)
}

// Infinity has a name in JavaScript.
fn put(out: &mut String, value: f64) {
    match value {
        f64::INFINITY => out.push_str("Infinity"),
        f64::NEG_INFINITY => out.push_str("-Infinity"),
        value => python::json_float(out, value),
    }
}
