//! Influx line protocol, 1.x and 2.x.
//!
//! ```text
//! line  := measurement ("," key "=" value)* " " field ("," field)* [" " time]
//! field := key "=" ( float | int "i" | uint "u" | bool | "\"" text "\"" )
//! ```
//!
//! * A field becomes a series named `measurement_field`, or just `measurement` when the field is `value`; tags become
//!   labels. Booleans are 1 and 0. Text fields are no samples: they are left out and counted as skipped.
//! * `\` before a comma or blank (and before `=`, except in the measurement) takes its meaning away; before anything else it
//!   stands for itself. In text it does so before `"` and `\`. A text may hold line ends.
//! * `#` at the start of a line makes it a comment. Without a time the sample is of now; the unit of times is
//!   [`Context::time_unit`].
//!
//! A line is taken whole or not at all. Within one input the work of naming series is done once per distinct head
//! (measurement and tags) and field: see `influx/heads.rs`.

pub mod encode;
mod heads;
mod scan;

pub use encode::Encoder;

use super::Protocol;
use crate::lines::{LINE_BYTES_MAX, not_utf8, too_long};
use crate::{Context, number};
use heads::Heads;
use model::{Batch, Position, Report};
use scan::{Field, Scan};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "influx",
    summary: "Influx line protocol 1.x and 2.x, as Telegraf and client libraries write it",
    media_types: &["text/plain"],
    paths: &["/write", "/api/v2/write"],
    example: b"cpu,host=web1,cpu=cpu0 usage_idle=97.5,usage_user=2i 1700000000000000000\n",
    decode,
};

/// Most bytes that the labels of one input's series may take: a line names its tags once for all its fields, and
/// this bounds what that unfolds to.
pub const KEY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    let mut heads = Heads::new(out.dictionary.key_bytes() + KEY_BYTES_MAX);
    let mut values = Vec::new();
    let (mut rest, mut number) = (input, 1);
    while !rest.is_empty() {
        let outcome = match scan::blank_or_comment(rest) {
            Some(end) => Ok(end),
            None => line(rest, context, &mut heads, &mut values, out, &mut report),
        };
        let end = outcome.unwrap_or_else(|refusal| {
            report.reject(Position::Line(number), refusal.reason);
            scan::line_end(rest, refusal.at)
        });
        let (taken, next) = rest.split_at((end + 1).min(rest.len()));
        number += memchr::memchr_iter(b'\n', taken).count();
        rest = next;
    }
    report
}

/// Why a line was refused and the byte up to which it was read; reading goes on after the next line end.
struct Refusal {
    at: usize,
    reason: String,
}

/// Takes the line at the start of `input` and returns where it ends.
fn line<'a>(
    input: &'a [u8],
    context: &Context<'_>,
    heads: &mut Heads<'a>,
    values: &mut Vec<(&'a [u8], f64)>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<usize, Refusal> {
    let mut scan = Scan::new(input);
    let skipped = fields(&mut scan, values).map_err(|reason| Refusal { at: scan.at, reason })?;
    let refuse = |reason: String| Refusal { at: scan.at, reason };
    let (head, time, end) = (scan.head, scan.time, scan.at);
    if end > LINE_BYTES_MAX {
        return Err(refuse(too_long(end)));
    }
    std::str::from_utf8(&input[..end]).map_err(|e| refuse(not_utf8(&e)))?;
    let time_ms = time_ms(time, context).map_err(refuse)?;
    if !values.is_empty() {
        let slots = heads.slots(head, values, context, out).map_err(refuse)?;
        for (slot, (_, value)) in slots.iter().zip(values.iter()) {
            out.sample(*slot, time_ms, *value);
        }
    }
    report.accepted += values.len() as u64;
    report.skipped += skipped;
    Ok(end)
}

/// Reads a line into `values` (field keys as written, and numbers); returns how many text fields it has.
fn fields<'a>(scan: &mut Scan<'a>, values: &mut Vec<(&'a [u8], f64)>) -> Result<u64, String> {
    values.clear();
    let mut skipped = 0;
    scan.head()?;
    while let Some((key, field)) = scan.field()? {
        match field {
            Field::Text => skipped += 1,
            Field::Bare(bare) => values.push((key, bare_value(key, bare)?)),
        }
    }
    scan.time()?;
    Ok(skipped)
}

/// A number or boolean.
fn bare_value(key: &[u8], bare: &[u8]) -> Result<f64, String> {
    let text = std::str::from_utf8(bare).map_err(|e| not_utf8(&e))?;
    let value = match text.as_bytes().last() {
        Some(b'i') => text[..text.len() - 1].parse::<i64>().ok().map(|int| int as f64),
        Some(b'u') => text[..text.len() - 1].parse::<u64>().ok().map(|int| int as f64),
        _ => match text {
            "t" | "T" | "true" | "True" | "TRUE" => Some(1.0),
            "f" | "F" | "false" | "False" | "FALSE" => Some(0.0),
            _ => number::finite(text),
        },
    };
    value.ok_or_else(|| {
        format!(
            "field `{}` has `{text}`, which is no number, boolean or quoted text",
            String::from_utf8_lossy(key)
        )
    })
}

fn time_ms(time: &[u8], context: &Context<'_>) -> Result<i64, String> {
    if time.is_empty() {
        return Ok(context.now_ms);
    }
    let text = String::from_utf8_lossy(time);
    let count = text.parse().map_err(|_| format!("time `{text}` is not a whole number of 64 bits"))?;
    context
        .time_unit
        .to_ms(count)
        .ok_or_else(|| format!("time `{text}` does not fit 64 bits of milliseconds"))
}

#[cfg(test)]
mod tests;
