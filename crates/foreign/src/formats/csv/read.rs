//! Reading a table line by line.

use super::cells::{Cells, likely_separator};
use super::layout::Layout;
use super::time::{self, Unit};
use crate::input::read_line;
use crate::naming::Naming;
use crate::{Error, Input, Options, Output};
use model::{Kind, LabelsBuilder, NAME, Position, Slot};
use std::collections::HashMap;
use std::path::Path;
use wire::LINE_BYTES_MAX;
use wire::protocols::prometheus_text::read_series;

/// Most series that are remembered at a time.
const SERIES_MAX: usize = 1 << 18;

/// Reads everything.
pub(super) fn read(input: &mut Input, options: &Options, out: &mut Output<'_>) -> Result<(), Error> {
    let path = input.path().to_owned();
    let stem = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .filter(|s| s != "-")
        .unwrap_or("value".into());
    let metric = metric(input.below(), options, out)?;
    let kind = match options.get("kind") {
        Some(text) => {
            Kind::parse(text).ok_or_else(|| Error::Option(format!("--kind {text}: no such kind")))?
        }
        None => Kind::Unknown,
    };
    let mut lines = Lines { reader: input.lines()?, path: &path, number: 0, line: Vec::new() };
    let Some(first) = lines.next(out)? else { return Ok(()) };
    let first_number = lines.number;
    let second = lines.next(out)?;
    let separator = separator(options, &first)?;
    let (mut cells, mut sample) = (Cells::new(separator), Cells::new(separator));
    cells.split(&first).map_err(|reason| Error::malformed(&path, reason))?;
    // A second line that is broken is told below; then the first has to say everything.
    if second.as_ref().is_none_or(|line| sample.split(line).is_err()) {
        sample = Cells::new(separator);
    }
    let layout = match Layout::find(&cells, &sample, options, (metric.as_deref(), &stem)) {
        Err(Error::Option(reason)) if options.names().next().is_none() => {
            return Err(Error::malformed(&path, reason));
        }
        found => found?,
    };
    let mut table = Table {
        unit: layout.unit.unwrap_or(Unit::Digits),
        decimal_comma: options.has("decimal-comma"),
        columns: cells.len(),
        layout,
        options,
        kind,
        series: HashMap::new(),
        key: Vec::new(),
        labels: LabelsBuilder::default(),
    };
    if !table.layout.has_header {
        table.line(&first, &mut cells, first_number, out)?;
    }
    let mut next = second;
    while let Some(line) = next {
        table.line(&line, &mut cells, lines.number, out)?;
        next = lines.next(out)?;
    }
    out.forget_series()
}

/// `--metric TEMPLATE`, filled in.
fn metric(below: &Path, options: &Options, out: &Output<'_>) -> Result<Option<String>, Error> {
    let Some(template) = options.get("metric") else { return Ok(None) };
    let mut labels = LabelsBuilder::default();
    Naming::new(below, template, out).name(&[], &mut labels)?;
    Ok(labels.get(NAME).map(str::to_owned))
}

fn separator(options: &Options, first: &[u8]) -> Result<u8, Error> {
    match options.get("separator") {
        None => Ok(likely_separator(first)),
        Some("tab") => Ok(b'\t'),
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii() && *byte != b'"' => Ok(*byte),
            _ => Err(Error::Option(format!("--separator {text}: one character, or `tab`"))),
        },
    }
}

/// A number, or nothing: `1.5`, `1,5` with `decimal_comma`, `NaN`, `+Inf`.
pub(super) fn number_of(text: &str, decimal_comma: bool) -> Option<f64> {
    if decimal_comma && text.contains(',') {
        return text.replacen(',', ".", 1).parse().ok();
    }
    text.parse().ok()
}

/// Whether a cell says that there is no value.
fn is_missing(text: &str) -> bool {
    matches!(text, "" | "-" | "null" | "NULL" | "NA" | "N/A")
}

/// The lines that are not blank.
struct Lines<'a> {
    reader: &'a mut dyn std::io::BufRead,
    path: &'a Path,
    number: usize,
    line: Vec<u8>,
}

