//! Graphite's plaintext protocol, with tags.
//!
//! ```text
//! line  := path blank+ value [blank+ time]        one a line, LF or CR LF, the last line end may be missing
//! path  := name (";" tag "=" value)*              carbon's tags
//!        | name "{" tag "=" "\"" text "\"" ("," tag "=" "\"" text "\"")* "}"      the same, as OpenMetrics writes them
//! value := a decimal number | "nan"
//! time  := Unix seconds, with a fraction if need be | "-1" | "N"
//! ```
//!
//! * The name, dots and all, is the metric name; tags become labels. Names without tags stay as they are: nothing says
//!   which of their parts is a host.
//! * A line without time, with `-1` (as carbon has it) or `N` (as collectd's scripts have it) is of now.
//! * `nan` is no value: it is left out and counted as skipped, as carbon does. Infinite values are refused.
//! * Tags obey Graphite's rules: a name is not empty and has none of `;!^=`; a value is not empty, has no `;` and does
//!   not start with `~`. Of equal tags the last counts. The tag `__name__`, which is taken, becomes `exported___name__`.

pub mod encode;
pub(crate) mod path;

pub use encode::{Encoder, Template};

use super::Protocol;
use crate::known::Known;
use crate::{Context, lines, number};
use model::{Batch, Kind, LabelsBuilder, Position, Report};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "graphite",
    summary: "Graphite's plaintext lines `path value time`, with tags",
    media_types: &["text/plain"],
    paths: &["/api/v1/import/graphite"],
    example: b"disk.used;host=web1;rack=a1 42.5 1700000000\n",
    decode,
};

/// The last second of the year 9999; a time behind it is not in seconds.
const TIME_S_MAX: f64 = 253_402_300_799.0;

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    Decoder::default().decode(input, context, out)
}

/// Decodes the lines of senders that come again, and remembers the paths they wrote as long as the batch keeps its
/// dictionary. The context's labels must stay the same.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
    labels: LabelsBuilder,
    needs_time: bool,
}

impl Decoder {
    /// Refuses a line without a time, as carbon does, rather than take it as of now: where a stream may end in the middle
    /// of a line, half of one must not become a sample.
    pub fn of_streams() -> Self {
        Self { needs_time: true, ..Self::default() }
    }

    /// Decodes lines; see the module's text.
    pub fn decode(&mut self, input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
        self.known.follow(out);
        let mut report = Report::default();
        let (mut rest, mut number) = (input, 0);
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            number += 1;
            match self.quick(line, out) {
                Some(()) => report.accepted += 1,
                None => self.slow(number, line, context, out, &mut report),
            }
        }
        report
    }

    /// Takes a line of the most usual shape whose path is known.
    #[inline]
    fn quick(&mut self, line: &[u8], out: &mut Batch) -> Option<()> {
        let path_end = memchr::memchr(b' ', line)?;
        let (path, numbers) = (&line[..path_end], &line[path_end + 1..]);
        let value_end = memchr::memchr(b' ', numbers)?;
        let time_ms = whole_seconds(&numbers[value_end + 1..])? * 1000;
        let value = number::finite_bytes(&numbers[..value_end])?;
        out.sample(self.known.get(path)?, time_ms, value);
        Some(())
    }

    /// Takes any other line, or refuses it.
    fn slow(
        &mut self,
        number: usize,
        line: &[u8],
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) {
        let taken = match lines::check(line) {
            Ok("") => return,
            Ok(line) => self.line(line, context, out),
            Err(reason) => Err(reason),
        };
        match taken {
            Ok(true) => report.accepted += 1,
            Ok(false) => report.skipped += 1,
            Err(reason) => report.reject(Position::Line(number), reason),
        }
    }

    /// Whether the line brought a value.
    fn line(&mut self, line: &str, context: &Context<'_>, out: &mut Batch) -> Result<bool, String> {
        self.labels.clear();
        let numbers = path::read(line, &mut self.labels)?;
        let (value, time_ms) = self.read_numbers(numbers, context.now_ms)?;
        let Some(value) = value else { return Ok(false) };
        let slot = context.add_series(out, &mut self.labels, Kind::Unknown).map_err(|e| e.to_string())?;
        self.known.insert(&line.as_bytes()[..line.len() - numbers.len()], slot);
        out.sample(slot, time_ms, value);
        Ok(true)
    }

    /// What follows the path: a value, `None` for one that is not a number, and the time in Unix milliseconds.
    fn read_numbers(&self, text: &str, now_ms: i64) -> Result<(Option<f64>, i64), String> {
        let mut words = text.split_ascii_whitespace();
        let value = words.next().ok_or("expected `path value time`, there is no value")?;
        let time_ms = match words.next() {
            Some(time) => read_time(time, now_ms)?,
            None if self.needs_time => return Err("expected `path value time`, there is no time".to_owned()),
            None => now_ms,
        };
        match words.next() {
            Some(more) => Err(format!("expected `path value time`, then came `{more}`")),
            None => Ok((read_value(value)?, time_ms)),
        }
    }
}

/// Unix seconds of at most ten digits and nothing else, but for the CR of a line end.
#[inline]
fn whole_seconds(text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"\r").unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    digits.iter().try_fold(0, |seconds, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| seconds * 10 + i64::from(digit))
    })
}

fn read_value(text: &str) -> Result<Option<f64>, String> {
    if text.eq_ignore_ascii_case("nan") {
        return Ok(None);
    }
    number::finite(text).map(Some).ok_or_else(|| format!("value `{text}` is not a finite decimal number"))
}

fn read_time(text: &str, now_ms: i64) -> Result<i64, String> {
    if text == "N" {
        return Ok(now_ms);
    }
    let wrong = || format!("time `{text}` is not a number of seconds, -1 or N");
    time_ms(number::finite(text).ok_or_else(wrong)?, now_ms).map_err(|why| match why {
        TimeError::Negative => wrong(),
        TimeError::TooLate => format!("time `{text}` is behind the year 9999; it must be in seconds"),
    })
}

/// Why a number of seconds is no time.
pub(crate) enum TimeError {
    Negative,
    TooLate,
}

/// Carbon's times: Unix seconds; -1 with any fraction is now.
pub(crate) fn time_ms(seconds: f64, now_ms: i64) -> Result<i64, TimeError> {
    if seconds.trunc() == -1.0 {
        Ok(now_ms)
    } else if seconds < 0.0 {
        Err(TimeError::Negative)
    } else if seconds > TIME_S_MAX {
        Err(TimeError::TooLate)
    } else {
        Ok((seconds * 1000.0).round() as i64)
    }
}

#[cfg(test)]
mod tests;
