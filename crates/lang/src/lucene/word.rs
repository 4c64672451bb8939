//! Words and phrases, and what cannot follow them.

use super::Parser;
use crate::plan::Pattern;
use crate::{Error, Span};

impl Parser {
    // A bare word, escapes kept. A colon ends it only where it could be a field's name.
    pub(super) fn word(&mut self, ends_at_colon: bool) -> Result<String, Error> {
        let start = self.cursor.at();
        while let Some(c) = self.cursor.peek() {
            let ends = c.is_whitespace()
                || matches!(c, '(' | ')' | '"' | '[' | ']' | '{' | '}' | '^' | '~')
                || (c == ':' && ends_at_colon);
            if ends {
                break;
            }
            self.cursor.take();
            if c == '\\' {
                self.cursor.take();
            }
        }
        Ok(self.cursor.text(self.cursor.since(start)))
    }

    pub(super) fn phrase(&mut self) -> Result<Pattern, Error> {
        let start = self.cursor.at();
        self.cursor.take();
        let mut pattern = Pattern::default();
        loop {
            match self.cursor.take() {
                None => {
                    let span = Span::new(start, start + 1);
                    return Err(Error::new(span, "This quote of the query is never closed").hint("add \""));
                }
                Some('"') => break,
                Some('\\') => pattern.push(self.cursor.take().unwrap_or('\\')),
                Some(c) => pattern.push(c),
            }
        }
        self.no_suffix(start)?;
        Ok(pattern)
    }

    pub(super) fn no_suffix(&mut self, start: usize) -> Result<(), Error> {
        match self.cursor.peek() {
            Some('~') => Err(Error::new(
                self.cursor.since(start).join(self.cursor.here()),
                "Fuzzy search is not offered",
            )
            .hint("use the wildcards * and ?")),
            Some('^') => {
                Err(Error::new(self.cursor.since(start).join(self.cursor.here()), "Nothing is ranked here")
                    .hint("leave ^ and the number out"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn no_ranges(&mut self) -> Error {
        Error::new(self.cursor.here(), "Ranges are not offered: label values are texts")
            .hint("list the values: label:(1 OR 2), or use a wildcard: label:1*")
    }
}
