//! The one time grammar: how people and dashboards write instants.
//!
//! ```text
//! text      := epoch | instant "||"? steps | reference steps
//! epoch     := digits                               seconds; milliseconds from 12 digits on; YYYYMMDD when that is a date
//! instant   := YYYY-MM-DD ((" " | "T") HH:MM (":" SS ("." fraction)?)? zone?)?
//! reference := "now" | time? day?                   nothing: now
//! time      := HH:MM (":" SS)? | H "am" | H "pm" | noon | midnight | teatime          teatime is 16:00
//! day       := today | yesterday | tomorrow | weekday | month D | MM/DD/YY | MM/DD/YYYY | YYYYMMDD
//! steps     := (sign N unit | "/" unit)*            "/d": the start of the day
//! ```
//!
//! A day follows its time after a space, `_` or nothing (`14:00_20261121`, `noon yesterday`). A day without a time is its
//! midnight in the given zone, a time without a day is today's. Case does not matter but in `m` and `M`. Units: `ms s m min h d w M mon Q y` and words. `M Q y` follow the calendar; `d` is 24 hours,
//! `mon` and words for months are 30 days and words for years 365 days, as in Graphite. A unit needs no number after a
//! sign (`now-h`), and numbers after the first need no sign of their own (`-1d3h`).

mod day;
mod steps;

use crate::Zone;
use jiff::civil::{Date, DateTime, Time};
use std::fmt;

/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 200;

/// A text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeTextError {
    /// The text.
    pub text: String,
    /// What is wrong with it: half a sentence.
    pub reason: String,
}

impl TimeTextError {
    fn new(text: &str, reason: impl Into<String>) -> Self {
        Self { text: text.chars().take(TEXT_BYTES_MAX).collect(), reason: reason.into() }
    }
}

impl fmt::Display for TimeTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a time: {}", self.text, self.reason)
    }
}

impl std::error::Error for TimeTextError {}

/// Which end of a unit `/d` and its like mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// The instant a text means, in Unix milliseconds, for the start of a range: `now/d` is the start of today.
pub fn parse(text: &str, now_ms: i64, zone: &Zone) -> Result<i64, TimeTextError> {
    read(text, now_ms, zone, Edge::Start)
}

/// The instant a text means for the end of a range: `now/d` is the last millisecond of today.
pub fn parse_end(text: &str, now_ms: i64, zone: &Zone) -> Result<i64, TimeTextError> {
    read(text, now_ms, zone, Edge::End)
}

/// An instant as RFC 3339 in universal time (`2026-11-21T14:00:00Z`), which [`parse`] reads again. Instants beyond the
/// calendar's ends are written as milliseconds.
pub fn print(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| time_ms.to_string(), |t| t.to_string())
}

/// A length of time for people: the largest unit that fits and the next one, such as `2h 5m`, `90d` or `250ms`; what is
/// smaller is left out.
pub fn span(length_ms: i64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    let length_ms_abs = length_ms.unsigned_abs();
    let at = UNITS.iter().position(|(unit, _)| length_ms_abs >= *unit).unwrap_or(UNITS.len() - 1);
    let (unit, name) = UNITS[at];
    let mut text = format!("{}{}{name}", if length_ms < 0 { "-" } else { "" }, length_ms_abs / unit);
    if let Some((next, name)) = UNITS.get(at + 1).filter(|(next, _)| length_ms_abs % unit >= *next) {
        text.push_str(&format!(" {}{name}", length_ms_abs % unit / next));
    }
    text
}

fn read(text: &str, now_ms: i64, zone: &Zone, edge: Edge) -> Result<i64, TimeTextError> {
    let wrong = |reason: &str| TimeTextError::new(text, reason);
    if text.len() > TEXT_BYTES_MAX {
        return Err(wrong("it is too long"));
    }
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(wrong("it is empty"));
    }
    if let Some(instant_ms) = epoch(trimmed, zone) {
        return Ok(instant_ms);
    }
    if let Some((instant_ms, rest)) = iso_and_rest(trimmed, zone) {
        return steps::apply(rest, instant_ms, zone, edge).map_err(|reason| wrong(&reason));
    }
    if trimmed.contains("||") {
        return Err(wrong("what stands before || must be a date such as 2026-11-21"));
    }
    let split = steps::start(trimmed);
    let (reference, rest) = trimmed.split_at(split);
    let reference_ms = day::reference(reference, now_ms, zone).map_err(|reason| wrong(&reason))?;
    steps::apply(rest, reference_ms, zone, edge).map_err(|reason| wrong(&reason))
}

// Seconds, or milliseconds from 12 digits on (seconds of that many digits are 3000 years away), or a date.
fn epoch(text: &str, zone: &Zone) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    if whole.len() == 8
        && fraction.is_empty()
        && let Some(date) = compact_date(whole)
    {
        return Some(zone.instant_ms(date.to_datetime(Time::midnight())));
    }
    if whole.len() >= 12 {
        return whole.parse().ok();
    }
    let seconds: i64 = whole.parse().ok()?;
    let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(seconds * 1000 + thousandths)
}

fn compact_date(digits: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    Date::new(part(0..4)?, part(4..6)? as i8, part(6..8)? as i8).ok()
}

// A date that steps follow, after `||` (Elasticsearch) or at once. A sign may also begin an offset (`+01:00`): the
// longest piece that is an instant counts.
fn iso_and_rest<'a>(text: &'a str, zone: &Zone) -> Option<(i64, &'a str)> {
    if let Some((instant, rest)) = text.split_once("||") {
        return Some((iso(instant, zone)?, rest));
    }
    let signs = text.char_indices().rev().filter(|(at, c)| *at >= 10 && matches!(c, '+' | '-' | '/'));
    let ends = std::iter::once(text.len()).chain(signs.map(|(at, _)| at));
    ends.into_iter().find_map(|end| Some((iso(&text[..end], zone)?, &text[end..])))
}

// ISO 8601, with a space or T between date and time; without an offset it is local time.
fn iso(text: &str, zone: &Zone) -> Option<i64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let has_time = bytes.len() > 10;
    if has_time && !matches!(bytes[10], b'T' | b't' | b' ' | b'_') {
        return None;
    }
    let mut text = text.to_owned();
    if has_time {
        text.replace_range(10..11, "T");
    }
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    if text.ends_with(['Z', 'z']) {
        return None;
    }
    let local: DateTime = text.parse().ok()?;
    Some(zone.instant_ms(local))
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;
