//! Which series are meant: conditions on label values, all of which must hold. A label that is absent has the value "".

mod selector;

use crate::Labels;
use regex::Regex;
use std::fmt;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Regex,
    /// `!~`, anchored at both ends
    NotRegex,
}

/// A condition on one label.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// Label name.
    pub name: String,
    /// How to compare.
    pub op: MatchOp,
    /// Value or regular expression.
    pub value: String,
    regex: Option<Regex>,
}

/// A pattern is what it was written as.
impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}

impl Eq for Matcher {}

/// Largest compiled regular expression, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

impl Matcher {
    /// A condition; the error of a bad regular expression is for people.
    pub fn new(name: impl Into<String>, op: MatchOp, value: impl Into<String>) -> Result<Self, String> {
        let (name, value) = (name.into(), value.into());
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(anchored(&value)?),
        };
        Ok(Self { name, op, value, regex })
    }

    /// `name = value`.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None }
    }

    /// Whether a value of the label satisfies the condition ("" stands for an absent label).
    pub fn accepts(&self, value: &str) -> bool {
        let regex = || self.regex.as_ref().is_some_and(|r| r.is_match(value));
        match self.op {
            MatchOp::Equal => value == self.value,
            MatchOp::NotEqual => value != self.value,
            MatchOp::Regex => regex(),
            MatchOp::NotRegex => !regex(),
        }
    }

    /// Whether a label set satisfies the condition.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.accepts(labels.get(&self.name).unwrap_or(""))
    }

    /// Whether a label set satisfies all conditions.
    pub fn all_match(matchers: &[Self], labels: &Labels) -> bool {
        matchers.iter().all(|m| m.matches(labels))
    }
}

fn anchored(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?s:{pattern})$"))
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|e| format!("bad regular expression `{pattern}`: {}", last_line(&e.to_string())))
}

// The crate draws a caret under the pattern over several lines; its last line says what is wrong.
fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ")
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let op = match self.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        };
        write!(f, "{}{op}{:?}", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_labels_are_empty_and_regexes_are_anchored() {
        let labels = Labels::from_pairs([("host", "web12")]).unwrap();
        let cases = [
            ("host", MatchOp::Regex, "web[0-9]+", true),
            ("host", MatchOp::Regex, "web1", false),
            ("host", MatchOp::Regex, "a|web12", true),
            ("host", MatchOp::NotRegex, "db.*", true),
            ("rack", MatchOp::Equal, "", true),
            ("rack", MatchOp::NotEqual, "", false),
            ("rack", MatchOp::Regex, ".+", false),
        ];
        for (name, op, value, wanted) in cases {
            let matcher = Matcher::new(name, op, value).unwrap();
            assert_eq!(matcher.matches(&labels), wanted, "{matcher}");
        }
        assert!(Matcher::new("a", MatchOp::Regex, "(").unwrap_err().contains("unclosed group"));
    }
}
