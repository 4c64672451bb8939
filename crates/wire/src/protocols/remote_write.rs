//! Prometheus remote write 1.0: a protobuf message, walked in place. The body comes here without its snappy frame.
//!
//! ```text
//! WriteRequest { 1: TimeSeries*  3: Metadata* }
//! TimeSeries   { 1: Label*  2: Sample*  3: Exemplar*  4: Histogram* }
//! Label        { 1: name  2: value }
//! Sample       { 1: double value  2: int64 time_ms }
//! Metadata     { 1: type  2: family name  4: help  5: unit }
//! ```
//!
//! Labels are sorted when they are not. Exemplars are left out and counted as skipped. Native histograms become buckets
//! (`buckets.rs` says how and why). Metadata becomes descriptions. A series whose labels or bytes are bad is refused alone
//! (every sample of it is counted); a message whose outer frame is broken is refused as a whole.

pub mod encode;
pub mod encode2;
pub(crate) mod histogram;
mod sender;

pub use encode::Encoder;
pub use encode2::Encoder2;
pub use histogram::write as write_histogram;
pub use sender::Sender;

use super::Protocol;
use crate::Context;
use crate::protobuf::{Field, Fields, Value};
use histogram::Histogram;
use model::{Batch, Description, Kind, LabelsBuilder, Position, Report, Slot};
use stdx::varint;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "remote_write",
    summary: "Prometheus remote write 1.0",
    media_types: &["application/x-protobuf"],
    paths: &["/api/v1/write"],
    // up{instance="web1:9100"} 1 at 1700000000000
    example: b"\x0a9\x0a\x0e\x0a\x08__name__\x12\x02up\x0a\x15\x0a\x08instance\x12\x09web1:9100\x12\x10\x09\x00\x00\x00\x00\x00\x00\xf0?\x10\x80\xd0\x95\xff\xbc1",
    decode,
};

/// Decodes a message; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    if let Some(at) = Fields::new(input).first_error() {
        report.reject(Position::Byte(at), "not a remote-write message");
        return report;
    }
    let mut series = Series::default();
    let mut number = 0;
    for Field { number: field, value } in Fields::new(input).map_while(Result::ok) {
        match (field, value) {
            (1, Value::Bytes(bytes)) => {
                number += 1;
                let result = series.read(bytes).and_then(|()| series.add(context, out));
                series.count(&mut report, number, result.err());
            }
            (3, Value::Bytes(bytes)) => out.dictionary.describe(metadata(bytes)),
            _ => {}
        }
    }
    report
}

/// One time series being read; reused for all.
#[derive(Debug, Default)]
struct Series {
    labels: LabelsBuilder,
    samples: Vec<(i64, f64)>,
    histograms: Vec<Histogram>,
    /// Samples that the histograms came to.
    unfolded: u64,
    skipped: u64,
    /// The plain samples are in the batch.
    is_added: bool,
}

impl Series {
    fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.labels.clear();
        self.samples.clear();
        self.histograms.clear();
        (self.unfolded, self.skipped, self.is_added) = (0, 0, false);
        for field in Fields::new(bytes) {
            let Field { number, value } = field.map_err(|at| format!("broken at byte {at} of the series"))?;
            match (number, value) {
                (1, Value::Bytes(bytes)) => self.label(bytes)?,
                (2, Value::Bytes(bytes)) => self.samples.push(sample(bytes)?),
                (3, Value::Bytes(_)) => self.skipped += 1,
                (4, Value::Bytes(bytes)) => self.histograms.push(Histogram::read(bytes)?),
                _ => {}
            }
        }
        Ok(())
    }

    /// Counts what became of the series; one that was refused once for each of its samples.
    fn count(&self, report: &mut Report, number: usize, refused: Option<String>) {
        let samples = self.samples.len() as u64;
        report.skipped += self.skipped;
        match refused {
            None => report.accepted += samples + self.unfolded,
            Some(reason) => {
                report.reject(Position::Item(number), reason);
                // What a histogram gave before it failed stays.
                let refused = if self.is_added { 0 } else { samples };
                report.accepted += samples - refused + self.unfolded;
                report.rejected += refused.saturating_sub(1);
            }
        }
    }

    /// Reads what follows labels that are known; false when that is broken or has labels too.
    fn read_rest(&mut self, bytes: &[u8]) -> bool {
        self.samples.clear();
        self.histograms.clear();
        (self.unfolded, self.skipped) = (0, 0);
        if let Some(sample) = one_sample(bytes) {
            self.samples.push(sample);
            return true;
        }
        for field in Fields::new(bytes) {
            match field {
                Ok(Field { number: 2, value: Value::Bytes(bytes) }) => match sample(bytes) {
                    Ok(sample) => self.samples.push(sample),
                    Err(_) => return false,
                },
                Ok(Field { number: 3, value: Value::Bytes(_) }) => self.skipped += 1,
                Err(_) | Ok(Field { number: 1 | 4, .. }) => return false,
                Ok(_) => {}
            }
        }
        true
    }

    fn label(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (name, value) = match plain_label(bytes) {
            Some(pair) => pair,
            None => any_label(bytes)?,
        };
        self.labels.add_bytes(name, value);
        Ok(())
    }

    /// Adds the series, its samples and what its histograms come to; one without samples is left out.
    fn add(&mut self, context: &Context<'_>, out: &mut Batch) -> Result<Option<Slot>, String> {
        self.is_added = false;
        let slot = self.add_plain(context, out)?;
        self.is_added = true;
        for histogram in &self.histograms {
            histogram.add(context, &self.labels, out, &mut self.unfolded)?;
        }
        Ok(slot)
    }

    fn add_plain(&mut self, context: &Context<'_>, out: &mut Batch) -> Result<Option<Slot>, String> {
        if self.samples.is_empty() {
            return Ok(None);
        }
        let slot =
            context.add_series(out, &mut self.labels, Kind::Unknown).map_err(|error| error.to_string())?;
        self.add_samples(slot, out);
        Ok(Some(slot))
    }

    fn add_samples(&self, slot: Slot, out: &mut Batch) {
        for &(time_ms, value) in &self.samples {
            out.sample(slot, time_ms, value);
        }
    }
}

