//! A walk over the characters of a text, for hand-written parsers. Places are counted in characters because that is what
//! an editor needs.

use crate::Span;

/// Where a parser stands.
#[derive(Debug, Clone)]
pub struct Cursor {
    chars: Vec<char>,
    at: usize,
}

impl Cursor {
    /// At the start of `text`.
    pub fn new(text: &str) -> Self {
        Self { chars: text.chars().collect(), at: 0 }
    }

    /// Characters passed so far.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes back (or forth) to a place taken from [`Cursor::at`].
    pub fn go(&mut self, at: usize) {
        self.at = at.min(self.chars.len());
    }

    /// Number of characters of the whole text.
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether the text has no character at all.
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// The next character, if there is one.
    pub fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    /// The character `ahead` places further.
    pub fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Takes the next character.
    pub fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    /// Takes the next character if it is `wanted`.
    pub fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Takes characters while they satisfy a condition; gives them.
    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.text(Span::new(start, self.at))
    }

    /// Skips white space; says whether there was any.
    pub fn skip_space(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.at > start
    }

    /// The characters of a span.
    pub fn text(&self, span: Span) -> String {
        let end = span.end.min(self.chars.len());
        self.chars[span.start.min(end)..end].iter().collect()
    }

    /// From `start` to here.
    pub fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// The next character as a span, or the place after the last one.
    pub fn here(&self) -> Span {
        Span::new(self.at, (self.at + 1).min(self.chars.len()).max(self.at))
    }
}
