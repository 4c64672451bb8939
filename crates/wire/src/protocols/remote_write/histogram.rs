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
use crate::buckets::{self, BUCKETS_MAX, Exponential};
use crate::protobuf::{Field, Fields, Value, packed_fixed64, packed_varints, zigzag};
use model::{Batch, Kind, LabelsBuilder};

/// The schema of buckets whose bounds are written out.
const CUSTOM_SCHEMA: i32 = -53;
/// The reset hint of a histogram that goes up and down.
const HINT_GAUGE: u64 = 3;

/// A histogram as it was read.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    count: f64,
    sum: f64,
    zero_threshold: f64,
    zero_count: f64,
    schema: i32,
    is_gauge: bool,
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
                (14, Value::Varint(hint)) => it.is_gauge = hint == HINT_GAUGE,
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
        // The end of a series has no buckets, and which it had before is not known here.
        let is_end = model::is_stale(self.sum);
        let cumulative = match self.schema {
            _ if is_end => Vec::new(),
            CUSTOM_SCHEMA => self.custom()?,
            -4..=62 => self.exponential()?.cumulative(),
            schema => return Err(format!("a histogram of schema {schema}, which is not known")),
        };
        let classic = buckets::Classic {
            cumulative: &cumulative,
            count: if is_end { model::STALE } else { self.count },
            sum: Some(self.sum),
            kind: if self.is_gauge { Kind::Gauge } else { Kind::Counter },
            time_ms: self.time_ms,
        };
        buckets::add(&classic, context, labels, out, added).map_err(|e| e.to_string())
    }

    fn exponential(&self) -> Result<Exponential, String> {
        Ok(Exponential {
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            positive: self.positive.buckets()?,
            negative: self.negative.buckets()?,
        })
    }

    /// Buckets with the bounds that are written out; number 0 is up to the first.
    fn custom(&self) -> Result<Vec<(f64, f64)>, String> {
        let buckets = self.positive.buckets()?;
        let (mut total, mut rest) = (0.0, buckets.iter().peekable());
        let all = self.bounds.iter().enumerate().map(|(n, bound)| {
            while let Some((_, count)) = rest.next_if(|(at, _)| *at <= n as i64) {
                total += count;
            }
            (*bound, total)
        });
        Ok(all.filter(|(bound, _)| bound.is_finite()).collect())
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
