//! From JSON to protobuf, by a table of the messages: what a field is called, its number, and what its value is. Names may
//! be written as JSON's (`timeUnixNano`) or protobuf's (`time_unix_nano`); numbers as numbers or texts; fields that are not
//! in the table are passed over, as both forms want it.

use crate::json::{Error, Kind, Reader};
use std::borrow::Cow;
use stdx::varint;

/// What a value is, which says how it is written.
#[derive(Clone, Copy)]
enum Shape {
    Message(Rows),
    Text,
    Bool,
    /// `int64`.
    Int,
    /// `uint64`, as a varint.
    Uint,
    /// `sint32`.
    Sint,
    /// `fixed64`.
    Fixed,
    /// `sfixed64`.
    Sfixed,
    Double,
    /// A number, or one of these names, counted from 0.
    Enum(&'static [&'static str]),
}

/// A field of a message.
struct Row(&'static str, u64, Shape);

type Rows = &'static [Row];

use Shape::{Bool, Double, Enum, Fixed, Int, Message, Sfixed, Sint, Text, Uint};

static REQUEST: [Row; 1] = [Row("resourceMetrics", 1, Message(&RESOURCE_METRICS))];
static RESOURCE_METRICS: [Row; 2] =
    [Row("resource", 1, Message(&RESOURCE)), Row("scopeMetrics", 2, Message(&SCOPE_METRICS))];
static RESOURCE: [Row; 1] = [Row("attributes", 1, Message(&ATTRIBUTE))];
static SCOPE_METRICS: [Row; 2] = [Row("scope", 1, Message(&SCOPE)), Row("metrics", 2, Message(&METRIC))];
static SCOPE: [Row; 3] =
    [Row("name", 1, Text), Row("version", 2, Text), Row("attributes", 3, Message(&ATTRIBUTE))];
static METRIC: [Row; 8] = [
    Row("name", 1, Text),
    Row("description", 2, Text),
    Row("unit", 3, Text),
    Row("gauge", 5, Message(&GAUGE)),
    Row("sum", 7, Message(&SUM)),
    Row("histogram", 9, Message(&HISTOGRAM)),
    Row("exponentialHistogram", 10, Message(&EXPONENTIAL)),
    Row("summary", 11, Message(&SUMMARY)),
];
const TEMPORALITY: Row = Row(
    "aggregationTemporality",
    2,
    Enum(&[
        "AGGREGATION_TEMPORALITY_UNSPECIFIED",
        "AGGREGATION_TEMPORALITY_DELTA",
        "AGGREGATION_TEMPORALITY_CUMULATIVE",
    ]),
);
static GAUGE: [Row; 1] = [Row("dataPoints", 1, Message(&NUMBER))];
static SUM: [Row; 3] = [Row("dataPoints", 1, Message(&NUMBER)), TEMPORALITY, Row("isMonotonic", 3, Bool)];
static HISTOGRAM: [Row; 2] = [Row("dataPoints", 1, Message(&HISTOGRAM_POINT)), TEMPORALITY];
static EXPONENTIAL: [Row; 2] = [Row("dataPoints", 1, Message(&EXPONENTIAL_POINT)), TEMPORALITY];
static SUMMARY: [Row; 1] = [Row("dataPoints", 1, Message(&SUMMARY_POINT))];
static NUMBER: [Row; 6] = [
    Row("attributes", 7, Message(&ATTRIBUTE)),
    Row("timeUnixNano", 3, Fixed),
    Row("asDouble", 4, Double),
    Row("asInt", 6, Sfixed),
    Row("exemplars", 5, Message(&[])),
    Row("flags", 8, Uint),
];
static HISTOGRAM_POINT: [Row; 10] = [
    Row("attributes", 9, Message(&ATTRIBUTE)),
    Row("timeUnixNano", 3, Fixed),
    Row("count", 4, Fixed),
    Row("sum", 5, Double),
    Row("bucketCounts", 6, Fixed),
    Row("explicitBounds", 7, Double),
    Row("exemplars", 8, Message(&[])),
    Row("flags", 10, Uint),
    Row("min", 11, Double),
    Row("max", 12, Double),
];
static EXPONENTIAL_POINT: [Row; 13] = [
    Row("attributes", 1, Message(&ATTRIBUTE)),
    Row("timeUnixNano", 3, Fixed),
    Row("count", 4, Fixed),
    Row("sum", 5, Double),
    Row("scale", 6, Sint),
    Row("zeroCount", 7, Fixed),
    Row("positive", 8, Message(&BUCKETS)),
    Row("negative", 9, Message(&BUCKETS)),
    Row("flags", 10, Uint),
    Row("exemplars", 11, Message(&[])),
    Row("min", 12, Double),
    Row("max", 13, Double),
    Row("zeroThreshold", 14, Double),
];
static BUCKETS: [Row; 2] = [Row("offset", 1, Sint), Row("bucketCounts", 2, Uint)];
static SUMMARY_POINT: [Row; 6] = [
    Row("attributes", 7, Message(&ATTRIBUTE)),
    Row("timeUnixNano", 3, Fixed),
    Row("count", 4, Fixed),
    Row("sum", 5, Double),
    Row("quantileValues", 6, Message(&QUANTILE)),
    Row("flags", 8, Uint),
];
static QUANTILE: [Row; 2] = [Row("quantile", 1, Double), Row("value", 2, Double)];
static ATTRIBUTE: [Row; 2] = [Row("key", 1, Text), Row("value", 2, Message(&ANY))];
static ANY: [Row; 7] = [
    Row("stringValue", 1, Text),
    Row("boolValue", 2, Bool),
    Row("intValue", 3, Int),
    Row("doubleValue", 4, Double),
    Row("arrayValue", 5, Message(&LIST)),
    Row("kvlistValue", 6, Message(&MAP)),
    // In JSON bytes are written in base 64, which is how they are kept.
    Row("bytesValue", 1, Text),
];
static LIST: [Row; 1] = [Row("values", 1, Message(&ANY))];
static MAP: [Row; 1] = [Row("values", 1, Message(&ATTRIBUTE))];

/// The same request as protobuf.
pub(super) fn to_protobuf(input: &[u8]) -> Result<Vec<u8>, Error> {
    let (mut reader, mut out) = (Reader::new(input), Vec::with_capacity(input.len() / 2));
    message(&mut reader, &REQUEST, &mut out)?;
    reader.end()?;
    Ok(out)
}

fn message(reader: &mut Reader<'_>, rows: Rows, out: &mut Vec<u8>) -> Result<(), Error> {
    reader.object()?;
    while let Some(name) = reader.field()? {
        let row = rows.iter().find(|row| is_called(row.0, &name));
        match (row, reader.peek()?) {
            (None, _) | (_, Kind::Null) => reader.skip()?,
            (Some(row), Kind::Array) => {
                reader.array()?;
                while reader.element()? {
                    value(reader, row, out)?;
                }
            }
            (Some(row), _) => value(reader, row, out)?,
        }
    }
    Ok(())
}

/// Whether `name` is the JSON name `wanted`, or its protobuf form.
fn is_called(wanted: &str, name: &str) -> bool {
    if wanted == name {
        return true;
    }
    if !name.as_bytes().contains(&b'_') {
        return false;
    }
    let mut name = name.bytes();
    let same = wanted.bytes().all(|letter| match letter {
        b'A'..=b'Z' => name.next() == Some(b'_') && name.next() == Some(letter.to_ascii_lowercase()),
        letter => name.next() == Some(letter),
    });
    same && name.next().is_none()
}

fn value(reader: &mut Reader<'_>, row: &Row, out: &mut Vec<u8>) -> Result<(), Error> {
    let Row(_, number, shape) = *row;
    let key = |kind: u64, out: &mut Vec<u8>| varint::write_u64(out, number << 3 | kind);
    match shape {
        Message(rows) => {
            key(2, out);
            // The length comes first and is known last. Most messages are so short that it takes one byte.
            let start = out.len() + 1;
            out.push(0);
            message(reader, rows, out)?;
            let len = out.len() - start;
            if let Ok(short @ 0..0x80) = u8::try_from(len) {
                out[start - 1] = short;
            } else {
                let mut head = Vec::with_capacity(varint::LEN_MAX);
                varint::write_u64(&mut head, len as u64);
                out.splice(start - 1..start, head);
            }
        }
        Text => {
            let text = reader.string()?;
            key(2, out);
            varint::write_bytes(out, text.as_bytes());
        }
        Bool => {
            let is_true = reader.bool()?;
            key(0, out);
            out.push(u8::from(is_true));
        }
        Int | Uint | Sint | Enum(_) => {
            let number = varint_of(reader, shape)?;
            key(0, out);
            varint::write_u64(out, number);
        }
        Fixed | Sfixed | Double => {
            let bits = bits_of(reader, shape)?;
            key(1, out);
            out.extend(bits.to_le_bytes());
        }
    }
    Ok(())
}

fn varint_of(reader: &mut Reader<'_>, shape: Shape) -> Result<u64, Error> {
    let at = reader.position();
    let text = number_text(reader)?;
    let number = match shape {
        Enum(names) if text.starts_with(|c: char| c.is_ascii_uppercase()) => {
            names.iter().position(|name| **name == *text).map(|at| at as u64)
        }
        Sint => text.parse().ok().map(|n: i32| (i64::from(n) << 1 ^ i64::from(n >> 31)) as u32 as u64),
        Int => text.parse().ok().map(|n: i64| n as u64),
        _ => text.parse().ok(),
    };
    number.ok_or(Error { at, what: "not a whole number that fits" })
}

fn bits_of(reader: &mut Reader<'_>, shape: Shape) -> Result<u64, Error> {
    let at = reader.position();
    let text = number_text(reader)?;
    let bits = match shape {
        Fixed => text.parse().ok(),
        Sfixed => text.parse().ok().map(|n: i64| n as u64),
        _ => double(&text).map(f64::to_bits),
    };
    bits.ok_or(Error { at, what: "not a number that fits" })
}

/// A number as JSON writes doubles, the three that have no digits as texts.
fn double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        text => crate::number::finite_bytes(text.as_bytes()),
    }
}

/// A number, or a text with one in it.
fn number_text<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Error> {
    match reader.peek()? {
        Kind::String => reader.string(),
        _ => reader.number().map(Cow::Borrowed),
    }
}
