//! Open-Falcon's push: a JSON array of
//!
//! ```text
//! { "endpoint": text, "metric": text, "value": number or text, "step": seconds, "counterType": "GAUGE" | "COUNTER" |
//!   "DERIVE", "tags": "k=v,k2=v2", "timestamp": Unix seconds }
//! ```
//!
//! read as Open-Falcon's transfer reads it: names of fields in any case, the last of equal names counts, `null` is
//! as if absent, what follows the first JSON value is not looked at. A field of the wrong JSON type, a whole number
//! with a point or beyond 64 bits, or broken syntax refuses **everything**; a missing or odd content refuses the item.
//!
//! * `endpoint` → label `host`, `metric` → name, tags → labels. Blanks in tags are removed; pairs without `=` are dropped;
//!   of equal keys the last counts. Two keys cannot be labels as they are: `host` and `__name__` are taken, so those
//!   become `exported_host` and `exported___name__`; the empty key becomes `=`, which no other key can be.
//! * A time ≤ 0 or beyond twice the present is the present. Times are floored to the step, which is at least
//!   [`Context::falcon_step_s_min`].
//! * Text values are read as Go reads them (`number::go`); infinite and NaN are refused.

pub mod encode;
pub mod nightingale;
pub mod rpc;
pub mod telnet;

pub use encode::Encoder;

use super::Protocol;
use crate::json::{self, Reader};
use crate::{Context, number};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Position, Report};
use std::borrow::Cow;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "falcon",
    summary: "Open-Falcon's JSON push, as its agent and transfer take it",
    media_types: &["application/json"],
    paths: &["/v1/push", "/api/push", "/openfalcon/push"],
    example: br#"[{"endpoint":"web1","metric":"cpu.idle","timestamp":1462430040,"step":60,"value":97.5,"counterType":"GAUGE","tags":"idc=lg,project=xx"}]"#,
    decode,
};

/// Longest metric and tags together, in bytes as they come.
pub const METRIC_AND_TAGS_BYTES_MAX: usize = 510;
/// The name of the label that stands for a tag with an empty key.
pub const EMPTY_TAG: &str = "=";

/// What Open-Falcon's agent and transfer say, to the letter: scripts compare it.
pub mod words {
    /// The agent took what it could read, whatever becomes of it.
    pub const AGENT_TAKEN: &str = "success";
    /// The agent got no body.
    pub const AGENT_BLANK: &str = "body is blank\n";
    /// The agent cannot read the body.
    pub const AGENT_UNREADABLE: &str = "connot decode body\n";
    /// The transfer got no body.
    pub const TRANSFER_BLANK: &str = "blank body\n";
    /// The transfer cannot read the body.
    pub const TRANSFER_UNREADABLE: &str = "decode error\n";
}

/// Decodes an array, refusing input that cannot be read as a whole.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    read(input, context, out).unwrap_or_else(|error| {
        let mut report = Report::default();
        report.reject(Position::Byte(error.at), error);
        report
    })
}

/// Decodes an array. Each item is counted as accepted or rejected; with an error nothing was taken.
pub fn read(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Result<Report, json::Error> {
    let mut report = Report::default();
    let mut labels = LabelsBuilder::default();
    let before = out.len();
    let read = for_each_item(input, |number, item| {
        match item.ok_or_else(|| "null".to_owned()).and_then(|item| take(&item, context, &mut labels, out)) {
            Ok(()) => report.accepted += 1,
            Err(reason) => report.reject(Position::Item(number), reason),
        }
    });
    // One bad type refuses everything; looking for it first would cost as much again as taking back what is seldom bad.
    read.inspect_err(|_| out.truncate(before))?;
    Ok(report)
}

/// A number or text, or what is neither.
#[derive(Default)]
enum Value<'a> {
    #[default]
    Missing,
    Number(f64),
    Text(Cow<'a, str>),
    Other,
}

#[derive(Default)]
struct Item<'a> {
    endpoint: Cow<'a, str>,
    metric: Cow<'a, str>,
    value: Value<'a>,
    step_s: i64,
    kind: Cow<'a, str>,
    tags: Cow<'a, str>,
    time_s: i64,
}

fn for_each_item<'a>(
    input: &'a [u8],
    mut visit: impl FnMut(usize, Option<Item<'a>>),
) -> Result<(), json::Error> {
    let mut reader = Reader::new(input);
    if reader.null()? {
        return Ok(());
    }
    reader.array()?;
    let mut number = 0;
    while reader.element()? {
        number += 1;
        let item = if reader.null()? { None } else { Some(read_item(&mut reader)?) };
        visit(number, item);
    }
    Ok(())
}

