//! What is wrong with a text, and where.

use std::fmt;

/// A piece of a text, in characters (not bytes), counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// First character after.
    pub end: usize,
}

impl Span {
    /// From `start` up to but not including `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    pub fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether a cursor between two characters touches this span.
    pub fn touches(self, cursor: usize) -> bool {
        self.start <= cursor && cursor <= self.end
    }
}

/// A refusal for people: a plain sentence, its place, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// One sentence.
    pub message: String,
    /// Which characters it is about.
    pub span: Span,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Error {
    /// An error without a hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, hint: None }
    }

    /// The same error with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with a hint, if there is one.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The line of `text` the error is in, with carets under its place: for terminals.
    pub fn caret(&self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let start = self.span.start.min(chars.len());
        let end = self.span.end.clamp(start, chars.len());
        let line_start = chars[..start].iter().rposition(|&c| c == '\n').map_or(0, |i| i + 1);
        let line_end = chars[start..].iter().position(|&c| c == '\n').map_or(chars.len(), |i| start + i);
        let line: String = chars[line_start..line_end].iter().collect();
        let carets = end.min(line_end).saturating_sub(start).max(1);
        format!("{line}\n{}{}", " ".repeat(start - line_start), "^".repeat(carets))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_place_even_after_line_breaks_and_wide_letters() {
        let error = Error::new(Span::new(6, 9), "no");
        assert_eq!(error.caret("äöü()\n.es()"), ".es()\n^^^");
        assert_eq!(Error::new(Span::new(99, 120), "no").caret("ab"), "ab\n  ^");
    }
}
