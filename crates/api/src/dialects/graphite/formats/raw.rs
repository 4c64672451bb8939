//! `name,start,end,step|value,value,None`

use crate::dialects::graphite::render::Asked;
use crate::dialects::graphite::{Refusal, python};
use query::graphite::Series;
use serve::{Response, StatusCode};
use std::fmt::Write;

pub(super) fn write(series: &[Series], _: &Asked) -> Result<Response, Refusal> {
    let mut out = String::new();
    for series in series {
        let _ = write!(out, "{},{},{},{}|", series.name, series.start_s, series.end_s, series.step_s);
        for (at, value) in series.values.iter().enumerate() {
            out.push_str(if at > 0 { "," } else { "" });
            match value.is_nan() {
                true => out.push_str("None"),
                false => python::float(&mut out, *value),
            }
        }
        out.push('\n');
    }
    Ok(Response::new(StatusCode::OK, "text/plain", out.into_bytes()))
}
