//! `[{"target": name, "datapoints": [{"x": time, "y": value}, …]}, …]`

use crate::dialects::graphite::render::Asked;
use crate::dialects::graphite::{Refusal, python, written};
use query::graphite::Series;
use serve::Response;
use std::fmt::Write;

pub(super) fn write(series: &[Series], asked: &Asked) -> Result<Response, Refusal> {
    let mut out = String::from("[");
    for series in series {
        out.push_str(if out.len() > 1 { ", " } else { "" });
        out.push_str("{\"target\": ");
        python::json_text(&mut out, &series.name, true);
        out.push_str(", \"datapoints\": [");
        for (at, (time_s, value)) in series.points().enumerate() {
            let _ = write!(out, "{}{{\"x\": {time_s}, \"y\": ", if at > 0 { ", " } else { "" });
            python::json_float(&mut out, value);
            out.push('}');
        }
        out.push_str("]}");
    }
    out.push(']');
    written(&asked.form, out)
}