impl Lines<'_> {
    fn next(&mut self, out: &mut Output<'_>) -> Result<Option<Vec<u8>>, Error> {
        loop {
            let read = read_line(self.reader, &mut self.line, LINE_BYTES_MAX);
            let Some(length) = read.map_err(|e| Error::io(self.path, e))? else { return Ok(None) };
            self.number += 1;
            out.passed(length as u64);
            if length > LINE_BYTES_MAX {
                let reason = format!("the line has {length} bytes, at most {LINE_BYTES_MAX} are allowed");
                out.reject(Position::Line(self.number), reason);
                continue;
            }
            // Spreadsheets mark UTF-8 at the start.
            let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line);
            if !line.trim_ascii().is_empty() && line.first() != Some(&b'#') {
                return Ok(Some(line.to_vec()));
            }
        }
    }
}

struct Table<'o> {
    layout: Layout,
    unit: Unit,
    decimal_comma: bool,
    columns: usize,
    options: &'o Options,
    kind: Kind,
    /// Slots by value column and the cells that name the series.
    series: HashMap<Vec<u8>, Slot>,
    key: Vec<u8>,
    labels: LabelsBuilder,
}

impl Table<'_> {
    fn line(
        &mut self,
        line: &[u8],
        cells: &mut Cells,
        number: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Error> {
        let position = Position::Line(number);
        if let Err(reason) = cells.split(line) {
            out.reject(position, reason);
            return Ok(());
        }
        if cells.len() != self.columns {
            out.reject(position, format!("{} cells, the first line has {}", cells.len(), self.columns));
            return Ok(());
        }
        let time = cells.get(self.layout.time);
        let time_ms = match time::read(time, self.unit, &self.options.zone, self.options.now_ms) {
            Ok(time_ms) => time_ms,
            Err(reason) => {
                out.reject(position, reason);
                return Ok(());
            }
        };
        for at in 0..self.layout.values.len() {
            let column = self.layout.values[at].0;
            let text = cells.get(column);
            if is_missing(text) {
                continue;
            }
            let Some(value) = number_of(text, self.decimal_comma) else {
                let hint = if text.contains(',') { " (--decimal-comma?)" } else { "" };
                out.reject(position, format!("`{text}` in column {} is not a number{hint}", column + 1));
                continue;
            };
            match self.slot(at, cells, out)? {
                Ok(slot) => out.sample(slot, time_ms, value)?,
                Err(reason) => out.reject(position, reason),
            }
        }
        Ok(())
    }

    fn slot(
        &mut self,
        at: usize,
        cells: &Cells,
        out: &mut Output<'_>,
    ) -> Result<Result<Slot, String>, Error> {
        self.key.clear();
        self.key.extend_from_slice(&(at as u32).to_le_bytes());
        let naming = self.layout.labels.iter().map(|(column, _)| *column);
        for column in naming.chain(self.layout.series).chain(self.layout.metric) {
            self.key.extend_from_slice(cells.get(column).as_bytes());
            self.key.push(0);
        }
        if let Some(slot) = self.series.get(self.key.as_slice()) {
            return Ok(Ok(*slot));
        }
        if self.series.len() >= SERIES_MAX {
            out.forget_series()?;
            self.series.clear();
        }
        if let Err(reason) = self.name(at, cells) {
            return Ok(Err(reason));
        }
        match out.series(&mut self.labels, self.kind) {
            Err(error) => Ok(Err(error.to_string())),
            Ok(slot) => {
                self.series.insert(self.key.clone(), slot);
                Ok(Ok(slot))
            }
        }
    }

    /// Puts together what the series is called.
    fn name(&mut self, at: usize, cells: &Cells) -> Result<(), String> {
        self.labels.clear();
        let series = match (self.layout.series, self.layout.metric) {
            (Some(column), _) => cells.get(column),
            (None, Some(column)) => cells.get(column),
            // A header that is a whole series, as we write them.
            (None, None) => &self.layout.values[at].1,
        };
        let is_whole = self.layout.series.is_some() || series.contains('{');
        if !is_whole || read_series(series, &mut self.labels).is_err() {
            if self.layout.series.is_some() {
                return Err(format!("`{series}` is not a series"));
            }
            self.labels.clear();
            self.labels.add(NAME, series);
        }
        for (column, name) in &self.layout.labels {
            let value = cells.get(*column);
            if !value.is_empty() {
                self.labels.set(name, value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
