//! Writing tables.

use crate::{Error, Options, RowWriter, SeriesWriter};
use model::{Description, Series, timetext};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use wire::protocols::prometheus_text::{write_number, write_series};

/// Most columns of a table; beyond, a line a sample serves better.
const COLUMNS_MAX: usize = 5_000;

/// How cells are written.
struct Form {
    separator: char,
    times: Times,
}

#[derive(Clone, Copy)]
enum Times {
    Rfc3339,
    Seconds,
    Milliseconds,
}

impl Form {
    fn of(options: &Options) -> Result<Self, Error> {
        let separator = match options.get("separator") {
            None => ',',
            Some("tab") => '\t',
            Some(text) => match text.as_bytes() {
                [byte] if byte.is_ascii_punctuation() && *byte != b'"' => char::from(*byte),
                _ => return Err(Error::Option(format!("--separator {text}: one character, or `tab`"))),
            },
        };
        let times = match options.get("times").unwrap_or("rfc3339") {
            "rfc3339" => Times::Rfc3339,
            "s" => Times::Seconds,
            "ms" => Times::Milliseconds,
            other => return Err(Error::Option(format!("--times {other}: rfc3339, s or ms"))),
        };
        Ok(Self { separator, times })
    }

    fn time(&self, out: &mut String, time_ms: i64) {
        let _infallible = match self.times {
            Times::Rfc3339 => write!(out, "{}", timetext::print(time_ms)),
            Times::Seconds if time_ms % 1000 != 0 => write!(out, "{}", time_ms as f64 / 1000.0),
            Times::Seconds => write!(out, "{}", time_ms / 1000),
            Times::Milliseconds => write!(out, "{time_ms}"),
        };
    }

    fn text(&self, out: &mut String, text: &str) {
        if !text.contains([self.separator, '"', '\n', '\r']) {
            return out.push_str(text);
        }
        out.push('"');
        for c in text.chars() {
            out.push(c);
            if c == '"' {
                out.push('"');
            }
        }
        out.push('"');
    }
}

/// Starts a table with a line a sample.
pub(super) fn start_long<'w>(
    out: &'w mut dyn Write,
    options: &Options,
) -> Result<Box<dyn SeriesWriter + 'w>, Error> {
    let form = Form::of(options)?;
    let text = format!("series{0}time{0}value\n", form.separator);
    Ok(Box::new(Long { out, form, series: String::new(), text }))
}

struct Long<'w> {
    out: &'w mut dyn Write,
    form: Form,
    series: String,
    text: String,
}

impl SeriesWriter for Long<'_> {
    fn series(&mut self, series: &Series, _: Option<&Description>) -> Result<(), Error> {
        let mut name = String::new();
        write_series(&mut name, &series.labels);
        self.series.clear();
        self.form.text(&mut self.series, &name);
        Ok(())
    }

    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error> {
        for (&time_ms, &value) in times_ms.iter().zip(values).filter(|(_, value)| !model::is_stale(**value)) {
            self.text.push_str(&self.series);
            self.text.push(self.form.separator);
            self.form.time(&mut self.text, time_ms);
            self.text.push(self.form.separator);
            write_number(&mut self.text, value);
            self.text.push('\n');
        }
        flush(self.out, &mut self.text)
    }

    fn finish(&mut self) -> Result<(), Error> {
        flush(self.out, &mut self.text)
    }
}

/// Starts a table with a column a series.
pub(super) fn start_wide<'w>(
    out: &'w mut dyn Write,
    options: &Options,
) -> Result<Box<dyn RowWriter + 'w>, Error> {
    Ok(Box::new(Wide { out, form: Form::of(options)?, text: String::new() }))
}

struct Wide<'w> {
    out: &'w mut dyn Write,
    form: Form,
    text: String,
}

impl RowWriter for Wide<'_> {
    fn columns(&mut self, series: &[Series]) -> Result<(), Error> {
        if series.len() > COLUMNS_MAX {
            return Err(Error::Unsuitable(format!(
                "{} series are too many for columns, at most {COLUMNS_MAX}; use --format csv",
                series.len()
            )));
        }
        self.text.push_str("time");
        for series in series {
            let mut name = String::new();
            write_series(&mut name, &series.labels);
            self.text.push(self.form.separator);
            self.form.text(&mut self.text, &name);
        }
        self.text.push('\n');
        flush(self.out, &mut self.text)
    }

    fn row(&mut self, time_ms: i64, values: &[Option<f64>]) -> Result<(), Error> {
        self.form.time(&mut self.text, time_ms);
        for value in values {
            self.text.push(self.form.separator);
            if let Some(value) = value.filter(|value| !model::is_stale(*value)) {
                write_number(&mut self.text, value);
            }
        }
        self.text.push('\n');
        flush(self.out, &mut self.text)
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn flush(out: &mut dyn Write, text: &mut String) -> Result<(), Error> {
    let written = out.write_all(text.as_bytes());
    text.clear();
    written.map_err(|e| Error::io(Path::new("output"), e))
}
