//! The points of a metric.

use super::Shape;
use super::resource::{Owner, add, attribute};
use crate::Context;
use crate::buckets::{BUCKETS_MAX, Put, SCHEMA_COARSEST, kept_schema, side};
use crate::protobuf::{Field, Fields, Value, packed_fixed64, packed_varints, zigzag};
use crate::protocols::prometheus_text::write_number;
use model::{Batch, CounterReset, Histogram, Kind, LabelsBuilder, NAME, Report, STALE};

/// The flag of a point that has no value.
const NO_VALUE: u64 = 1;

/// The points of one metric.
pub(super) struct Points<'a> {
    pub(super) owner: Owner<'a>,
    pub(super) name: &'a str,
    pub(super) shape: Shape,
    pub(super) kind: Kind,
    pub(super) context: &'a Context<'a>,
    /// The newest time so far.
    pub(super) newest_ms: Option<i64>,
    /// Used again from point to point.
    pub(super) labels: LabelsBuilder,
}

/// A point as it was read; which fields there are depends on the metric's shape.
#[derive(Debug, Default)]
struct Point {
    labels: LabelsBuilder,
    time_ns: u64,
    flags: u64,
    number: Option<f64>,
    count: f64,
    sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    counts: Vec<f64>,
    bounds: Vec<f64>,
    quantiles: Vec<(f64, f64)>,
    exponential: Exponential,
    exemplars: u64,
}

/// What an exponential histogram has besides count and sum.
#[derive(Debug, Default)]
struct Exponential {
    scale: i32,
    zero_threshold: f64,
    zero_count: f64,
    /// Number and count of each bucket, in ascending order of numbers.
    positive: Vec<(i64, f64)>,
    negative: Vec<(i64, f64)>,
}

