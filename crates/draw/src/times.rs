//! Labels of the x axis: whole minutes, hours, days … of a zone's clock.

use model::{Unit, Zone};

/// Most labels.
const LABELS_MAX: usize = 200;

/// Distances of labels, and how times are told at each.
const STEPS: &[(Unit, i64, &str)] = &[
    (Unit::Millisecond, 100, "%H:%M:%S%.3f"),
    (Unit::Second, 1, "%H:%M:%S"),
    (Unit::Second, 2, "%H:%M:%S"),
    (Unit::Second, 5, "%H:%M:%S"),
    (Unit::Second, 10, "%H:%M:%S"),
    (Unit::Second, 15, "%H:%M:%S"),
    (Unit::Second, 30, "%H:%M:%S"),
    (Unit::Minute, 1, "%H:%M"),
    (Unit::Minute, 2, "%H:%M"),
    (Unit::Minute, 5, "%H:%M"),
    (Unit::Minute, 10, "%H:%M"),
    (Unit::Minute, 15, "%H:%M"),
    (Unit::Minute, 30, "%H:%M"),
    (Unit::Hour, 1, "%H:%M"),
    (Unit::Hour, 2, "%H:%M"),
    (Unit::Hour, 3, "%H:%M"),
    (Unit::Hour, 4, "%H:%M"),
    (Unit::Hour, 6, "%H:%M"),
    (Unit::Hour, 12, "%H:%M"),
    (Unit::Day, 1, "%-d %b"),
    (Unit::Day, 2, "%-d %b"),
    (Unit::Week, 1, "%-d %b"),
    (Unit::Week, 2, "%-d %b"),
    (Unit::Month, 1, "%b %Y"),
    (Unit::Month, 2, "%b %Y"),
    (Unit::Month, 3, "%b %Y"),
    (Unit::Month, 6, "%b %Y"),
    (Unit::Year, 1, "%Y"),
    (Unit::Year, 2, "%Y"),
    (Unit::Year, 5, "%Y"),
    (Unit::Year, 10, "%Y"),
    (Unit::Year, 20, "%Y"),
    (Unit::Year, 50, "%Y"),
    (Unit::Year, 200, "%Y"),
];

/// Times with their labels.
pub(crate) type Labels = Vec<(i64, String)>;

/// The labels between two times that have room: a label and the gap beside it take `width(label)` pixels of `pixels`.
pub(crate) fn labels(
    (from_ms, until_ms): (i64, i64),
    zone: &Zone,
    format: Option<&str>,
    pixels: f64,
    width: &dyn Fn(&str) -> f64,
) -> Labels {
    let span_ms = until_ms.saturating_sub(from_ms);
    if span_ms <= 0 {
        return Vec::new();
    }
    for (unit, count, usual) in STEPS {
        let step_ms = unit.nominal_ms() * count;
        let distance = step_ms as f64 * pixels / span_ms as f64;
        // A time takes 20 pixels at least: most steps are ruled out before anything is written.
        if distance < 20.0 || span_ms / step_ms > LABELS_MAX as i64 {
            continue;
        }
        let labels = at_step((from_ms, until_ms), zone, *unit, *count, |time_ms| {
            tell(zone, time_ms, *unit, format, usual)
        });
        if labels.iter().all(|(_, label)| width(label) <= distance) {
            return labels;
        }
    }
    Vec::new()
}

fn tell(zone: &Zone, time_ms: i64, unit: Unit, format: Option<&str>, usual: &str) -> String {
    let midnight = unit < Unit::Day && unit >= Unit::Minute && zone.floor(time_ms, Unit::Day) == time_ms;
    let format = format.unwrap_or(if midnight { "%-d %b" } else { usual });
    zone.print(time_ms, format).unwrap_or_else(|| model::timetext::print(time_ms))
}

fn at_step(
    (from_ms, until_ms): (i64, i64),
    zone: &Zone,
    unit: Unit,
    count: i64,
    tell: impl Fn(i64) -> String,
) -> Labels {
    let mut labels = Vec::new();
    let mut time_ms = first(from_ms, zone, unit, count);
    while time_ms <= until_ms && labels.len() <= LABELS_MAX {
        if time_ms >= from_ms {
            labels.push((time_ms, tell(time_ms)));
        }
        let next_ms = next(time_ms, zone, unit, count);
        if next_ms <= time_ms {
            break;
        }
        time_ms = next_ms;
    }
    labels
}

