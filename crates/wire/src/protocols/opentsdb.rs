//! OpenTSDB's points: lines `put` of its telnet door, and JSON of `/api/put`.
//!
//! ```text
//! line := "put" metric time value (key "=" value)*
//! item := { "metric": text, "timestamp": time, "value": number or text, "tags": { key: text, … } }     alone or in an array
//! ```
//!
//! Metric and tags stay as they are; the tag `host` is the label. A time of more than ten digits is milliseconds, else
//! seconds, with a fraction if need be. Lines are read as on the telnet port (`opentsdb_telnet.rs`). OpenTSDB wants at least
//! one tag; here none is needed. Values are finite numbers. An input that begins with `[` or `{` is JSON: a bad item costs
//! itself, broken syntax all that follows.

pub mod answer;
mod encode;
mod items;

use super::{Protocol, opentsdb_telnet};
use crate::{Context, number};
use model::{Batch, LabelsBuilder, NAME, Report};

pub use encode::Encoder;
pub use items::raw_items;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "opentsdb",
    summary: "OpenTSDB's points, JSON and lines `put`",
    media_types: &["application/json", "text/plain"],
    paths: &["/api/put"],
    example:
        br#"{"metric":"sys.cpu.nice","timestamp":1700000000,"value":18,"tags":{"host":"web1","dc":"lga"}}"#,
    decode,
};

/// Times from here on are milliseconds, as OpenTSDB tells them apart.
const MILLISECONDS_FROM: f64 = 1e10;
/// Beyond 2⁵³ a millisecond cannot be told from the next.
const TIME_MS_MAX: f64 = 9_007_199_254_740_992.0;

/// Decodes either form.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    match input.trim_ascii_start().first() {
        Some(b'[' | b'{') => items::decode(input, context, out),
        _ => opentsdb_telnet::decode(input, context, out),
    }
}

/// Adds a tag; one called as the name of metrics gets another name.
fn add_tag(labels: &mut LabelsBuilder, name: &str, value: &str) {
    labels.add(if name == NAME { "exported___name__" } else { name }, value);
}

fn time_ms(text: &str) -> Result<i64, String> {
    let time = number::finite(text).filter(|time| *time > 0.0);
    let ms = time.map(|time| if time < MILLISECONDS_FROM { time * 1000.0 } else { time }.round());
    ms.filter(|ms| *ms < TIME_MS_MAX)
        .map(|ms| ms as i64)
        .ok_or_else(|| format!("time `{text}` is not a number of seconds or milliseconds"))
}

fn read_value(text: &str) -> Result<f64, String> {
    number::finite_bytes(text.as_bytes()).ok_or_else(|| format!("value `{text}` is not a number"))
}

#[cfg(test)]
mod tests;
