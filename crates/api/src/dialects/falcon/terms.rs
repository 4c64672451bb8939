//! Search terms as Open-Falcon's readers write them: regular expressions found anywhere in a text, whatever its case,
//! with white space between terms that must all be found.

use super::answer::Refusal;
use model::{MatchOp, Matcher};

/// Most terms of one search.
pub(super) const TERMS_MAX: usize = 16;

/// Conditions on one text.
#[derive(Debug, Default)]
pub(super) struct Terms(Vec<Matcher>);

impl Terms {
    /// Reads terms with white space in between. Where `!` negates, a term that begins with it must not be found.
    pub(super) fn parse(text: &str, is_negation_known: bool) -> Result<Self, Refusal> {
        let mut terms = Vec::new();
        for term in text.split_whitespace() {
            let (op, pattern) = match term.strip_prefix('!').filter(|_| is_negation_known) {
                Some("") => continue,
                Some(pattern) => (MatchOp::NotRegex, pattern),
                None => (MatchOp::Regex, term),
            };
            terms.push(anywhere("", op, pattern)?);
        }
        if terms.len() > TERMS_MAX {
            return Err(Refusal::bad(format!("{} terms, at most {TERMS_MAX} are allowed", terms.len())));
        }
        Ok(Self(terms))
    }

    /// Words with white space in between, each of them as it stands.
    pub(super) fn words(text: &str) -> Result<Self, Refusal> {
        Self::parse(&text.split_whitespace().map(literal).collect::<Vec<_>>().join(" "), false)
    }

    /// One regular expression that may hold white space.
    pub(super) fn one(pattern: &str) -> Result<Self, Refusal> {
        Ok(Self(vec![anywhere("", MatchOp::Regex, pattern)?]))
    }

    /// Whether a text has all that must be there and nothing that must not.
    pub(super) fn accept(&self, text: &str) -> bool {
        self.0.iter().all(|term| term.accepts(text))
    }
}

/// A condition on a label: the pattern is found anywhere in its value, as MySQL finds it.
pub(super) fn anywhere(label: &str, op: MatchOp, pattern: &str) -> Result<Matcher, Refusal> {
    // MySQL's marks of the edges of words.
    let pattern = pattern.replace("[[:<:]]", r"\b").replace("[[:>:]]", r"\b");
    let wrong = |why: String| Refusal::bad(format!("`{pattern}` is not a regular expression: {why}"));
    // Alone first, so that what is told is about what was written.
    Matcher::new(label, op, pattern.as_str()).map_err(wrong)?;
    Matcher::new(label, op, format!("(?is).*(?:{pattern}).*")).map_err(wrong)
}

/// A text as a regular expression that matches just it.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_ascii_punctuation() && c != '_' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
