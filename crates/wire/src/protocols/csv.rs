//! Tables as text, a line a row. What the columns are is said by the first line, or by a format in VictoriaMetrics' words.
//!
//! ```text
//! time,metric,value,host,…        a line a sample: what is neither time, metric nor value is a label
//! time,series,value               the series as name{label="value"}, as our own export writes it
//! time,host,load1,load5           without a column `value`: columns whose first cell is a number are metrics, others labels
//!
//! 1:label:ticker,2:metric:ask,3:metric:bid,4:time:unix_s          column:kind:name, columns from 1
//! ```
//!
//! Times are RFC 3339, or numbers: of seconds up to ten digits, of milliseconds up to thirteen, then of micro- and
//! nanoseconds; a format says which of `unix_s`, `unix_ms`, `unix_us`, `unix_ns` and `rfc3339` they are. Without a column of
//! times all is of now. Cells may be in double quotes, a doubled one stands for one; a line is a row, so that a broken one
//! costs itself only. An empty cell is no sample.

mod cells;
mod columns;

use super::Protocol;
use super::prometheus_text::page;
use crate::{Context, lines, number};
use cells::Cells;
use columns::Role;
use model::{Batch, Kind, LabelsBuilder, NAME, Position, Report, Zone, timetext};

pub use columns::{COLUMNS_MAX, Columns, TimeFormat};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "csv",
    summary: "Comma-separated values with a line of names, or columns named by `?format=`",
    media_types: &["text/csv"],
    paths: &["/api/v1/import/csv"],
    example: b"time,metric,value,host\n1700000000,load1,0.97,web1\n",
    decode,
};

/// Decodes rows below a line of names; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    let (mut names, mut rest) = (Cells::default(), input);
    let mut skipped_lines = 0;
    // The first line that is not blank has the names, and the one after it shows which columns are numbers.
    let header = loop {
        if rest.is_empty() {
            return report;
        }
        let line = take_line(&mut rest);
        skipped_lines += 1;
        if !line.trim_ascii().is_empty() {
            break line;
        }
    };
    let columns = match std::str::from_utf8(header).map_err(|e| e.to_string()).and_then(|text| {
        names.split(text.trim_ascii())?;
        let mut first = Cells::default();
        let second =
            rest.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        // A first row that cannot be read is told below; then its columns are taken for labels.
        let _ = std::str::from_utf8(second)
            .map_err(|e| e.to_string())
            .and_then(|text| first.split(text.trim_ascii()));
        Columns::of_header(&names, &first)
    }) {
        Ok(columns) => columns,
        Err(why) => {
            report.reject(Position::Line(skipped_lines), why);
            return report;
        }
    };
    rows(rest, skipped_lines, &columns, context, out, &mut report);
    report
}

/// Decodes rows whose columns are known.
pub fn decode_by(columns: &Columns, input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    rows(input, 0, columns, context, out, &mut report);
    report
}

fn take_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = &rest[..end];
    *rest = rest.get(end + 1..).unwrap_or_default();
    line
}

/// Decodes rows; their lines are counted from `before + 1` on.
fn rows(
    input: &[u8],
    before: usize,
    columns: &Columns,
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) {
    let (mut cells, mut labels) = (Cells::default(), LabelsBuilder::default());
    let mut own = Report::default();
    lines::for_each(input, &mut own, |_, line, report| {
        cells.split(line)?;
        row(&cells, columns, &mut labels, context, out, report)
    });
    for rejection in &mut own.reasons {
        if let Position::Line(number) = &mut rejection.position {
            *number += before;
        }
    }
    report.merge(own);
}

fn row(
    cells: &Cells,
    columns: &Columns,
    labels: &mut LabelsBuilder,
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<(), String> {
    if cells.len() < columns.width() {
        return Err(format!("{} cells, {} are needed", cells.len(), columns.width()));
    }
    let (mut time_ms, mut name) = (context.now_ms, "");
    labels.clear();
    for (at, role) in columns.roles() {
        let cell = cells.get(*at).trim_ascii();
        match role {
            Role::Time(format) => time_ms = time_of(cell, *format, context.now_ms)?,
            Role::Name => name = cell,
            Role::Series => page::labels(cell, labels)?,
            Role::Label(label) => _ = labels.set(label, cell),
            Role::Value(_) => {}
        }
    }
    let mut values = Vec::new();
    for (at, role) in columns.roles() {
        let (Role::Value(metric), cell) = (role, cells.get(*at).trim_ascii()) else { continue };
        if cell.is_empty() {
            report.skipped += 1;
            continue;
        }
        let value = number::prometheus(cell).ok_or_else(|| format!("value `{cell}` is not a number"))?;
        values.push((metric, value));
    }
    for (metric, value) in values {
        let name = if name.is_empty() { metric.as_str() } else { name };
        if !name.is_empty() {
            labels.set(NAME, name);
        }
        if labels.get(NAME).is_none() {
            return Err("a sample without a metric".to_owned());
        }
        let slot = context.add_series(out, labels, Kind::Unknown).map_err(|e| e.to_string())?;
        out.sample(slot, time_ms, value);
        report.accepted += 1;
    }
    Ok(())
}

fn time_of(cell: &str, format: TimeFormat, now_ms: i64) -> Result<i64, String> {
    let wrong = || format!("time `{cell}` is not {}", format.words());
    if cell.is_empty() {
        return Err("the time is missing".to_owned());
    }
    let Some(number) = number::finite(cell).filter(|_| format != TimeFormat::Rfc3339) else {
        let is_date = cell.len() >= 10 && cell.as_bytes()[4] == b'-';
        let may = is_date && matches!(format, TimeFormat::Any | TimeFormat::Rfc3339);
        let parsed = may.then(|| timetext::parse(cell, now_ms, &Zone::utc()).ok()).flatten();
        return parsed.ok_or_else(wrong);
    };
    let ms = number * format.ms_in_one(number);
    if ms.abs() < 9_007_199_254_740_992.0 { Ok(ms.round() as i64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests;
