//! Native histograms: the same message in both versions of remote write.
//!
//! ```text
//! Histogram { 1: count (int) | 2: count (double)  3: sum  4: sint32 schema  5: zero_threshold  6: zero_count (int) |
//!             7: zero_count (double)  8: negative Span*  9: negative sint64 delta*  10: negative double count*
//!             11: positive Span*  12: positive sint64 delta*  13: positive double count*  14: reset hint
//!             15: int64 time_ms  16: double custom bound* }
//! Span      { 1: sint32 offset  2: uint32 length }
//! ```
//!
//! Counts are differences to the bucket before, or, in histograms of doubles, counts. Schema -53 has bounds of its own.

use crate::Context;
use crate::buckets::{BUCKETS_MAX, Put, SCHEMA_COARSEST, kept_schema, side};
use crate::protobuf::{Field, Fields, Value, packed_fixed64, packed_varints, zigzag};
use model::histogram::CUSTOM;
use model::{Batch, CounterReset, Kind, LabelsBuilder};

/// The finest schema that OpenTelemetry has, whose senders come here too.
const SCHEMA_FINEST: i32 = 62;

/// A histogram as it was read.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    count: f64,
    sum: f64,
    zero_threshold: f64,
    zero_count: f64,
    schema: i32,
    hint: CounterReset,
    time_ms: i64,
    positive: Side,
    negative: Side,
    bounds: Vec<f64>,
}

/// The buckets on one side of zero.
#[derive(Debug, Default)]
struct Side {
    /// Gap before and number of buckets.
    spans: Vec<(i64, u64)>,
    deltas: Vec<i64>,
    counts: Vec<f64>,
}

impl Histogram {
    /// Reads a message.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        const BROKEN: &str = "a broken histogram";
        let mut it = Self::default();
        for field in Fields::new(bytes) {
            let Field { number, value } = field.map_err(|_| BROKEN)?;
            match (number, value) {
                (1, Value::Varint(count)) => it.count = count as f64,
                (2, Value::Fixed64(bits)) => it.count = f64::from_bits(bits),
                (3, Value::Fixed64(bits)) => it.sum = f64::from_bits(bits),
                (4, Value::Varint(schema)) => {
                    it.schema = i32::try_from(zigzag(schema)).map_err(|_| BROKEN)?
                }
                (5, Value::Fixed64(bits)) => it.zero_threshold = f64::from_bits(bits),
                (6, Value::Varint(count)) => it.zero_count = count as f64,
                (7, Value::Fixed64(bits)) => it.zero_count = f64::from_bits(bits),
                (8, Value::Bytes(bytes)) => it.negative.spans.push(span(bytes).ok_or(BROKEN)?),
                (11, Value::Bytes(bytes)) => it.positive.spans.push(span(bytes).ok_or(BROKEN)?),
                (9, value) => packed_varints(value, |n| it.negative.deltas.push(zigzag(n))).ok_or(BROKEN)?,
                (12, value) => packed_varints(value, |n| it.positive.deltas.push(zigzag(n))).ok_or(BROKEN)?,
                (10, value) => {
                    packed_fixed64(value, |n| it.negative.counts.push(f64::from_bits(n))).ok_or(BROKEN)?;
                }
                (13, value) => {
                    packed_fixed64(value, |n| it.positive.counts.push(f64::from_bits(n))).ok_or(BROKEN)?;
                }
                (14, Value::Varint(hint)) => {
                    let hint = u8::try_from(hint).ok().and_then(CounterReset::from_u8);
                    it.hint = hint.unwrap_or_default();
                }
                (15, Value::Varint(time)) => it.time_ms = time as i64,
                (16, value) => packed_fixed64(value, |n| it.bounds.push(f64::from_bits(n))).ok_or(BROKEN)?,
                _ => {}
            }
        }
        let buckets = it.positive.len().max(it.negative.len()).max(it.bounds.len());
        if buckets > BUCKETS_MAX { Err("a histogram of too many buckets") } else { Ok(it) }
    }

    /// Adds its series, whose labels and name are in `labels`; counts the samples in `added`.
    pub(crate) fn add(
        &self,
        context: &Context<'_>,
        labels: &LabelsBuilder,
        out: &mut Batch,
        added: &mut u64,
    ) -> Result<(), String> {
        let mut put = Put { context, labels, time_ms: self.time_ms, out, added };
        let histogram = self.histogram()?;
        let kind = if histogram.hint == CounterReset::Gauge { Kind::Gauge } else { Kind::Counter };
        put.native(histogram, kind).map_err(|error| error.to_string())
    }

    fn histogram(&self) -> Result<model::Histogram, String> {
        let (schema, halved) = match self.schema {
            schema if schema == i32::from(CUSTOM) => (CUSTOM, 0),
            SCHEMA_COARSEST..=SCHEMA_FINEST => kept_schema(self.schema),
            schema => return Err(format!("a histogram of schema {schema}, which is not known")),
        };
        let finite = self.bounds.iter().copied().filter(|bound| bound.is_finite());
        let histogram = model::Histogram {
            schema,
            hint: self.hint,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive: side(self.positive.buckets()?, halved),
            negative: side(self.negative.buckets()?, halved),
            bounds: if schema == CUSTOM { finite.collect() } else { [].into() },
        };
        let is_coarse = (SCHEMA_COARSEST..i32::from(model::histogram::SCHEMA_MIN)).contains(&self.schema);
        match histogram.fault() {
            Some(fault) if !is_coarse => Err(format!("a histogram with {fault}")),
            _ => Ok(histogram),
        }
    }
}

