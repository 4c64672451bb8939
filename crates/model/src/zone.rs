//! Time zones and the calendar: the only file that knows the time-zone database.

use crate::interval::{Interval, Unit};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Disambiguation, TimeZone};
use jiff::{Span, Timestamp};

/// A time zone; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The machine's own zone; UTC when that cannot be told.
    pub fn system() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// A zone of the IANA database, such as `Europe/Berlin`; the error is for people.
    pub fn named(name: &str) -> Result<Self, String> {
        if matches!(name, "" | "UTC" | "Etc/UTC" | "Z") {
            return Ok(Self::utc());
        }
        TimeZone::get(name).map(Self).map_err(|_| format!("there is no time zone named `{name}`"))
    }

    /// Its IANA name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }

    /// The start of the unit an instant lies in. Weeks start on Monday.
    pub fn floor(&self, time_ms: i64, unit: Unit) -> i64 {
        if !unit.is_calendar() {
            let offset_ms = self.offset_ms(time_ms);
            let local = time_ms.saturating_add(offset_ms);
            return local.saturating_sub(local.rem_euclid(unit.nominal_ms())).saturating_sub(offset_ms);
        }
        let date = self.civil(time_ms).date();
        let first = match unit {
            Unit::Week => date.saturating_sub(days(i64::from(date.weekday().to_monday_zero_offset()))),
            Unit::Month => date.first_of_month(),
            Unit::Quarter => month_of(date, (date.month() - 1) / 3 * 3 + 1),
            Unit::Year => date.first_of_year(),
            _ => date,
        };
        self.instant_ms(first.to_datetime(jiff::civil::Time::midnight()))
    }

    /// The instant `count` units later (earlier when negative): calendar units keep the local time of day, and days a
    /// shorter month lacks become its last. Instants beyond the calendar's ends stay at the ends.
    pub fn add(&self, time_ms: i64, count: i64, unit: Unit) -> i64 {
        if !unit.is_calendar() {
            return time_ms.saturating_add(count.saturating_mul(unit.nominal_ms()));
        }
        let count = count.clamp(-200_000, 200_000);
        let span = match unit {
            Unit::Day => days(count),
            Unit::Week => days(7 * count),
            Unit::Month => Span::new().months(count),
            Unit::Quarter => Span::new().months(3 * count),
            _ => Span::new().years(count.clamp(-19_998, 19_998)),
        };
        self.instant_ms(self.civil(time_ms).saturating_add(span))
    }

    /// The instant `count` intervals later.
    pub fn step(&self, time_ms: i64, interval: Interval, count: i64) -> i64 {
        self.add(time_ms, count.saturating_mul(i64::from(interval.count)), interval.unit)
    }

    /// Local time minus universal time at an instant, in milliseconds.
    pub fn offset_ms(&self, time_ms: i64) -> i64 {
        i64::from(self.0.to_offset(timestamp(time_ms)).seconds()) * 1000
    }

    /// An instant in the zone's own time, as a `strftime` format says; `None` for a format that is not known.
    pub fn print(&self, time_ms: i64, format: &str) -> Option<String> {
        let local = timestamp(time_ms).to_zoned(self.0.clone());
        jiff::fmt::strtime::format(format, &local).ok()
    }

    /// The local date and time of an instant.
    pub(crate) fn civil(&self, time_ms: i64) -> DateTime {
        self.0.to_datetime(timestamp(time_ms))
    }

    /// The instant of a local date and time. A time that the clocks skip or show twice is read as standard time.
    pub(crate) fn instant_ms(&self, local: DateTime) -> i64 {
        let ambiguous = self.0.to_ambiguous_timestamp(local);
        ambiguous.disambiguate(Disambiguation::Later).map_or_else(
            |_| if local.year() < 1970 { Timestamp::MIN } else { Timestamp::MAX }.as_millisecond(),
            Timestamp::as_millisecond,
        )
    }
}

fn timestamp(time_ms: i64) -> Timestamp {
    let end = if time_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(time_ms).unwrap_or(end)
}

fn days(count: i64) -> Span {
    Span::new().days(count)
}

fn month_of(date: Date, month: i8) -> Date {
    Date::new(date.year(), month, 1).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn units_start_where_the_local_calendar_says() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let kolkata = Zone::named("Asia/Kolkata").unwrap();
        let cases = [
            (&berlin, "2026-11-21T14:33:12.345Z", Unit::Second, "2026-11-21T14:33:12Z"),
            (&berlin, "2026-11-21T14:33:12Z", Unit::Hour, "2026-11-21T14:00:00Z"),
            (&kolkata, "2026-11-21T14:33:12Z", Unit::Hour, "2026-11-21T14:30:00Z"),
            (&berlin, "2026-11-21T23:33:12Z", Unit::Day, "2026-11-21T23:00:00Z"),
            (&berlin, "2026-11-21T12:00:00Z", Unit::Week, "2026-11-15T23:00:00Z"),
            (&berlin, "2026-11-21T12:00:00Z", Unit::Month, "2026-10-31T23:00:00Z"),
            (&berlin, "2026-11-21T12:00:00Z", Unit::Quarter, "2026-09-30T22:00:00Z"),
            (&berlin, "2026-11-21T12:00:00Z", Unit::Year, "2025-12-31T23:00:00Z"),
            // The hour that comes twice: each keeps its own start.
            (&berlin, "2026-10-25T00:30:00Z", Unit::Hour, "2026-10-25T00:00:00Z"),
            (&berlin, "2026-10-25T01:30:00Z", Unit::Hour, "2026-10-25T01:00:00Z"),
        ];
        for (zone, time, unit, wanted) in cases {
            assert_eq!(zone.floor(ms(time), unit), ms(wanted), "{time} {unit:?}");
        }
    }

    #[test]
    fn calendar_steps_keep_the_time_of_day_and_clamp_to_short_months() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let cases = [
            ("2026-10-24T10:00:00Z", 1, Unit::Day, "2026-10-25T11:00:00Z"),
            ("2026-01-31T10:00:00Z", 1, Unit::Month, "2026-02-28T10:00:00Z"),
            ("2026-03-31T10:00:00Z", -1, Unit::Month, "2026-02-28T11:00:00Z"),
            ("2024-02-29T10:00:00Z", 1, Unit::Year, "2025-02-28T10:00:00Z"),
            ("2026-10-25T00:30:00Z", 1, Unit::Hour, "2026-10-25T01:30:00Z"),
        ];
        for (time, count, unit, wanted) in cases {
            assert_eq!(berlin.add(ms(time), count, unit), ms(wanted), "{time} {count} {unit:?}");
        }
    }

    #[test]
    fn instants_are_told_in_the_zone() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let at = ms("2026-11-21T14:33:12Z");
        assert_eq!(berlin.print(at, "%Y-%m-%d %H:%M:%S").unwrap(), "2026-11-21 15:33:12");
        assert_eq!(berlin.print(at, "%Q! %"), None);
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        for zone in [Zone::utc(), Zone::named("America/New_York").unwrap()] {
            for time in [i64::MIN, i64::MAX, 0] {
                for unit in [Unit::Second, Unit::Hour, Unit::Day, Unit::Week, Unit::Year] {
                    zone.floor(time, unit);
                    for count in [i64::MIN, -1, 0, 1, i64::MAX] {
                        zone.add(time, count, unit);
                    }
                }
            }
        }
        assert!(Zone::named("Mars/Base").unwrap_err().contains("Mars/Base"));
    }
}
