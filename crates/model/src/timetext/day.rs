//! What stands before the steps: a time of day, a day, or both.

use super::compact_date;
use crate::Zone;
use jiff::civil::{Date, Time, Weekday};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTHS_LONG: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("monday", "mon", Weekday::Monday),
    ("tuesday", "tue", Weekday::Tuesday),
    ("wednesday", "wed", Weekday::Wednesday),
    ("thursday", "thu", Weekday::Thursday),
    ("friday", "fri", Weekday::Friday),
    ("saturday", "sat", Weekday::Saturday),
    ("sunday", "sun", Weekday::Sunday),
];

/// The instant of a reference; the error is half a sentence.
pub(super) fn reference(text: &str, now_ms: i64, zone: &Zone) -> Result<i64, String> {
    let text: String =
        text.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | ',')).collect();
    if text.is_empty() || text == "now" {
        return Ok(now_ms);
    }
    let today = zone.civil(now_ms).date();
    let (time, rest) = time_of_day(&text)?;
    let date = day(rest, today)?;
    if time.is_none() && date.is_none() {
        return Err(format!("`{text}` is neither a time nor a day"));
    }
    let local = date.unwrap_or(today).to_datetime(time.unwrap_or(Time::midnight()));
    Ok(zone.instant_ms(local))
}

// A time at the front, and what follows it.
fn time_of_day(text: &str) -> Result<(Option<Time>, &str), String> {
    for (word, hour) in [("midnight", 0), ("noon", 12), ("teatime", 16)] {
        if let Some(rest) = text.strip_prefix(word) {
            return Ok((Some(Time::constant(hour, 0, 0, 0)), rest));
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let is_half = |rest: &str| rest.starts_with("am") || rest.starts_with("pm");
    if digits == 0 || digits > 2 || !(rest.starts_with(':') || is_half(rest)) {
        return Ok((None, text));
    }
    let (minute, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (minute, rest) = rest.split_at_checked(2).ok_or("two digits must follow the colon")?;
            (minute, rest)
        }
        None => ("0", rest),
    };
    let (second, rest) = match rest.strip_prefix(':').and_then(|rest| rest.split_at_checked(2)) {
        Some((second, rest)) if second.bytes().all(|b| b.is_ascii_digit()) => (second, rest),
        _ => ("0", rest),
    };
    let (hour, rest) = half_of_day(number, rest)?;
    let minute: i8 = minute.parse().map_err(|_| format!("`{minute}` are no minutes"))?;
    let second: i8 = second.parse().map_err(|_| format!("`{second}` are no seconds"))?;
    let time =
        Time::new(hour, minute, second, 0).map_err(|_| format!("there is no time {hour}:{minute:02}"))?;
    Ok((Some(time), rest))
}

// The hour on the clock of 24 hours. 12am is midnight.
fn half_of_day<'a>(number: &str, rest: &'a str) -> Result<(i8, &'a str), String> {
    let hour: i8 = number.parse().map_err(|_| format!("`{number}` is no hour"))?;
    let half = if rest.starts_with("am") { 0 } else { 12 };
    let is_half = rest.starts_with("am") || rest.starts_with("pm");
    match (is_half, hour) {
        (false, hour) => Ok((hour, rest)),
        (true, 1..=12) => Ok((hour % 12 + half, &rest[2..])),
        (true, hour) => Err(format!("there is no {hour} o'clock with am or pm")),
    }
}

// A day; `None` when nothing is left to read.
fn day(text: &str, today: Date) -> Result<Option<Date>, String> {
    let shifted = |days: i64| Some(today.saturating_add(jiff::Span::new().days(days)));
    match text {
        "" => return Ok(None),
        "today" => return Ok(Some(today)),
        "yesterday" => return Ok(shifted(-1)),
        "tomorrow" => return Ok(shifted(1)),
        _ => {}
    }
    if let Some((_, _, weekday)) = WEEKDAYS.iter().find(|(long, short, _)| text == *long || text == *short) {
        let back = today.weekday().since(*weekday);
        return Ok(shifted(-i64::from(back)));
    }
    let date = month_and_day(text, today).or_else(|| slashed(text)).or_else(|| {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { compact_date(text) } else { None }
    });
    date.map(Some).ok_or_else(|| format!("`{text}` is no day"))
}

fn month_and_day(text: &str, today: Date) -> Option<Date> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, day) = text.split_at(letters);
    let month =
        MONTHS.iter().position(|m| *m == name).or_else(|| MONTHS_LONG.iter().position(|m| *m == name))?;
    Date::new(today.year(), month as i8 + 1, day.parse().ok()?).ok()
}

// MM/DD/YY; two digits below 70 are this century.
fn slashed(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('/').collect();
    let [month, day, year] = parts.as_slice() else { return None };
    let number: i16 = year.parse().ok()?;
    let year = match (year.len(), number) {
        (2, 0..70) => 2000 + number,
        (2, _) => 1900 + number,
        (4, _) => number,
        _ => return None,
    };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}