/// A label as every sender writes it: name, then value, both shorter than 128 bytes.
#[inline]
fn plain_label(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x0a, name_len @ 0..0x80, rest @ ..] = bytes else { return None };
    let (name, rest) = rest.split_at_checked(usize::from(*name_len))?;
    let [0x12, value_len @ 0..0x80, value @ ..] = rest else { return None };
    (value.len() == usize::from(*value_len)).then_some((name, value))
}

/// A label in any form that protobuf allows.
fn any_label(bytes: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let (mut name, mut value): (&[u8], &[u8]) = (&[], &[]);
    for field in Fields::new(bytes) {
        match field.map_err(|_| "a broken label")? {
            Field { number: 1, value: Value::Bytes(bytes) } => name = bytes,
            Field { number: 2, value: Value::Bytes(bytes) } => value = bytes,
            _ => {}
        }
    }
    Ok((name, value))
}

/// What nearly always follows the labels: one plain sample.
#[inline]
fn one_sample(bytes: &[u8]) -> Option<(i64, f64)> {
    let [0x12, len @ 0..0x80, sample @ ..] = bytes else { return None };
    if sample.len() == usize::from(*len) { plain_sample(sample) } else { None }
}

pub(crate) fn sample(bytes: &[u8]) -> Result<(i64, f64), String> {
    plain_sample(bytes).map_or_else(|| any_sample(bytes), Ok)
}

/// A sample as every sender writes it: value, then time.
#[inline]
fn plain_sample(bytes: &[u8]) -> Option<(i64, f64)> {
    let (&[0x09, a, b, c, d, e, f, g, h, 0x10], mut rest) = bytes.split_first_chunk()? else { return None };
    let time_ms = varint::read_u64(&mut rest)? as i64;
    rest.is_empty().then_some((time_ms, f64::from_le_bytes([a, b, c, d, e, f, g, h])))
}

/// A sample in any form that protobuf allows.
fn any_sample(bytes: &[u8]) -> Result<(i64, f64), String> {
    let (mut time_ms, mut number) = (0, 0.0);
    for field in Fields::new(bytes) {
        match field.map_err(|_| "a broken sample")? {
            Field { number: 1, value: Value::Fixed64(bits) } => number = f64::from_bits(bits),
            Field { number: 2, value: Value::Varint(time) } => time_ms = time as i64,
            _ => {}
        }
    }
    Ok((time_ms, number))
}

/// What a metadata entry says; text that is not UTF-8 is mended, because nothing depends on it.
fn metadata(bytes: &[u8]) -> Description {
    let mut description = Description::default();
    for Field { number, value } in Fields::new(bytes).map_while(Result::ok) {
        match (number, value) {
            (1, Value::Varint(kind)) => description.kind = kind_of(kind),
            (2, Value::Bytes(name)) => description.metric = String::from_utf8_lossy(name).into_owned().into(),
            (4, Value::Bytes(help)) => description.help = String::from_utf8_lossy(help).into_owned().into(),
            (5, Value::Bytes(unit)) => description.unit = String::from_utf8_lossy(unit).into_owned().into(),
            _ => {}
        }
    }
    description
}

/// The kind for a metadata type number. Those with parts (histogram 3, gauge histogram 4, summary 5) have none of
/// their own.
fn kind_of(number: u64) -> Kind {
    match number {
        1 => Kind::Counter,
        2 | 6 | 7 => Kind::Gauge,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
pub(crate) mod tests;
