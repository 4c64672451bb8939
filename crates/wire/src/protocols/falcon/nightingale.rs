//! Nightingale's door for Open-Falcon's items. It is more lenient than the transfer: one object alone is taken, the step and the
//! kind may be left out (a gauge then), the time may be milliseconds and is kept as it came. Names keep their dots, unlike in
//! Nightingale itself, so that a host's series are the same whichever door they come through.

use super::{HOST, Item, NAME, Value, add_tags, kind, read_item};
use crate::json::{self, Kind as JsonKind, Reader};
use crate::{Context, number};
use model::{Batch, Kind, LabelsBuilder, Position, Report};

/// Times beyond this are milliseconds.
const SECONDS_MAX: i64 = 0xffff_ffff;

/// Decodes an object or an array of them. Each item is counted as accepted or rejected; with an error nothing was taken.
///
/// # Errors
/// When the input cannot be read as a whole.
pub fn read(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Result<Report, json::Error> {
    // First look whether all of it can be read: one bad type refuses everything, as it does there.
    walk(input, |_| {})?;
    let (mut report, mut labels, mut number) = (Report::default(), LabelsBuilder::default(), 0);
    walk(input, |item| {
        number += 1;
        match take(&item, context, &mut labels, out) {
            Ok(()) => report.accepted += 1,
            Err(why) => report.reject(Position::Item(number), why),
        }
    })?;
    Ok(report)
}

fn walk<'a>(input: &'a [u8], mut visit: impl FnMut(Item<'a>)) -> Result<(), json::Error> {
    let mut reader = Reader::new(input);
    if reader.peek()? != JsonKind::Array {
        visit(read_item(&mut reader)?);
        return reader.end();
    }
    reader.array()?;
    while reader.element()? {
        visit(read_item(&mut reader)?);
    }
    reader.end()
}

fn take(
    item: &Item<'_>,
    context: &Context<'_>,
    labels: &mut LabelsBuilder,
    out: &mut Batch,
) -> Result<(), String> {
    if item.metric.is_empty() {
        return Err("metric is blank".to_owned());
    }
    let value = match &item.value {
        Value::Number(number) => *number,
        Value::Text(text) => {
            number::go(text).ok_or_else(|| format!("value `{text}` is not a finite number"))?
        }
        Value::Missing | Value::Other => return Err("`value` is no number".to_owned()),
    };
    let time_ms = match item.time_s {
        ..=0 => context.now_ms,
        1..=SECONDS_MAX => item.time_s * 1000,
        ms => ms,
    };
    let host = if item.endpoint.is_empty() { context.host_default } else { &item.endpoint };
    labels.clear();
    labels.add(NAME, &item.metric).add(HOST, host);
    add_tags(&item.tags, labels);
    let kind = kind(&item.kind).unwrap_or(Kind::Gauge);
    let slot = context.add_series(out, labels, kind).map_err(|e| e.to_string())?;
    out.sample(slot, time_ms, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{NOW_MS, dump};

    fn decoded(input: &str) -> String {
        let mut batch = Batch::new();
        let report = read(input.as_bytes(), &Context::at(NOW_MS), &mut batch).unwrap();
        dump(&batch, &report)
    }

    #[test]
    fn an_object_alone_is_taken_with_milliseconds_and_without_a_kind() {
        assert_eq!(
            decoded(
                r#"{"metric":"cpu.idle","endpoint":"web1","timestamp":1700000000123,"value":"97.5","tags":"idc=lg"}"#
            ),
            "1 accepted, 0 rejected, 0 skipped\n1700000000123 gauge cpu.idle{host=\"web1\",idc=\"lg\"} 97.5\n"
        );
        let more = r#"[{"metric":"a","timestamp":1700000001,"value":1,"counterType":"COUNTER","step":60},{"metric":"","value":1},{"metric":"b"},{"metric":"c","value":2}]"#;
        assert_eq!(
            decoded(more),
            format!(
                "2 accepted, 2 rejected, 0 skipped\nrejected item 2: metric is blank\nrejected item 3: `value` is no number\n\
                 1700000001000 counter a 1\n{NOW_MS} gauge c 2\n"
            )
        );
        assert!(read(b"[7]", &Context::at(0), &mut Batch::new()).is_err());
        assert!(read(b"", &Context::at(0), &mut Batch::new()).is_err());
    }
}
