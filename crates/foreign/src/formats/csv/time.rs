//! Instants as tables write them.

use model::{Zone, timetext};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Told by the number of its digits.
    Digits,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Unit {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Milliseconds),
            "us" => Ok(Self::Microseconds),
            "ns" => Ok(Self::Nanoseconds),
            _ => Err(format!("--time-unit {text}: s, ms, us or ns")),
        }
    }

    /// The unit that a header ends with (`time_ms`).
    pub(super) fn of_header(header: &str) -> Self {
        let unit = header.rsplit_once('_').and_then(|(_, unit)| Self::parse(unit).ok());
        unit.unwrap_or(Self::Digits)
    }
}

/// The instant a cell means, in Unix milliseconds.
pub(super) fn read(text: &str, unit: Unit, zone: &Zone, now_ms: i64) -> Result<i64, String> {
    if let Some(number) = number(text) {
        return number.to_ms(unit).ok_or_else(|| format!("time `{text}` is beyond all calendars"));
    }
    let plain = |c: char| {
        c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | '+' | 'T' | 't' | 'Z' | 'z' | ' ' | '_')
    };
    if text.len() < 10 || !text.chars().all(plain) || text.as_bytes()[4] != b'-' {
        return Err(format!("`{text}` is not a time"));
    }
    timetext::parse(text, now_ms, zone).map_err(|error| error.to_string())
}

/// Whether a cell can only be a time: a date, or a number as large as an instant of this century.
pub(super) fn looks_like_time(text: &str) -> bool {
    match number(text) {
        Some(number) => number.whole.unsigned_abs() >= 900_000_000,
        None => read(text, Unit::Digits, &Zone::utc(), 0).is_ok(),
    }
}

struct Number<'a> {
    whole: i64,
    fraction: &'a str,
    digits: usize,
}

fn number(text: &str) -> Option<Number<'_>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty() || !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    Some(Number { whole: whole.parse().ok()?, fraction, digits: digits.len() })
}

impl Number<'_> {
    fn to_ms(&self, unit: Unit) -> Option<i64> {
        let unit = match (unit, self.digits) {
            // Seconds until the year 5138, milliseconds since 1973.
            (Unit::Digits, ..=11) => Unit::Seconds,
            (Unit::Digits, 12..=14) => Unit::Milliseconds,
            (Unit::Digits, 15..=17) => Unit::Microseconds,
            (Unit::Digits, _) => Unit::Nanoseconds,
            (unit, _) => unit,
        };
        match unit {
            Unit::Seconds => {
                let ms: i64 = format!("{:0<3.3}", self.fraction).parse().ok()?;
                let sign = if self.whole < 0 { -1 } else { 1 };
                self.whole.checked_mul(1000)?.checked_add(sign * ms)
            }
            Unit::Milliseconds => Some(self.whole),
            Unit::Microseconds => Some(self.whole.div_euclid(1_000)),
            Unit::Digits | Unit::Nanoseconds => Some(self.whole.div_euclid(1_000_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_every_form() {
        let wanted = 1_700_000_000_000;
        for text in [
            "1700000000",
            "1700000000.0009",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
            "2023-11-14T22:13:20Z",
            "2023-11-14T23:13:20+01:00",
            "2023-11-14 22:13:20",
        ] {
            assert_eq!(read(text, Unit::Digits, &Zone::utc(), 0), Ok(wanted), "{text}");
        }
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(read("2023-11-14 23:13:20.250", Unit::Digits, &berlin, 0), Ok(wanted + 250));
        assert_eq!(read("1700000000", Unit::Milliseconds, &berlin, 0), Ok(1_700_000_000));
        assert_eq!(read("1700000000.25", Unit::Digits, &berlin, 0), Ok(wanted + 250));
        for text in ["", "now", "-", "12:00", "1e9", "2023-13-01", "99999999999999999999", "2023-11-14/d"] {
            assert!(read(text, Unit::Digits, &Zone::utc(), 0).is_err(), "{text}");
        }
        assert!(looks_like_time("1700000000") && looks_like_time("2023-11-14") && !looks_like_time("42"));
    }
}