impl Side {
    fn len(&self) -> usize {
        self.deltas.len().max(self.counts.len())
    }

    /// Number and count of every bucket.
    fn buckets(&self) -> Result<Vec<(i64, f64)>, String> {
        let (mut running, mut deltas) = (0i64, self.deltas.iter());
        let mut counts: Box<dyn Iterator<Item = f64>> = if self.counts.is_empty() {
            Box::new(deltas.by_ref().map(|delta| {
                running = running.wrapping_add(*delta);
                running as f64
            }))
        } else {
            Box::new(self.counts.iter().copied())
        };
        let (mut out, mut at) = (Vec::with_capacity(self.len()), 0i64);
        for (offset, length) in &self.spans {
            at = at.saturating_add(*offset);
            for _ in 0..*length {
                let Some(count) = counts.next() else {
                    return Err("a histogram with fewer counts than buckets".into());
                };
                out.push((at, count));
                at = at.saturating_add(1);
            }
        }
        if counts.next().is_some() {
            return Err("a histogram with more counts than buckets".into());
        }
        drop(counts);
        Ok(out)
    }
}

/// Appends the message of a histogram of doubles.
pub fn write(histogram: &model::Histogram, time_ms: i64, out: &mut Vec<u8>) {
    let it = histogram;
    double(2, it.count, out);
    double(3, it.sum, out);
    number(4, stdx::varint::zigzag(i64::from(it.schema)), out);
    double(5, it.zero_threshold, out);
    double(7, it.zero_count, out);
    for (spans, counts, side) in [(8, 10, &it.negative), (11, 13, &it.positive)] {
        for (offset, len) in side.spans() {
            let mut span = Vec::new();
            number(1, stdx::varint::zigzag(i64::from(offset)), &mut span);
            number(2, u64::from(len), &mut span);
            bytes(spans, &span, out);
        }
        doubles(counts, side.counts(), out);
    }
    number(14, it.hint as u64, out);
    number(15, time_ms as u64, out);
    doubles(16, &it.bounds, out);
}

fn key(field: u64, kind: u64, out: &mut Vec<u8>) {
    stdx::varint::write_u64(out, field << 3 | kind);
}

fn number(field: u64, value: u64, out: &mut Vec<u8>) {
    key(field, 0, out);
    stdx::varint::write_u64(out, value);
}

fn double(field: u64, value: f64, out: &mut Vec<u8>) {
    key(field, 1, out);
    out.extend_from_slice(&value.to_le_bytes());
}

fn bytes(field: u64, value: &[u8], out: &mut Vec<u8>) {
    key(field, 2, out);
    stdx::varint::write_bytes(out, value);
}

fn doubles(field: u64, values: &[f64], out: &mut Vec<u8>) {
    if !values.is_empty() {
        let packed: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes(field, &packed, out);
    }
}

fn span(bytes: &[u8]) -> Option<(i64, u64)> {
    let (mut offset, mut length) = (0, 0);
    for field in Fields::new(bytes) {
        match field.ok()? {
            Field { number: 1, value: Value::Varint(n) } => offset = zigzag(n),
            Field { number: 2, value: Value::Varint(n) } => length = n,
            _ => {}
        }
    }
    Some((offset, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "{{sum:5 count:7 z_bucket:1 z_bucket_w:0.25 buckets:[1 0.5 0 3] n_offset:-3 n_buckets:[1]}}",
            "{{schema:-53 sum:NaN count:4 buckets:[1 2 1] custom_values:[-1 0.1] counter_reset_hint:gauge}}",
            "{{schema:8 count:1 offset:-30000 buckets:[1] counter_reset_hint:not_reset}}",
        ] {
            let (wanted, mut out) = (model::Histogram::parse(text).unwrap(), Vec::new());
            write(&wanted, -5, &mut out);
            let read = Histogram::read(&out).unwrap();
            assert_eq!((read.time_ms, read.histogram().unwrap().to_notation()), (-5, wanted.to_notation()));
        }
    }
}
