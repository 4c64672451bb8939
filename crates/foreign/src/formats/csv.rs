//! Tables as text: one line a time, or one line a sample.
//!
//! ```text
//! time,host,load1,load5           a column a metric; columns of text are labels
//! series,time,value               a line a sample, the series as `name{label="value"}` (what we write)
//! metric,host,time,value          a line a sample; what is neither metric, time nor value is a label
//! ```
//!
//! A line is a record: quotes may hold separators and doubled quotes, but no line end, so that a broken line costs
//! itself only. Empty cells are no samples.

mod cells;
mod layout;
mod read;
mod time;
mod write;

use crate::{Format, Sight, Writing};
use cells::Cells;

/// The row in the table: read in any layout, written as a line a sample.
pub const CSV: Format = Format {
    name: "csv",
    summary: "Comma-separated values; written with a line a sample",
    endings: &[".csv", ".tsv"],
    sniff,
    options: &[
        "time",
        "time-unit",
        "value",
        "label-column",
        "metric",
        "kind",
        "separator",
        "decimal-comma",
        "no-header",
        "times",
    ],
    read: Some(read::read),
    write: Some(Writing::Series(write::start_long)),
};

/// The row in the table for writing a column a series.
pub const CSV_WIDE: Format = Format {
    name: "csv-wide",
    summary: "Comma-separated values with a column a series",
    endings: &[],
    sniff: |_| false,
    options: &["separator", "times"],
    read: None,
    write: Some(Writing::Rows(write::start_wide)),
};

/// A name that says so, or two lines with the same number of separators and something that is a time in the second.
fn sniff(sight: &Sight<'_>) -> bool {
    if sight.is_folder || sight.head.contains(&0) {
        return false;
    }
    if sight.ends_in(CSV.endings) {
        return true;
    }
    let mut lines = sight.head.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    let separator = cells::likely_separator(first);
    let (mut a, mut b) = (Cells::new(separator), Cells::new(separator));
    if a.split(first).is_err() || b.split(second).is_err() || a.len() < 2 || a.len() != b.len() {
        return false;
    }
    (0..b.len()).any(|at| time::looks_like_time(b.get(at)))
}