impl Points<'_> {
    /// Adds a point; its samples are counted in the report.
    pub(super) fn add(&mut self, bytes: &[u8], out: &mut Batch, report: &mut Report) -> Result<(), String> {
        let mut point = Point { labels: std::mem::take(&mut self.labels), ..Point::default() };
        point.labels.clear();
        for field in Fields::new(bytes) {
            let field = field.map_err(|_| "a broken point")?;
            let known = match self.shape {
                Shape::Gauge | Shape::Sum => point.number(field),
                Shape::Histogram => point.histogram(field),
                Shape::Exponential => point.exponential(field),
                Shape::Summary => point.summary(field),
            };
            known?;
        }
        let time_ms = match point.time_ns {
            0 => self.context.now_ms,
            ns => (ns / 1_000_000) as i64,
        };
        self.owner.label(&mut point.labels);
        point.labels.set(NAME, self.name);
        report.skipped += point.exemplars;
        self.put(&mut point, time_ms, out, report)?;
        self.newest_ms = self.newest_ms.max(Some(time_ms));
        self.labels = point.labels;
        Ok(())
    }

    fn put(
        &self,
        point: &mut Point,
        time_ms: i64,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let is_end = point.flags & NO_VALUE != 0;
        match self.shape {
            Shape::Gauge | Shape::Sum => {
                let value = if is_end { Some(STALE) } else { point.number };
                let value = value.ok_or("a point without a value")?;
                self.sample(&mut point.labels, self.kind, (time_ms, value), out, report)
            }
            Shape::Summary => self.summary(point, time_ms, is_end, out, report),
            Shape::Histogram | Shape::Exponential => {
                let added = &mut report.accepted;
                let native = point.native(self.kind)?;
                let mut put = Put { context: self.context, labels: &point.labels, time_ms, out, added };
                let put = match self.shape {
                    _ if is_end => put.end(self.kind),
                    Shape::Histogram => put.classic(point.cumulative()?, (point.count, point.sum), self.kind),
                    _ => put.native(native, self.kind),
                };
                put.map_err(|error| error.to_string())?;
                let ended = |value: f64| if is_end { STALE } else { value };
                for (suffix, value) in [("_min", point.min), ("_max", point.max)] {
                    if let Some(value) = value {
                        point.labels.set(NAME, &format!("{}{suffix}", self.name));
                        self.sample(&mut point.labels, Kind::Gauge, (time_ms, ended(value)), out, report)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn summary(
        &self,
        point: &mut Point,
        time_ms: i64,
        is_end: bool,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let ended = |value: f64| if is_end { STALE } else { value };
        for (quantile, value) in std::mem::take(&mut point.quantiles) {
            let mut text = String::new();
            write_number(&mut text, quantile);
            point.labels.set("quantile", &text);
            self.sample(&mut point.labels, Kind::Gauge, (time_ms, ended(value)), out, report)?;
        }
        point.labels.remove("quantile");
        for (suffix, value) in [("_count", point.count), ("_sum", point.sum.unwrap_or_default())] {
            point.labels.set(NAME, &format!("{}{suffix}", self.name));
            self.sample(&mut point.labels, Kind::Counter, (time_ms, ended(value)), out, report)?;
        }
        Ok(())
    }

    fn sample(
        &self,
        labels: &mut LabelsBuilder,
        kind: Kind,
        (time_ms, value): (i64, f64),
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let slot = self.context.add_series(out, labels, kind).map_err(|e| e.to_string())?;
        out.sample(slot, time_ms, value);
        report.accepted += 1;
        Ok(())
    }
}

impl Point {
    fn attribute(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (name, value) = attribute(bytes)?;
        add(name, &value, &mut self.labels);
        Ok(())
    }

    fn number(&mut self, field: Field<'_>) -> Result<(), String> {
        match (field.number, field.value) {
            (7, Value::Bytes(bytes)) => self.attribute(bytes)?,
            (3, Value::Fixed64(ns)) => self.time_ns = ns,
            (4, Value::Fixed64(bits)) => self.number = Some(f64::from_bits(bits)),
            (6, Value::Fixed64(number)) => self.number = Some(number as i64 as f64),
            (5, Value::Bytes(_)) => self.exemplars += 1,
            (8, Value::Varint(flags)) => self.flags = flags,
            _ => {}
        }
        Ok(())
    }

    fn histogram(&mut self, field: Field<'_>) -> Result<(), String> {
        match (field.number, field.value) {
            (9, Value::Bytes(bytes)) => self.attribute(bytes)?,
            (3, Value::Fixed64(ns)) => self.time_ns = ns,
            (4, Value::Fixed64(count)) => self.count = count as f64,
            (5, Value::Fixed64(bits)) => self.sum = Some(f64::from_bits(bits)),
            (6, value) => {
                packed_fixed64(value, |count| self.counts.push(count as f64)).ok_or("broken buckets")?;
            }
            (7, value) => {
                packed_fixed64(value, |bits| self.bounds.push(f64::from_bits(bits)))
                    .ok_or("broken bounds")?;
            }
            (8, Value::Bytes(_)) => self.exemplars += 1,
            (10, Value::Varint(flags)) => self.flags = flags,
            (11, Value::Fixed64(bits)) => self.min = Some(f64::from_bits(bits)),
            (12, Value::Fixed64(bits)) => self.max = Some(f64::from_bits(bits)),
            _ => {}
        }
        Ok(())
    }

    fn exponential(&mut self, field: Field<'_>) -> Result<(), String> {
        let it = &mut self.exponential;
        match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => self.attribute(bytes)?,
            (3, Value::Fixed64(ns)) => self.time_ns = ns,
            (4, Value::Fixed64(count)) => self.count = count as f64,
            (5, Value::Fixed64(bits)) => self.sum = Some(f64::from_bits(bits)),
            (6, Value::Varint(scale)) => {
                let scale =
                    i32::try_from(zigzag(scale)).ok().filter(|scale| (SCHEMA_COARSEST..=62).contains(scale));
                it.scale = scale.ok_or("a scale beyond -10 to 62")?;
            }
            (7, Value::Fixed64(count)) => it.zero_count = count as f64,
            (8, Value::Bytes(bytes)) => it.positive = buckets(bytes)?,
            (9, Value::Bytes(bytes)) => it.negative = buckets(bytes)?,
            (10, Value::Varint(flags)) => self.flags = flags,
            (11, Value::Bytes(_)) => self.exemplars += 1,
            (12, Value::Fixed64(bits)) => self.min = Some(f64::from_bits(bits)),
            (13, Value::Fixed64(bits)) => self.max = Some(f64::from_bits(bits)),
            (14, Value::Fixed64(bits)) => it.zero_threshold = f64::from_bits(bits),
            _ => {}
        }
        Ok(())
    }

    fn summary(&mut self, field: Field<'_>) -> Result<(), String> {
        match (field.number, field.value) {
            (7, Value::Bytes(bytes)) => self.attribute(bytes)?,
            (3, Value::Fixed64(ns)) => self.time_ns = ns,
            (4, Value::Fixed64(count)) => self.count = count as f64,
            (5, Value::Fixed64(bits)) => self.sum = Some(f64::from_bits(bits)),
            (6, Value::Bytes(bytes)) => {
                let (mut quantile, mut value) = (0.0, 0.0);
                for field in Fields::new(bytes) {
                    match field.map_err(|_| "a broken quantile")? {
                        Field { number: 1, value: Value::Fixed64(bits) } => quantile = f64::from_bits(bits),
                        Field { number: 2, value: Value::Fixed64(bits) } => value = f64::from_bits(bits),
                        _ => {}
                    }
                }
                self.quantiles.push((quantile, value));
            }
            (8, Value::Varint(flags)) => self.flags = flags,
            _ => {}
        }
        Ok(())
    }

    /// As a native histogram. What counts from one point to the next only is no counter.
    fn native(&mut self, kind: Kind) -> Result<Histogram, String> {
        let it = std::mem::take(&mut self.exponential);
        let (schema, halved) = kept_schema(it.scale);
        if !(0.0..f64::INFINITY).contains(&it.zero_threshold) {
            return Err("a zero threshold that is no distance".to_owned());
        }
        Ok(Histogram {
            schema,
            hint: if kind == Kind::Counter { CounterReset::Unknown } else { CounterReset::Gauge },
            zero_threshold: it.zero_threshold,
            zero_count: it.zero_count,
            count: self.count,
            sum: self.sum.unwrap_or_default(),
            positive: side(it.positive, halved),
            negative: side(it.negative, halved),
            ..Histogram::default()
        })
    }

    /// Bounds with how many are at most that.
    fn cumulative(&self) -> Result<Vec<(f64, f64)>, String> {
        let (counts, bounds) = (self.counts.len(), self.bounds.len());
        if bounds > BUCKETS_MAX {
            return Err(format!("{bounds} buckets, at most {BUCKETS_MAX} are allowed"));
        }
        if counts != bounds + 1 && counts + bounds > 0 {
            return Err(format!("{counts} buckets with {bounds} bounds between them"));
        }
        if !self.bounds.is_sorted_by(|a, b| a < b) {
            return Err("bounds of buckets that do not grow".to_owned());
        }
        let sums = self.counts.iter().scan(0.0, |total, count| {
            *total += count;
            Some(*total)
        });
        Ok(self.bounds.iter().copied().zip(sums).filter(|(bound, _)| bound.is_finite()).collect())
    }
}

/// Buckets by number. Number `n` here is up to base to the power of `n + 1`.
fn buckets(bytes: &[u8]) -> Result<Vec<(i64, f64)>, String> {
    let (mut offset, mut counts) = (0, Vec::new());
    for field in Fields::new(bytes) {
        match field.map_err(|_| "broken buckets")? {
            Field { number: 1, value: Value::Varint(number) } => offset = zigzag(number),
            Field { number: 2, value } => {
                packed_varints(value, |count| counts.push(count)).ok_or("broken buckets")?;
            }
            _ => {}
        }
    }
    if counts.len() > BUCKETS_MAX {
        return Err(format!("{} buckets, at most {BUCKETS_MAX} are allowed", counts.len()));
    }
    let bucket = |(at, count): (usize, u64)| (offset.saturating_add(at as i64 + 1), count as f64);
    Ok(counts.into_iter().enumerate().filter(|(_, count)| *count > 0).map(bucket).collect())
}