/// A time at or shortly before the start where a label may stand.
fn first(from_ms: i64, zone: &Zone, unit: Unit, count: i64) -> i64 {
    match unit {
        Unit::Month => zone.floor(from_ms, Unit::Year),
        Unit::Year => {
            let year_ms = zone.floor(from_ms, Unit::Year);
            let year: i64 = zone.print(year_ms, "%Y").and_then(|year| year.parse().ok()).unwrap_or(0);
            zone.add(year_ms, -year.rem_euclid(count), Unit::Year)
        }
        Unit::Day => zone.floor(from_ms, Unit::Month),
        Unit::Week => zone.floor(from_ms, Unit::Week),
        _ => {
            // Counted from midnight, which keeps hours even in zones that are off by half of one.
            let midnight_ms = zone.floor(from_ms, Unit::Day);
            let step_ms = unit.nominal_ms() * count;
            midnight_ms + (from_ms - midnight_ms).div_euclid(step_ms) * step_ms
        }
    }
}

fn next(time_ms: i64, zone: &Zone, unit: Unit, count: i64) -> i64 {
    let next_ms = zone.add(time_ms, count, unit);
    match unit {
        // Each month starts anew with its first day, and a lonely 31st is left out.
        Unit::Day if count > 1 => {
            let month_ms = zone.floor(next_ms, Unit::Month);
            let soon_ms = zone.add(zone.floor(time_ms, Unit::Month), 1, Unit::Month);
            if month_ms > time_ms || soon_ms - next_ms <= Unit::Day.nominal_ms() * count / 2 {
                soon_ms
            } else {
                next_ms
            }
        }
        // The clocks may be set between the two: what counts is the clock on the wall.
        Unit::Hour | Unit::Minute => {
            let day_ms = zone.floor(next_ms, Unit::Day);
            if day_ms > time_ms { day_ms } else { even(next_ms, zone, unit, count) }
        }
        _ => next_ms,
    }
}

// Where the clocks were set by an hour, steps of several hours go on with those that the wall shows.
fn even(time_ms: i64, zone: &Zone, unit: Unit, count: i64) -> i64 {
    let step_ms = unit.nominal_ms() * count;
    let wall_ms = time_ms + zone.offset_ms(time_ms);
    let off_ms = wall_ms.rem_euclid(step_ms);
    if off_ms == 0 {
        time_ms
    } else if off_ms * 2 < step_ms {
        time_ms - off_ms
    } else {
        time_ms + step_ms - off_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn told(from: &str, length_ms: i64, zone: &str) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let from_ms = model::timetext::parse(from, 0, &Zone::utc()).unwrap();
        let range = (from_ms, from_ms + length_ms);
        labels(range, &zone, None, 600.0, &|label| 8.0 * label.len() as f64 + 30.0)
            .into_iter()
            .map(|(_, l)| l)
            .collect()
    }

    #[test]
    fn labels_stand_at_whole_units_of_the_wall() {
        assert_eq!(
            told("2026-11-21T10:03:20Z", HOUR_MS, "UTC"),
            ["10:10", "10:20", "10:30", "10:40", "10:50", "11:00"]
        );
        assert_eq!(
            told("2026-11-21T10:03:20Z", 24 * HOUR_MS, "Asia/Kolkata"),
            ["16:00", "20:00", "22 Nov", "04:00", "08:00", "12:00"]
        );
        assert_eq!(told("2026-01-05T00:00:00Z", 300 * 24 * HOUR_MS, "UTC").first().unwrap(), "Mar 2026");
        assert_eq!(told("1970-01-01T00:00:00Z", 100 * 365 * 24 * HOUR_MS, "UTC").len(), 5);
    }

    #[test]
    fn a_day_of_25_hours_keeps_even_hours() {
        let labels = told("2026-10-24T22:00:00Z", 26 * HOUR_MS, "Europe/Berlin");
        assert_eq!(labels, ["25 Oct", "04:00", "08:00", "12:00", "16:00", "20:00", "26 Oct"]);
    }

    #[test]
    fn days_start_anew_with_each_month() {
        let labels = told("2026-01-28T00:00:00Z", 9 * 24 * HOUR_MS, "UTC");
        assert_eq!(labels, ["29 Jan", "1 Feb", "3 Feb", "5 Feb"]);
    }

    #[test]
    fn the_ends_of_time_have_an_end() {
        for range in [(i64::MIN, i64::MAX), (i64::MAX - 10, i64::MAX), (5, 5), (9, 2)] {
            assert!(labels(range, &Zone::utc(), None, 600.0, &|_| 40.0).len() <= LABELS_MAX + 1);
        }
    }
}
