//! `name,2026-11-21 14:00:00,value`, times in the zone of the request.

use crate::dialects::graphite::render::Asked;
use crate::dialects::graphite::{Refusal, python};
use query::graphite::Series;
use serve::{Response, StatusCode};

pub(super) fn write(series: &[Series], asked: &Asked) -> Result<Response, Refusal> {
    let mut out = String::new();
    for series in series {
        let name = quoted(&series.name);
        for (time_s, value) in series.points() {
            out.push_str(&name);
            out.push(',');
            let time_ms = time_s.saturating_mul(1000);
            out.push_str(&asked.zone.print(time_ms, "%Y-%m-%d %H:%M:%S").unwrap_or_default());
            out.push(',');
            if !value.is_nan() {
                python::float(&mut out, value);
            }
            out.push_str("\r\n");
        }
    }
    Ok(Response::new(StatusCode::OK, "text/csv", out.into_bytes()))
}

/// In quotes only where it must be (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