fn read_item<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, json::Error> {
    let mut item = Item::default();
    reader.object()?;
    while let Some(name) = reader.field()? {
        let is = |field: &str| name.eq_ignore_ascii_case(field);
        if is("value") {
            item.value = read_value(reader)?;
        } else if reader.null()? {
            continue;
        } else if is("endpoint") {
            item.endpoint = reader.string()?;
        } else if is("metric") {
            item.metric = reader.string()?;
        } else if is("counterType") {
            item.kind = reader.string()?;
        } else if is("tags") {
            item.tags = reader.string()?;
        } else if is("step") {
            item.step_s = read_integer(reader)?;
        } else if is("timestamp") {
            item.time_s = read_integer(reader)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(item)
}

fn read_value<'a>(reader: &mut Reader<'a>) -> Result<Value<'a>, json::Error> {
    match reader.peek()? {
        json::Kind::Number => {
            let at = reader.position();
            let number = number::finite_bytes(reader.number()?.as_bytes());
            number.map(Value::Number).ok_or(json::Error { at, what: "a number beyond 64-bit floating point" })
        }
        json::Kind::String => reader.string().map(Value::Text),
        json::Kind::Null => reader.skip().map(|()| Value::Missing),
        _ => reader.skip().map(|()| Value::Other),
    }
}

fn read_integer(reader: &mut Reader<'_>) -> Result<i64, json::Error> {
    let at = reader.position();
    reader
        .number()?
        .parse()
        .map_err(|_| json::Error { at, what: "expected a whole number of at most 64 bits" })
}

fn take(
    item: &Item<'_>,
    context: &Context<'_>,
    labels: &mut LabelsBuilder,
    out: &mut Batch,
) -> Result<(), String> {
    let host = if item.endpoint.is_empty() { context.host_default } else { &item.endpoint };
    let (kind, value) = check(item, host)?;
    labels.clear();
    labels.add(NAME, &item.metric).add(HOST, host);
    add_tags(&item.tags, labels);
    let slot = context.add_series(out, labels, kind).map_err(|e| e.to_string())?;
    out.sample(slot, time_ms(item.time_s, item.step_s, context), value);
    Ok(())
}

/// The checks of Open-Falcon's transfer, in its order.
fn check(item: &Item<'_>, host: &str) -> Result<(Kind, f64), String> {
    if item.metric == "kernel.hostname" {
        return Err("metric kernel.hostname is not taken".to_owned());
    }
    if item.metric.is_empty() || host.is_empty() {
        let what = if item.metric.is_empty() { "metric" } else { "endpoint" };
        return Err(format!("`{what}` is empty"));
    }
    let kind = kind(&item.kind)?;
    if item.step_s <= 0 {
        return Err(format!("step {} is not above 0", item.step_s));
    }
    let len = item.metric.len() + item.tags.len();
    if len > METRIC_AND_TAGS_BYTES_MAX {
        return Err(format!(
            "metric and tags have {len} bytes, at most {METRIC_AND_TAGS_BYTES_MAX} are allowed"
        ));
    }
    let value = match &item.value {
        Value::Number(number) => *number,
        Value::Text(text) => {
            number::go(text).ok_or_else(|| format!("value `{text}` is not a finite number"))?
        }
        Value::Missing => return Err("`value` is missing".to_owned()),
        Value::Other => return Err("`value` is neither a number nor text".to_owned()),
    };
    Ok((kind, value))
}

fn add_tags(tags: &str, labels: &mut LabelsBuilder) {
    let tags: Cow<'_, str> = if tags.contains(' ') { tags.replace(' ', "").into() } else { tags.into() };
    for (key, value) in tags.split(',').filter_map(|pair| pair.split_once('=')) {
        match key {
            "" => labels.set(EMPTY_TAG, value),
            HOST => labels.set("exported_host", value),
            NAME => labels.set("exported___name__", value),
            _ => labels.set(key, value),
        };
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    match text {
        "GAUGE" => Ok(Kind::Gauge),
        "COUNTER" => Ok(Kind::Counter),
        "DERIVE" => Ok(Kind::Derive),
        other => Err(format!("counterType `{other}` is not GAUGE, COUNTER or DERIVE")),
    }
}

/// The time of an item of this time and step, in Unix milliseconds.
fn time_ms(time_s: i64, step_s: i64, context: &Context<'_>) -> i64 {
    let now_s = context.now_ms.div_euclid(1000);
    let taken = time_s > 0 && time_s <= now_s.saturating_mul(2);
    let time_s = if taken { time_s } else { now_s };
    let step_s = step_s.max(context.falcon_step_s_min).max(1);
    (time_s - time_s.rem_euclid(step_s)).saturating_mul(1000)
}

#[cfg(test)]
mod tests;
