//! What a recording comes to, as the text that one process hands to another.

use std::fmt;

/// A profile and its circumstances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Facts by name, in order: see [`crate::record`].
    pub facts: Vec<(String, String)>,
    /// The folded text, packed; empty when there is none.
    pub packed: String,
}

impl Report {
    /// Adds a fact.
    pub fn tell(&mut self, name: &str, value: impl fmt::Display) {
        self.facts.push((name.to_owned(), value.to_string()));
    }

    /// A fact.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (facts, packed) = text.split_once("\n\n")?;
        let fact = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let facts = facts.lines().map(fact).collect::<Option<_>>()?;
        Some(Self { facts, packed: packed.trim_end().to_owned() })
    }
}

/// A line for each fact, an empty one, and the packed text.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.facts {
            writeln!(f, "{name} {}", value.replace('\n', " "))?;
        }
        writeln!(f, "\n{}", self.packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut report = Report { packed: "H4sI".to_owned(), ..Report::default() };
        report.tell("samples", 12);
        report.tell("problem", "no\nsymbols");
        let again = Report::parse(&report.to_string()).unwrap();
        assert_eq!((again.fact("samples"), again.fact("problem")), (Some("12"), Some("no symbols")));
        assert_eq!(again.packed, "H4sI");
        assert_eq!((Report::parse(""), Report::parse("x\n\n")), (None, None));
    }
}
