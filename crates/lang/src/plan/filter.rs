//! Which label sets are meant, as a tree of conditions; finer than [`model::Matcher`]s, which know no "or".

use model::{Labels, Matcher, NAME};
use std::fmt;

/// A condition on a label set.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Holds always.
    All,
    /// The label is there.
    Exists(String),
    /// A value fits.
    Term(Field, Pattern),
    /// All hold.
    And(Vec<Filter>),
    /// At least one holds.
    Or(Vec<Filter>),
    /// Does not hold.
    Not(Box<Filter>),
    /// A condition in the terms of sources.
    Matcher(Matcher),
}

/// Where a value is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// In the metric name and in every label.
    Any,
    /// In this label.
    Label(String),
}

impl Field {
    /// The label a name in a query stands for: `metric` is the metric name.
    pub fn label(name: &str) -> String {
        match name {
            "metric" => NAME.to_owned(),
            name => name.to_owned(),
        }
    }
}

/// A text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    parts: Vec<Part>,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These characters.
    Literal(String),
    /// Any one character.
    One,
    /// Any characters, or none.
    Many,
}

impl fmt::Display for Pattern {
    /// With `*` and `?` for the wildcards.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::One => f.write_str("?"),
            Part::Many => f.write_str("*"),
        })
    }
}

impl Pattern {
    /// Exactly this text.
    pub fn literal(text: &str) -> Self {
        let mut pattern = Self::default();
        text.chars().for_each(|c| pattern.push(c));
        pattern
    }

    /// A text in which `*` and `?` are wildcards and `\` takes the next character as it is.
    pub fn wildcard(text: &str) -> Self {
        let mut pattern = Self::default();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '*' => pattern.push_many(),
                '?' => pattern.push_one(),
                '\\' => pattern.push(chars.next().unwrap_or('\\')),
                c => pattern.push(c),
            }
        }
        pattern
    }

    /// Adds a character that stands for itself.
    pub fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Literal(text)) => text.push(c),
            _ => self.parts.push(Part::Literal(c.to_string())),
        }
    }

    /// Adds `?`.
    pub fn push_one(&mut self) {
        self.parts.push(Part::One);
    }

    /// Adds `*`.
    pub fn push_many(&mut self) {
        if self.parts.last() != Some(&Part::Many) {
            self.parts.push(Part::Many);
        }
    }

    /// The text, if there are no wildcards.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is `*` alone.
    pub fn is_everything(&self) -> bool {
        self.parts == [Part::Many]
    }

    /// The same as a regular expression that is anchored by whoever uses it.
    pub fn to_regex(&self) -> String {
        let mut regex = String::new();
        for part in &self.parts {
            match part {
                Part::One => regex.push('.'),
                Part::Many => regex.push_str(".*"),
                Part::Literal(text) => text.chars().for_each(|c| push_escaped(&mut regex, c)),
            }
        }
        regex
    }

    /// Whether a text fits.
    pub fn matches(&self, text: &str) -> bool {
        match self.as_literal() {
            Some(literal) => literal == text,
            None => fits(&self.parts, text),
        }
    }
}

// Greedy with one place to fall back to: the last `*`. Time is at most the product of both lengths.
fn fits(parts: &[Part], text: &str) -> bool {
    let (mut part, mut rest) = (0, text);
    let mut fallback: Option<(usize, &str)> = None;
    loop {
        let taken = match parts.get(part) {
            Some(Part::Many) => {
                fallback = Some((part + 1, rest));
                Some(rest)
            }
            Some(Part::One) => rest.chars().next().map(|c| &rest[c.len_utf8()..]),
            Some(Part::Literal(literal)) => rest.strip_prefix(literal.as_str()),
            None if rest.is_empty() => return true,
            None => None,
        };
        match (taken, fallback) {
            (Some(taken), _) => (part, rest) = (part + 1, taken),
            (None, Some((back, from))) => {
                let Some(c) = from.chars().next() else { return false };
                let from = &from[c.len_utf8()..];
                fallback = Some((back, from));
                (part, rest) = (back, from);
            }
            (None, None) => return false,
        }
    }
}

fn push_escaped(regex: &mut String, c: char) {
    if c.is_ascii_punctuation() && c != '_' {
        regex.push('\\');
    }
    regex.push(c);
}

impl Filter {
    /// Whether a label set satisfies it.
    pub fn matches(&self, labels: &Labels) -> bool {
        match self {
            Self::All => true,
            Self::Exists(label) => labels.get(label).is_some(),
            Self::Term(Field::Label(label), pattern) => pattern.matches(labels.get(label).unwrap_or("")),
            Self::Term(Field::Any, pattern) => labels.iter().any(|(_, value)| pattern.matches(value)),
            Self::And(filters) => filters.iter().all(|f| f.matches(labels)),
            Self::Or(filters) => filters.iter().any(|f| f.matches(labels)),
            Self::Not(filter) => !filter.matches(labels),
            Self::Matcher(matcher) => matcher.matches(labels),
        }
    }

    /// All of these hold; one of them alone stays as it is.
    pub fn and(mut filters: Vec<Self>) -> Self {
        if filters.len() == 1 { filters.remove(0) } else { Self::And(filters) }
    }

    /// At least one of these holds; one of them alone stays as it is.
    pub fn or(mut filters: Vec<Self>) -> Self {
        if filters.len() == 1 { filters.remove(0) } else { Self::Or(filters) }
    }
}
