//! Lengths of time as people write them: `30s`, `1h`, `1M`. From a day on they follow the calendar when a zone is there.

use std::fmt;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// 1/1000 s
    Millisecond,
    /// s
    Second,
    /// 60 s
    Minute,
    /// 3600 s
    Hour,
    /// A day of the calendar, 24 h without one.
    Day,
    /// Seven days from Monday.
    Week,
    /// A month of the calendar, 30 d without one.
    Month,
    /// Three months of the calendar, 91 d without one.
    Quarter,
    /// A year of the calendar, 365 d without one.
    Year,
}

impl Unit {
    /// Its length in milliseconds where no calendar is at hand.
    pub fn nominal_ms(self) -> i64 {
        const DAY_MS: i64 = 86_400_000;
        match self {
            Self::Millisecond => 1,
            Self::Second => 1000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
            Self::Quarter => 91 * DAY_MS,
            Self::Year => 365 * DAY_MS,
        }
    }

    /// Whether its length depends on the calendar.
    pub fn is_calendar(self) -> bool {
        self >= Self::Day
    }

    /// The short form: `ms s m h d w M Q y`.
    pub fn as_str(self) -> &'static str {
        ["ms", "s", "m", "h", "d", "w", "M", "Q", "y"][self as usize]
    }

    /// The unit of this name: the short form (in which `m` is minutes and `M` months) or a word, singular or plural.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "M" => return Some(Self::Month),
            "m" => return Some(Self::Minute),
            _ => {}
        }
        Some(match text.to_ascii_lowercase().as_str() {
            "ms" | "millisecond" | "milliseconds" => Self::Millisecond,
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Second,
            "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "h" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "week" | "weeks" => Self::Week,
            "mon" | "month" | "months" => Self::Month,
            "q" | "quarter" | "quarters" => Self::Quarter,
            "y" | "year" | "years" => Self::Year,
            _ => return None,
        })
    }
}

/// So many of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// How many; at least 1.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Interval {
    /// So many of a unit; 0 becomes 1.
    pub fn new(count: u32, unit: Unit) -> Self {
        Self { count: count.max(1), unit }
    }

    /// Reads `30s`, `2 days`, `M` (one month), `1.5h` (90 minutes). `None` for anything else, signs too, and fractions
    /// that are no whole milliseconds or of what the calendar makes longer than a week.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if text[digits..].starts_with('.') && digits > 0 {
            return Self::parse_fraction(text);
        }
        let unit = Unit::parse(text[digits..].trim_start())?;
        let count = if digits == 0 { 1 } else { text[..digits].parse().ok()? };
        (count > 0).then_some(Self { count, unit })
    }

    // In the largest unit of which it is a whole number.
    fn parse_fraction(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let unit = Unit::parse(text[digits..].trim_start()).filter(|unit| *unit <= Unit::Week)?;
        let ms = text[..digits].parse::<f64>().ok()? * unit.nominal_ms() as f64;
        let whole = ms >= 1.0 && ms.fract() == 0.0;
        let units = [Unit::Day, Unit::Hour, Unit::Minute, Unit::Second, Unit::Millisecond];
        let fitting = units.into_iter().find(|unit| whole && ms % unit.nominal_ms() as f64 == 0.0)?;
        let count = ms / fitting.nominal_ms() as f64;
        (count <= f64::from(u32::MAX)).then_some(Self { count: count as u32, unit: fitting })
    }

    /// Its length in milliseconds where no calendar is at hand.
    pub fn nominal_ms(self) -> i64 {
        i64::from(self.count) * self.unit.nominal_ms()
    }

    /// Reads the step of a series of values: a length that is the same everywhere, a day being 24 hours.
    pub fn parse_step_ms(text: &str) -> Option<i64> {
        let step = Self::parse(text).filter(|step| step.unit <= Unit::Week && step.count > 0);
        step.map(Self::nominal_ms)
    }

    /// Its length in milliseconds if that is always the same.
    pub fn fixed_ms(self) -> Option<i64> {
        (!self.unit.is_calendar()).then(|| self.nominal_ms())
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_as_written() {
        let cases = [
            ("30s", Some((30, Unit::Second))),
            ("1m", Some((1, Unit::Minute))),
            ("1M", Some((1, Unit::Month))),
            ("3days", Some((3, Unit::Day))),
            ("d", Some((1, Unit::Day))),
            (" 2 weeks ", Some((2, Unit::Week))),
            ("-1d", None),
            (".1ms", None),
            ("1.5h", Some((90, Unit::Minute))),
            ("0.5 s", Some((500, Unit::Millisecond))),
            ("2.d", Some((2, Unit::Day))),
            ("1.2.3s", None),
            ("0.1ms", None),
            ("1.5M", None),
            ("0s", None),
            ("abc1ms", None),
            ("", None),
            ("99999999999s", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(Interval::parse(text).map(|i| (i.count, i.unit)), wanted, "{text}");
        }
        assert_eq!(Interval::new(12, Unit::Hour).to_string(), "12h");
        assert_eq!(Interval::new(1, Unit::Day).fixed_ms(), None);
    }
}
