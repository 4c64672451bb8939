//! The `date` of an answer (RFC 9110, section 5.6.7), written once a second for each thread.

use std::cell::RefCell;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

thread_local! {
    static LAST: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

/// Appends the field with what time it is.
pub(super) fn put(out: &mut Vec<u8>) {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    LAST.with_borrow_mut(|(last_s, text)| {
        if *last_s != now_s {
            *last_s = now_s;
            text.clear();
            write_date(text, now_s);
        }
        out.extend_from_slice(text.as_bytes());
    });
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn write_date(out: &mut String, seconds: u64) {
    let days = seconds / 86_400;
    let (year, month, day) = stdx::calendar::date(days as i64);
    let (weekday, month) = (DAYS[(days % 7) as usize], MONTHS[(month - 1) as usize]);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let _ = write!(out, "date: {weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT\r\n");
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_those_of_the_standard() {
        for (seconds, wanted) in [
            (0, "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
            (784_111_777, "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
            (951_827_696, "date: Tue, 29 Feb 2000 12:34:56 GMT\r\n"),
        ] {
            let mut out = String::new();
            super::write_date(&mut out, seconds);
            assert_eq!(out, wanted);
        }
    }
}
