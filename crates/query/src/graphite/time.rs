//! Times as Graphite's requests and targets have them: the one time grammar, but a year is 365 days however it is written.

use model::Zone;
use model::timetext::{self, TimeTextError};
use std::borrow::Cow;

/// The instant a text means, in Unix milliseconds.
pub fn parse(text: &str, now_ms: i64, zone: &Zone) -> Result<i64, TimeTextError> {
    timetext::parse(&with_days(text), now_ms, zone)
}

// `1y` follows the calendar, `1years` does not.
fn with_days(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_year = |at: &usize| {
        bytes[*at].eq_ignore_ascii_case(&b'y')
            && at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_digit())
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
    };
    let Some(first) = (0..bytes.len()).find(is_year) else { return Cow::Borrowed(text) };
    let (before, after) = (&text[..first], &text[first + 1..]);
    Cow::Owned(format!("{before}years{}", with_days(after)))
}

#[cfg(test)]
mod tests {
    use super::with_days;

    #[test]
    fn a_year_is_365_days() {
        let cases = [
            ("-1y", "-1years"),
            ("now-2Y+1y3d", "now-2years+1years3d"),
            ("-1year", "-1year"),
            ("yesterday", "yesterday"),
        ];
        for (text, wanted) in cases {
            assert_eq!(with_days(text), wanted);
        }
    }
}
