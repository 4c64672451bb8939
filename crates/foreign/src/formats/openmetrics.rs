//! Prometheus' text exposition and OpenMetrics with time stamps: dumps of history.
//!
//! The lines are those of `wire::protocols::prometheus_text`. The two differ in the unit of times: seconds in
//! OpenMetrics, which ends with `# EOF`, milliseconds otherwise. A stream whose end cannot be seen is told by its first
//! time stamp: fewer than twelve digits, or a fraction, are seconds.

mod write;

use crate::input::read_line;
use crate::{Error, Format, Input, Options, Output, Sight, Writing};
use model::{Position, Report};
use wire::protocols::prometheus_text::Decoder;
use wire::{Context, LINE_BYTES_MAX};

/// OpenMetrics' row in the table.
pub const OPENMETRICS: Format = Format {
    name: "openmetrics",
    summary: "OpenMetrics text, times in seconds",
    endings: &[".om", ".openmetrics"],
    sniff: |sight| looks_like_exposition(sight) && times_are_seconds(sight),
    options: &[],
    read: Some(|input, options, out| read(input, options, out, true)),
    write: Some(Writing::Series(write::start)),
};

/// The older format's row in the table.
pub const PROMETHEUS_TEXT: Format = Format {
    name: "prometheus-text",
    summary: "Prometheus text exposition, times in milliseconds",
    endings: &[".prom"],
    sniff: looks_like_exposition,
    options: &[],
    read: Some(|input, options, out| read(input, options, out, false)),
    write: None,
};

/// Lines are decoded in pieces of about this size.
const PIECE_BYTES: usize = 256 << 10;

fn read(input: &mut Input, options: &Options, out: &mut Output<'_>, open_metrics: bool) -> Result<(), Error> {
    let extra = out.extra_labels().to_vec();
    let extra: Vec<(&str, &str)> = extra.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let context = Context { extra_labels: &extra, ..Context::at(options.now_ms) };
    let mut decoder = Decoder::new(open_metrics);
    let (mut piece, mut line, mut lines_before) = (Vec::new(), Vec::new(), 0);
    let path = input.path().to_owned();
    let reader = input.lines()?;
    loop {
        piece.clear();
        let mut lines = 0;
        while piece.len() < PIECE_BYTES {
            // One byte more than the decoder takes, so that it refuses the line and not we.
            let read = read_line(reader, &mut line, LINE_BYTES_MAX + 1);
            let Some(length) = read.map_err(|e| Error::io(&path, e))? else { break };
            piece.extend_from_slice(&line);
            if piece.last() != Some(&b'\n') {
                piece.push(b'\n');
            }
            lines += 1;
            out.passed(length as u64);
        }
        if lines == 0 {
            break;
        }
        out.decode(|batch| moved(decoder.lines(&piece, &context, batch), lines_before));
        out.forget_series()?;
        lines_before += lines;
    }
    decoder.finish(out.dictionary());
    out.forget_series()
}

/// A report with its line numbers counted from the start of the file.
fn moved(mut report: Report, lines_before: usize) -> Report {
    for rejection in &mut report.reasons {
        if let Position::Line(number) = &mut rejection.position {
            *number += lines_before;
        }
    }
    report
}

/// Whether the first line that says something is a comment of the format or a sample.
fn looks_like_exposition(sight: &Sight<'_>) -> bool {
    if sight.is_folder {
        return false;
    }
    let Ok(head) = std::str::from_utf8(valid_start(sight.head)) else { return false };
    let Some(line) = head.lines().map(str::trim).find(|line| !line.is_empty()) else { return false };
    let is_comment = ["# HELP ", "# TYPE ", "# UNIT ", "# EOF"].iter().any(|start| line.starts_with(start));
    is_comment || is_sample(line)
}

/// A name, perhaps labels, a number.
fn is_sample(line: &str) -> bool {
    let mut batch = model::Batch::new();
    let report = Decoder::new(true).lines(line.as_bytes(), &Context::at(0), &mut batch);
    let name = line.split(['{', ' ']).next().unwrap_or_default();
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
    report.accepted == 1 && plain && !name.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn times_are_seconds(sight: &Sight<'_>) -> bool {
    if !sight.tail.is_empty() {
        return sight.tail.trim_ascii_end().ends_with(b"# EOF");
    }
    if sight.head.trim_ascii_end().ends_with(b"# EOF") {
        return true;
    }
    let head = String::from_utf8_lossy(sight.head);
    let time = head.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let numbers = line.rsplit('}').next()?;
        numbers.split_ascii_whitespace().last().filter(|_| numbers.split_ascii_whitespace().count() >= 2)
    });
    time.is_some_and(|time| time.contains('.') || time.trim_start_matches('-').len() < 12)
}

/// The bytes without a character that the end of the head cut in two.
fn valid_start(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}
