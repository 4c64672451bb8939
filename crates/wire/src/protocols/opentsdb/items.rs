//! Points in JSON.

use super::{add_tag, read_value, time_ms};
use crate::Context;
use crate::json::{Error, Kind as JsonKind, Reader};
use model::{Batch, Kind, LabelsBuilder, NAME, Position, Report};
use std::borrow::Cow;

/// Decodes one item or an array of them.
pub(super) fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let (mut report, mut number) = (Report::default(), 0);
    let mut labels = LabelsBuilder::default();
    let walked = walk(input, |reader, _| {
        number += 1;
        match item(reader, &mut labels)? {
            Ok((time_ms, value)) => match context.add_series(out, &mut labels, Kind::Unknown) {
                Ok(slot) => {
                    out.sample(slot, time_ms, value);
                    report.accepted += 1;
                }
                Err(error) => report.reject(Position::Item(number), error),
            },
            Err(why) => report.reject(Position::Item(number), why),
        }
        Ok(())
    });
    if let Err(error) = walked {
        report.reject(Position::Byte(error.at), error);
    }
    report
}

/// The bytes of every item as they came, for answers that show them; as many as can be read.
pub fn raw_items(input: &[u8]) -> Vec<&[u8]> {
    let mut items = Vec::new();
    // What cannot be read was told when the input was decoded.
    let _ = walk(input, |reader, start| {
        reader.skip()?;
        items.push(input[start..reader.position()].trim_ascii());
        Ok(())
    });
    items
}

/// Calls `each` before each item, with the byte where it starts.
fn walk<'a>(
    input: &'a [u8],
    mut each: impl FnMut(&mut Reader<'a>, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::new(input);
    if reader.peek()? == JsonKind::Array {
        reader.array()?;
        while reader.element()? {
            let start = reader.position();
            each(&mut reader, start)?;
        }
    } else {
        let start = reader.position();
        each(&mut reader, start)?;
    }
    reader.end()
}

/// Reads an item: the outer error is broken syntax, the inner one a bad item.
fn item(reader: &mut Reader<'_>, labels: &mut LabelsBuilder) -> Result<Result<(i64, f64), String>, Error> {
    labels.clear();
    if reader.peek()? != JsonKind::Object {
        reader.skip()?;
        return Ok(Err("an item that is no object".to_owned()));
    }
    let (mut metric, mut time, mut value, mut problem) = (None, None, None, None);
    reader.object()?;
    while let Some(name) = reader.field()? {
        match &*name {
            "metric" if reader.peek()? == JsonKind::String => metric = Some(reader.string()?),
            "timestamp" => time = scalar(reader)?,
            "value" => value = scalar(reader)?,
            "tags" if reader.peek()? == JsonKind::Object => {
                reader.object()?;
                while let Some(name) = reader.field()? {
                    match scalar(reader)? {
                        Some(value) if !value.is_empty() && !name.is_empty() => {
                            add_tag(labels, &name, &value)
                        }
                        _ => problem = Some(format!("tag `{name}` has no text")),
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(judge(metric, time, value, problem, labels))
}

fn judge(
    metric: Option<Cow<'_, str>>,
    time: Option<Cow<'_, str>>,
    value: Option<Cow<'_, str>>,
    problem: Option<String>,
    labels: &mut LabelsBuilder,
) -> Result<(i64, f64), String> {
    if let Some(problem) = problem {
        return Err(problem);
    }
    let metric = metric.filter(|metric| !metric.is_empty()).ok_or("metric name was empty")?;
    labels.add(NAME, &metric);
    let time = time.ok_or("`timestamp` is missing")?;
    let value = value.ok_or("`value` is missing")?;
    Ok((time_ms(&time)?, read_value(&value)?))
}

/// A number or text as text; anything else is passed over.
fn scalar<'a>(reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Error> {
    Ok(match reader.peek()? {
        JsonKind::String => Some(reader.string()?),
        JsonKind::Number => Some(reader.number()?.into()),
        _ => {
            reader.skip()?;
            None
        }
    })
}
