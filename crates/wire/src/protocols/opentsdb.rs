//! OpenTSDB's points: lines `put` of its telnet door, and JSON of `/api/put`.
//!
//! ```text
//! line := "put" metric time value (key "=" value)*
//! item := { "metric": text, "timestamp": time, "value": number or text, "tags": { key: text, … } }     alone or in an array
//! ```
//!
//! Metric and tags stay as they are; the tag `host` is the label. A time of more than ten digits is milliseconds, else
//! seconds; a fraction is taken (`1346846400.123`), and in lines `1346846400.123` is what OpenTSDB writes for milliseconds.
//! OpenTSDB wants at least one tag; here none is needed. Values are finite numbers. An input that begins with `[` or `{` is
//! JSON: a bad item costs itself, broken syntax all that follows.

mod items;

use super::Protocol;
use crate::known::Known;
use crate::{Context, lines, number};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Report};

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
        _ => Decoder::default().lines(input, context, out),
    }
}

/// Decodes lines and remembers series from one call to the next, while the batch keeps its dictionary.
#[derive(Debug, Default)]
pub struct Decoder {
    labels: LabelsBuilder,
    known: Known,
    /// What stands for the series of a line: metric and tags as they came.
    head: Vec<u8>,
}

impl Decoder {
    /// Decodes lines.
    pub fn lines(&mut self, input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
        self.known.follow(out);
        let mut report = Report::default();
        lines::for_each(input, &mut report, |_, line, report| {
            self.line(line, context, out)?;
            report.accepted += 1;
            Ok::<(), String>(())
        });
        report
    }

    fn line(&mut self, line: &str, context: &Context<'_>, out: &mut Batch) -> Result<(), String> {
        let (command, rest) = word(line);
        if command != "put" {
            return Err(format!("`{command}` is not put"));
        }
        let (metric, rest) = word(rest);
        let (time, rest) = word(rest);
        let (value, tags) = word(rest);
        if value.is_empty() {
            return Err("a line is put metric time value key=value …".to_owned());
        }
        let time_ms = time_ms(time)?;
        let value = read_value(value)?;
        self.head.clear();
        self.head.extend_from_slice(metric.as_bytes());
        self.head.push(b' ');
        self.head.extend_from_slice(tags.as_bytes());
        let slot = match self.known.get(&self.head) {
            Some(slot) => slot,
            None => {
                self.labels.clear();
                self.labels.add(NAME, metric);
                let mut rest = tags;
                while !rest.is_empty() {
                    let tag;
                    (tag, rest) = word(rest);
                    let pair =
                        tag.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
                    let (name, value) = pair.ok_or_else(|| format!("tag `{tag}` is not key=value"))?;
                    add_tag(&mut self.labels, name, value);
                }
                let slot =
                    context.add_series(out, &mut self.labels, Kind::Unknown).map_err(|e| e.to_string())?;
                self.known.insert(&self.head, slot);
                slot
            }
        };
        out.sample(slot, time_ms, value);
        Ok(())
    }
}

/// The first word of a text and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_ascii_start();
    let end = text.bytes().position(|b| b == b' ' || b == b'\t').unwrap_or(text.len());
    (&text[..end], text[end..].trim_ascii())
}

/// Adds a tag; one that is called as the name of metrics is keeps another name.
fn add_tag(labels: &mut LabelsBuilder, name: &str, value: &str) {
    debug_assert_eq!(HOST, "host", "the tag `host` is the label of the same name");
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
