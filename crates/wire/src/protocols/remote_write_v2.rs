//! Prometheus remote write 2.0: as version 1, but every text stands once in a table and is named by its place there. The
//! body comes here without its snappy frame.
//!
//! ```text
//! Request    { 4: symbol*  5: TimeSeries* }            the first symbol is empty
//! TimeSeries { 1: label*  2: Sample*  3: Histogram*  4: Exemplar*  5: Metadata  6: created }
//! label      := name's place, value's place            a run of varints
//! Metadata   { 1: type  3: help's place  4: unit's place }
//! ```
//!
//! Samples and native histograms are those of version 1. Exemplars are left out and counted as skipped; creation times are
//! not kept.

use super::Protocol;
use super::remote_write::histogram::Histogram;
use super::remote_write::sample;
use crate::Context;
use crate::protobuf::{Field, Fields, Value, packed_varints};
use model::{Batch, Description, Kind, LabelsBuilder, NAME, Position, Report};
use std::collections::HashSet;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "remote_write_v2",
    summary: "Prometheus remote write 2.0",
    media_types: &["application/x-protobuf;proto=io.prometheus.write.v2.Request"],
    paths: &["/api/v1/write"],
    // up{instance="web1:9100"} 1 at 1700000000000
    example: b"\x22\x00\x22\x08__name__\x22\x02up\x22\x08instance\x22\x09web1:9100\x2a\x18\x0a\x04\x01\x02\x03\x04\x12\x10\x09\x00\x00\x00\x00\x00\x00\xf0?\x10\x80\xd0\x95\xff\xbc1",
    decode,
};

/// What of a request was written, as the answer's headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Samples that were plain ones.
    pub samples: u64,
    /// Native histograms.
    pub histograms: u64,
}

/// Decodes a message; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    decode_counting(input, context, out).0
}

/// The same, with what the answer has to tell.
pub fn decode_counting(input: &[u8], context: &Context<'_>, out: &mut Batch) -> (Report, Written) {
    let mut report = Report::default();
    let mut decoder =
        Decoder { context, symbols: Vec::new(), labels: LabelsBuilder::default(), told: HashSet::new() };
    if let Some(at) = Fields::new(input).first_error() {
        report.reject(Position::Byte(at), "not a remote-write message");
        return (report, Written::default());
    }
    let fields = || Fields::new(input).map_while(Result::ok);
    decoder.symbols.extend(fields().filter_map(|field| match field {
        Field { number: 4, value: Value::Bytes(text) } => Some(text),
        _ => None,
    }));
    if decoder.symbols.first().is_some_and(|symbol| !symbol.is_empty()) {
        report.reject(Position::Whole, "the first symbol is not empty");
        return (report, Written::default());
    }
    let (mut written, mut number) = (Written::default(), 0);
    for field in fields() {
        if let Field { number: 5, value: Value::Bytes(bytes) } = field {
            number += 1;
            if let Err(why) = decoder.series(bytes, out, &mut report, &mut written) {
                report.reject(Position::Item(number), why);
            }
        }
    }
    (report, written)
}

struct Decoder<'a> {
    context: &'a Context<'a>,
    symbols: Vec<&'a [u8]>,
    labels: LabelsBuilder,
    /// Places of names that were described.
    told: HashSet<Vec<u8>>,
}

impl<'a> Decoder<'a> {
    fn series(
        &mut self,
        bytes: &'a [u8],
        out: &mut Batch,
        report: &mut Report,
        written: &mut Written,
    ) -> Result<(), String> {
        let (mut samples, mut histograms, mut kind) = (Vec::new(), Vec::new(), Kind::Unknown);
        let mut metadata = None;
        self.labels.clear();
        for field in Fields::new(bytes) {
            let Field { number, value } = field.map_err(|at| format!("broken at byte {at} of the series"))?;
            match (number, value) {
                (1, value) => self.labels_of(value)?,
                (2, Value::Bytes(bytes)) => samples.push(sample(bytes)?),
                (3, Value::Bytes(bytes)) => histograms.push(Histogram::read(bytes)?),
                (4, Value::Bytes(_)) => report.skipped += 1,
                (5, Value::Bytes(bytes)) => metadata = Some(bytes),
                _ => {}
            }
        }
        if let Some(metadata) = metadata {
            kind = self.describe(metadata, out)?;
        }
        if !samples.is_empty() {
            let slot = self.context.add_series(out, &mut self.labels, kind).map_err(|e| e.to_string())?;
            for (time_ms, value) in &samples {
                out.sample(slot, *time_ms, *value);
            }
            report.accepted += samples.len() as u64;
            written.samples += samples.len() as u64;
        }
        for histogram in histograms {
            let result = histogram.add(self.context, &self.labels, out, &mut report.accepted);
            result?;
            written.histograms += 1;
        }
        Ok(())
    }

    fn labels_of(&mut self, value: Value<'_>) -> Result<(), String> {
        let mut places = Vec::new();
        packed_varints(value, |place| places.push(place)).ok_or("broken labels")?;
        let (pairs, rest) = places.as_chunks();
        if !rest.is_empty() {
            return Err("a label without a value".to_owned());
        }
        for [name, value] in pairs {
            let (name, value) = (symbol(&self.symbols, *name)?, symbol(&self.symbols, *value)?);
            self.labels.add_bytes(name, value);
        }
        Ok(())
    }

    /// Says what the metadata tell about the series' name, once; gives the kind of this series.
    fn describe(&mut self, bytes: &[u8], out: &mut Batch) -> Result<Kind, String> {
        let (mut number, mut help, mut unit) = (0, 0, 0);
        for field in Fields::new(bytes) {
            match field.map_err(|_| "broken metadata")? {
                Field { number: 1, value: Value::Varint(kind) } => number = kind,
                Field { number: 3, value: Value::Varint(place) } => help = place,
                Field { number: 4, value: Value::Varint(place) } => unit = place,
                _ => {}
            }
        }
        let name = self.labels.get(NAME).unwrap_or_default();
        let kind = kind_of(number, name);
        // Text that is not UTF-8 is mended, because nothing depends on it.
        let text =
            |place| symbol(&self.symbols, place).map(|text| String::from_utf8_lossy(text).into_owned());
        let (help, unit) = (text(help)?, text(unit)?);
        if !name.is_empty() && (number > 0 || !help.is_empty()) && self.told.insert(name.as_bytes().to_vec())
        {
            out.dictionary.describe(Description {
                metric: name.to_owned().into(),
                kind,
                unit: unit.into(),
                help: help.into(),
            });
        }
        Ok(kind)
    }
}

fn symbol<'a>(symbols: &[&'a [u8]], place: u64) -> Result<&'a [u8], String> {
    let found = usize::try_from(place).ok().and_then(|place| symbols.get(place));
    // A message without symbols may still say "no help".
    found.copied().or((place == 0).then_some(&[][..])).ok_or_else(|| format!("there is no symbol {place}"))
}

/// The kind for a type number; the parts of histograms and summaries count, but for quantiles.
fn kind_of(number: u64, name: &str) -> Kind {
    let is_part = ["_bucket", "_count", "_sum"].iter().any(|suffix| name.ends_with(suffix));
    match number {
        1 => Kind::Counter,
        2 | 4 | 6 | 7 => Kind::Gauge,
        3 | 5 if is_part => Kind::Counter,
        5 => Kind::Gauge,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
pub(crate) mod tests;
