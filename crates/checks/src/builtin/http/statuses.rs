//! Which statuses are right.

use std::fmt;
use std::ops::RangeInclusive;

/// A set of statuses, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statuses {
    text: String,
    ranges: Vec<RangeInclusive<u16>>,
}

impl Statuses {
    /// Reads `200-299, 401`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let number = |digits: &str| digits.trim().parse().ok().filter(|n| (100..=599).contains(n));
            let range = number(low)?..=number(high)?;
            (!range.is_empty()).then_some(range)
        };
        let ranges = text.split(',').map(range).collect::<Option<_>>();
        let ranges =
            ranges.ok_or_else(|| format!("`status`: `{text}` is not a set such as `200-299, 401`"))?;
        Ok(Self { text: text.to_owned(), ranges })
    }

    pub(super) fn contain(&self, status: u16) -> bool {
        self.ranges.iter().any(|range| range.contains(&status))
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Statuses;

    #[test]
    fn sets_of_statuses_are_read() {
        let set = Statuses::parse("200-299, 401").unwrap();
        assert_eq!(
            [199, 200, 299, 300, 401, 402].map(|s| set.contain(s)),
            [false, true, true, false, true, false]
        );
        for wrong in ["", "2xx", "200-", "300-200", "99", "600", "200,,201", "+200"] {
            let read = Statuses::parse(wrong);
            assert!(wrong == "+200" || read.is_err(), "{wrong}");
        }
    }
}
