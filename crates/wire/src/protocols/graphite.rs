//! Graphite's plaintext protocol, with tags.
//!
//! ```text
//! line  := path blank+ value [blank+ time]        one a line, LF or CR LF, the last line end may be missing
//! path  := name (";" tag "=" value)*              carbon's tags
//!        | name "{" tag "=" "\"" text "\"" ("," tag "=" "\"" text "\"")* "}"      the same, as OpenMetrics writes them
//! value := a decimal number | "nan"
//! time  := Unix seconds, with a fraction if need be | "-1" | "N"
//! ```
//!
//! * The name, dots and all, is the metric name; tags become labels. Names without tags stay as they are: nothing says
//!   which of their parts is a host.
//! * A line without time, with `-1` (as carbon has it) or `N` (as collectd's scripts have it) is of now.
//! * `nan` is no value: it is left out and counted as skipped, as carbon does. Infinite values are refused.
//! * Tags obey Graphite's rules: a name is not empty and has none of `;!^=`; a value is not empty, has no `;` and does
//!   not start with `~`. Of equal tags the last counts. The tag `__name__`, which is taken, becomes `exported___name__`.

pub mod encode;
mod path;

pub use encode::{Encoder, Template};

use super::Protocol;
use crate::{Context, lines, number};
use model::{Batch, Kind, LabelsBuilder, Report};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "graphite",
    summary: "Graphite's plaintext lines `path value time`, with tags",
    media_types: &["text/plain"],
    paths: &["/api/v1/import/graphite"],
    example: b"disk.used;host=web1;rack=a1 42.5 1700000000\n",
    decode,
};

/// The last second of the year 9999; a time behind it is not in seconds.
const TIME_S_MAX: f64 = 253_402_300_799.0;

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    let mut labels = LabelsBuilder::default();
    lines::for_each(input, &mut report, |_, line, report| {
        labels.clear();
        let numbers = path::read(line, &mut labels)?;
        let (value, time_ms) = read_numbers(numbers, context.now_ms)?;
        let Some(value) = value else {
            report.skipped += 1;
            return Ok(());
        };
        let slot = context.add_series(out, &mut labels, Kind::Unknown).map_err(|e| e.to_string())?;
        out.sample(slot, time_ms, value);
        report.accepted += 1;
        Ok::<(), String>(())
    });
    report
}

/// What follows the path: a value, `None` for one that is not a number, and the time in Unix milliseconds.
fn read_numbers(text: &str, now_ms: i64) -> Result<(Option<f64>, i64), String> {
    let mut words = text.split_ascii_whitespace();
    let value = words.next().ok_or("expected `path value time`, there is no value")?;
    let time_ms = words.next().map_or(Ok(now_ms), |time| read_time(time, now_ms))?;
    match words.next() {
        Some(more) => Err(format!("expected `path value time`, then came `{more}`")),
        None => Ok((read_value(value)?, time_ms)),
    }
}

fn read_value(text: &str) -> Result<Option<f64>, String> {
    if text.eq_ignore_ascii_case("nan") {
        return Ok(None);
    }
    number::finite(text).map(Some).ok_or_else(|| format!("value `{text}` is not a finite decimal number"))
}

fn read_time(text: &str, now_ms: i64) -> Result<i64, String> {
    if text == "-1" || text == "N" {
        return Ok(now_ms);
    }
    let wrong = || format!("time `{text}` is not a number of seconds, -1 or N");
    if let Ok(seconds @ 0..=9_999_999_999) = text.parse::<i64>() {
        return Ok(seconds * 1000);
    }
    let seconds = number::finite(text).ok_or_else(wrong)?;
    if seconds < 0.0 {
        return Err(wrong());
    }
    if seconds > TIME_S_MAX {
        return Err(format!("time `{text}` is behind the year 9999; it must be in seconds"));
    }
    Ok((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests;
