//! JSON lines, as VictoriaMetrics exports and imports them: a piece of one series a line.
//!
//! ```text
//! {"metric":{"__name__":"up","job":"a"},"values":[1,null,"NaN"],"timestamps":[1700000000000, …]}
//! ```
//!
//! `"kind":"counter"` and the like may stand between. Times are Unix milliseconds. `null` says that the series ends there; NaN and the infinities are strings.

use crate::input::read_line;
use crate::{Error, Format, Input, Options, Output, SeriesWriter, Sight, Writing};
use model::{Description, Kind, LabelsBuilder, Position, Series};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use wire::json::{self, Reader, write_string};

/// The row in the table.
pub const FORMAT: Format = Format {
    name: "json",
    summary: "JSON lines, a piece of one series each (VictoriaMetrics)",
    endings: &[".jsonl"],
    sniff,
    options: &[],
    read: Some(read),
    write: Some(Writing::Series(start)),
};

/// Longest line that is read, in bytes; some hundred thousand samples.
const LINE_BYTES_MAX: usize = 32 << 20;
/// Most samples a line that is written has.
const LINE_SAMPLES_MAX: usize = 10_000;

fn sniff(sight: &Sight<'_>) -> bool {
    let start: Vec<u8> = sight.head.iter().copied().filter(|b| !b.is_ascii_whitespace()).take(10).collect();
    !sight.is_folder && start == b"{\"metric\":"
}

fn read(input: &mut Input, _: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let path = input.path().to_owned();
    let reader = input.lines()?;
    let (mut bytes, mut number, mut line) = (Vec::new(), 0, Line::default());
    while let Some(length) = read_line(reader, &mut bytes, LINE_BYTES_MAX).map_err(|e| Error::io(&path, e))? {
        number += 1;
        out.passed(length as u64);
        if length > LINE_BYTES_MAX {
            let reason = format!("the line has {length} bytes, at most {LINE_BYTES_MAX} are allowed");
            out.reject(Position::Line(number), reason);
            continue;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if let Err(reason) = line.read(&bytes) {
            out.reject(Position::Line(number), reason);
            continue;
        }
        match out.next_series(&mut line.labels, line.kind)? {
            Err(reason) => out.reject(Position::Line(number), reason),
            Ok(slot) => {
                for (&time_ms, &value) in line.times_ms.iter().zip(&line.values) {
                    out.sample(slot, time_ms, value)?;
                }
            }
        }
    }
    out.forget_series()
}

/// What a line says.
#[derive(Default)]
pub struct Line {
    /// Name and labels of the series.
    pub labels: LabelsBuilder,
    /// What its numbers mean.
    pub kind: Kind,
    /// Values, one a time.
    pub values: Vec<f64>,
    /// Unix milliseconds.
    pub times_ms: Vec<i64>,
    bad_value: Option<String>,
}

impl Line {
    /// Reads a line; the error is for people.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.decode(bytes).map_err(|e| e.to_string())?;
        self.check()
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<(), json::Error> {
        self.labels.clear();
        self.kind = Kind::Unknown;
        self.values.clear();
        self.times_ms.clear();
        self.bad_value = None;
        let mut reader = Reader::new(bytes);
        reader.object()?;
        while let Some(field) = reader.field()? {
            match &*field {
                "metric" => {
                    reader.object()?;
                    while let Some(name) = reader.field()? {
                        self.labels.add(&name, &reader.string()?);
                    }
                }
                "kind" => self.kind = Kind::parse(&reader.string()?).unwrap_or_default(),
                "values" => {
                    reader.array()?;
                    while reader.element()? {
                        self.value(&mut reader)?;
                    }
                }
                "timestamps" => {
                    reader.array()?;
                    while reader.element()? {
                        let text = reader.number()?;
                        match text.parse() {
                            Ok(time_ms) => self.times_ms.push(time_ms),
                            Err(_) => self.bad_value = Some(text.to_owned()),
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        reader.end()
    }

    fn value(&mut self, reader: &mut Reader<'_>) -> Result<(), json::Error> {
        let value = match reader.peek()? {
            json::Kind::Null => {
                reader.null()?;
                Some(model::STALE)
            }
            json::Kind::String => {
                let text = reader.string()?;
                let value = match &*text {
                    "NaN" => Some(f64::NAN),
                    "Infinity" | "+Inf" => Some(f64::INFINITY),
                    "-Infinity" | "-Inf" => Some(f64::NEG_INFINITY),
                    _ => None,
                };
                if value.is_none() {
                    self.bad_value = Some(text.into_owned());
                }
                value
            }
            _ => reader.number()?.parse().ok(),
        };
        self.values.push(value.unwrap_or(f64::NAN));
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if let Some(text) = &self.bad_value {
            return Err(format!("`{text}` is not a number"));
        }
        if self.values.len() != self.times_ms.len() {
            return Err(format!("{} values and {} timestamps", self.values.len(), self.times_ms.len()));
        }
        Ok(())
    }
}

/// Starts a writer.
pub fn start<'w>(out: &'w mut dyn Write, _: &Options) -> Result<Box<dyn SeriesWriter + 'w>, Error> {
    Ok(Box::new(Lines { out, metric: String::new(), text: String::new() }))
}

struct Lines<'w> {
    out: &'w mut dyn Write,
    metric: String,
    text: String,
}

impl SeriesWriter for Lines<'_> {
    fn series(&mut self, series: &Series, _: Option<&Description>) -> Result<(), Error> {
        self.metric.clear();
        for (name, value) in series.labels.iter() {
            self.metric.push(if self.metric.is_empty() { '{' } else { ',' });
            write_string(&mut self.metric, name);
            self.metric.push(':');
            write_string(&mut self.metric, value);
        }
        self.metric.push_str(if self.metric.is_empty() { "{}" } else { "}" });
        if series.kind != Kind::Unknown {
            let _infallible = write!(self.metric, ",\"kind\":\"{}\"", series.kind.as_str());
        }
        Ok(())
    }

    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error> {
        for (times_ms, values) in times_ms.chunks(LINE_SAMPLES_MAX).zip(values.chunks(LINE_SAMPLES_MAX)) {
            self.text.clear();
            let _infallible = write!(self.text, "{{\"metric\":{},\"values\":", self.metric);
            let separators = || std::iter::once('[').chain(std::iter::repeat(','));
            for (separator, &value) in separators().zip(values) {
                self.text.push(separator);
                write_value(&mut self.text, value);
            }
            self.text.push_str("],\"timestamps\":");
            for (separator, time_ms) in separators().zip(times_ms) {
                self.text.push(separator);
                let _infallible = write!(self.text, "{time_ms}");
            }
            self.text.push_str("]}\n");
            self.out.write_all(self.text.as_bytes()).map_err(|e| Error::io(Path::new("output"), e))?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn write_value(out: &mut String, value: f64) {
    match value {
        value if model::is_stale(value) => out.push_str("null"),
        value if value.is_nan() => out.push_str("\"NaN\""),
        f64::INFINITY => out.push_str("\"Infinity\""),
        f64::NEG_INFINITY => out.push_str("\"-Infinity\""),
        value => wire::protocols::prometheus_text::write_number(out, value),
    }
}
