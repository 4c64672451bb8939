//! Graphite's pickle protocol: samples as Python's `pickle` writes them, one message after the other.
//!
//! ```text
//! message := length (4 bytes, big-endian) pickle      at most 1 MiB, as carbon's PICKLE_RECEIVER_MAX_LENGTH says
//! pickle  := a list or tuple of (path, (time, value))
//! ```
//!
//! * Only what such a pickle needs is understood ([`machine`]), in all of pickle's protocols from 0 to 5: lists, tuples, texts,
//!   numbers, and remembering them. Whatever would look up a name, call something or build an object refuses the
//!   message, with the name of the instruction.
//! * A path is what Graphite's lines have, with tags, but may hold blanks. Time and value are numbers, or texts or
//!   truth values that Python's `float` takes; a time of -1 is now.
//! * A value that is not a number is left out and counted as skipped. Infinite ones are refused.

mod machine;

use super::Protocol;
use super::graphite::{self, TimeError, path};
use crate::known::Known;
use crate::{Context, number};
use machine::{Machine, Value};
use model::{Batch, Kind, LabelsBuilder, Position, Report};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "pickle",
    summary: "Graphite's pickles of `(path, (time, value))`, each behind its length",
    media_types: &["application/python-pickle"],
    paths: &[],
    example:
        b"\0\0\x005\x80\x02]q\0X\x13\0\0\0disk.used;host=web1q\x01J\0\xf1SeG@E@\0\0\0\0\0\x86q\x02\x86q\x03a.",
    decode,
};

/// Largest pickle, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Bytes in front of a message.
pub const HEAD_BYTES: usize = 4;

/// Decodes messages, each behind its length.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let (mut decoder, mut report, mut rest) = (Decoder::default(), Report::default(), input);
    while !rest.is_empty() {
        let at = input.len() - rest.len();
        let Some((head, body)) = rest.split_first_chunk() else {
            report.reject(Position::Byte(at), "a message without a whole length");
            break;
        };
        let len = u32::from_be_bytes(*head) as usize;
        if len > MESSAGE_BYTES_MAX {
            report.reject(Position::Byte(at), too_long(len));
            break;
        }
        let Some((message, next)) = body.split_at_checked(len) else {
            report.reject(
                Position::Byte(at),
                format_args!("a message of {len} bytes ends after {}", body.len()),
            );
            break;
        };
        report.merge(decoder.message(message, context, out));
        rest = next;
    }
    report
}

/// The reason for refusing a message of this length.
pub fn too_long(len: usize) -> String {
    format!("a message of {len} bytes, at most {MESSAGE_BYTES_MAX} are allowed")
}

/// Decodes messages, and remembers the paths in them as long as the batch keeps its dictionary. The context's labels must
/// stay the same.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
    labels: LabelsBuilder,
}

impl Decoder {
    /// Decodes one message, without its length. Positions in the report are numbers of items.
    pub fn message(&mut self, message: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
        self.known.follow(out);
        let mut report = Report::default();
        let machine = match Machine::run(message) {
            Ok(machine) => machine,
            Err(error) => {
                report.reject(Position::Byte(error.at), error.what);
                return report;
            }
        };
        let Some(items) = machine.items(machine.result()) else {
            let what = machine.result().name();
            report.reject(
                Position::Whole,
                format_args!("{what} where a list of (path, (time, value)) should be"),
            );
            return report;
        };
        for (number, item) in (1..).zip(items) {
            match self.item(&machine, machine.value(*item), context, out) {
                Ok(true) => report.accepted += 1,
                Ok(false) => report.skipped += 1,
                Err(reason) => report.reject(Position::Item(number), reason),
            }
        }
        report
    }

    /// Whether the item brought a value.
    fn item(
        &mut self,
        machine: &Machine<'_>,
        item: &Value<'_>,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<bool, String> {
        let shape = || "not (path, (time, value))".to_owned();
        let pair = |value| match machine.items(value) {
            Some(&[first, second]) => Ok((machine.value(first), machine.value(second))),
            _ => Err(shape()),
        };
        let (path, point) = pair(item)?;
        let (time, value) = pair(point)?;
        let Value::Text(path) = path else { return Err(format!("the path is {}", path.name())) };
        let value = float(value).ok_or_else(|| format!("the value is {}", value.name()))?;
        let seconds =
            float(time).filter(|s| s.is_finite()).ok_or_else(|| format!("the time is {}", time.name()))?;
        let time_ms = graphite::time_ms(seconds, context.now_ms).map_err(|why| match why {
            TimeError::Negative => format!("time {seconds} is not a number of seconds or -1"),
            TimeError::TooLate => format!("time {seconds} is behind the year 9999; it must be in seconds"),
        })?;
        if value.is_nan() {
            return Ok(false);
        }
        if value.is_infinite() {
            return Err(format!("value {value} is not finite"));
        }
        let slot = match self.known.get(path) {
            Some(slot) => slot,
            None => self.series(path, context, out)?,
        };
        out.sample(slot, time_ms, value);
        Ok(true)
    }

    fn series(&mut self, path: &[u8], context: &Context<'_>, out: &mut Batch) -> Result<model::Slot, String> {
        let text = std::str::from_utf8(path).map_err(|_| "the path is not UTF-8")?;
        self.labels.clear();
        path::read_whole(text, &mut self.labels)?;
        let slot = context.add_series(out, &mut self.labels, Kind::Unknown).map_err(|e| e.to_string())?;
        self.known.insert(path, slot);
        Ok(slot)
    }
}

/// A number as Python's `float` makes it of a value.
fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => number::prometheus(std::str::from_utf8(text).ok()?.trim()),
        Value::None | Value::Tuple { .. } | Value::List(_) => None,
    }
}

#[cfg(test)]
mod tests;
