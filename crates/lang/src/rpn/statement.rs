//! Text to statements: words at white space, fields at colons, each character with its place.

use crate::{Error, Span};

/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 65_536;

/// A piece of a text whose characters know their places: quotes and escapes are gone from between them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Field {
    chars: Vec<(char, usize)>,
    /// Where it would stand when it is empty.
    start: usize,
}

impl Field {
    pub(super) fn text(&self) -> String {
        self.chars.iter().map(|(c, _)| *c).collect()
    }

    pub(super) fn span(&self) -> Span {
        let end = self.chars.last().map_or(self.start, |(_, at)| at + 1);
        Span::new(self.chars.first().map_or(self.start, |(_, at)| *at), end)
    }

    /// What stands before and after the first `mark`.
    pub(super) fn split_once(&self, mark: char) -> Option<(Self, Self)> {
        let at = self.chars.iter().position(|(c, _)| *c == mark)?;
        let after = self.chars[at].1 + 1;
        let before = Self { chars: self.chars[..at].to_vec(), start: self.start };
        Some((before, Self { chars: self.chars[at + 1..].to_vec(), start: after }))
    }

    /// Pieces between `mark`s.
    pub(super) fn split(&self, mark: char) -> Vec<Self> {
        let (mut pieces, mut rest) = (Vec::new(), self.clone());
        while let Some((before, after)) = rest.split_once(mark) {
            pieces.push(before);
            rest = after;
        }
        pieces.push(rest);
        pieces
    }
}

/// The fields of each statement; at least one each.
pub(super) fn statements(text: &str) -> Result<Vec<Vec<Field>>, Error> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > TEXT_CHARS_MAX {
        let span = Span::new(TEXT_CHARS_MAX, chars.len());
        return Err(Error::new(span, format!("The text is longer than {TEXT_CHARS_MAX} characters")));
    }
    let mut reader = Reader { chars: &chars, at: 0 };
    let mut all = Vec::new();
    while reader.skip_space() {
        all.push(reader.statement()?);
    }
    if all.is_empty() {
        return Err(Error::new(Span::new(0, chars.len()), "The text is empty")
            .hint("such as DEF:a=load1:AVERAGE CDEF:b=a,100,*"));
    }
    Ok(all)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    // Says whether there is more.
    fn skip_space(&mut self) -> bool {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.at < self.chars.len()
    }

    fn statement(&mut self) -> Result<Vec<Field>, Error> {
        let mut fields = vec![Field { start: self.at, ..Field::default() }];
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                c if c.is_whitespace() => break,
                ':' => fields.push(Field { start: self.at + 1, ..Field::default() }),
                '"' | '\'' => {
                    self.quoted(c, &mut fields, false)?;
                    continue;
                }
                '{' => {
                    self.braces(&mut fields)?;
                    continue;
                }
                '\\' if self.chars.get(self.at + 1) == Some(&':') => {
                    self.at += 1;
                    push(&mut fields, ':', self.at);
                }
                c => push(&mut fields, c, self.at),
            }
            self.at += 1;
        }
        Ok(fields)
    }

    // Quotes group, and are gone; within braces they belong to the selector and stay.
    fn quoted(&mut self, quote: char, fields: &mut Vec<Field>, keeps: bool) -> Result<(), Error> {
        let open = self.at;
        if keeps {
            push(fields, quote, self.at);
        }
        self.at += 1;
        loop {
            let Some(&c) = self.chars.get(self.at) else {
                return Err(Error::new(Span::new(open, open + 1), "This quote is never closed")
                    .hint(format!("add {quote}")));
            };
            match c {
                c if c == quote => {
                    if keeps {
                        push(fields, quote, self.at);
                    }
                    self.at += 1;
                    return Ok(());
                }
                '\\' if keeps && self.at + 1 < self.chars.len() => {
                    push(fields, c, self.at);
                    self.at += 1;
                    push(fields, self.chars[self.at], self.at);
                }
                '\\' if self.chars.get(self.at + 1) == Some(&':') => {
                    self.at += 1;
                    push(fields, ':', self.at);
                }
                // Quotes around a whole statement are a shell's; its fields are still fields.
                ':' if !keeps && is_statement(fields) => {
                    fields.push(Field { start: self.at + 1, ..Field::default() });
                }
                '{' if !keeps => {
                    self.braces(fields)?;
                    continue;
                }
                c => push(fields, c, self.at),
            }
            self.at += 1;
        }
    }

    fn braces(&mut self, fields: &mut Vec<Field>) -> Result<(), Error> {
        let open = self.at;
        push(fields, '{', self.at);
        self.at += 1;
        loop {
            match self.chars.get(self.at) {
                None => {
                    return Err(
                        Error::new(Span::new(open, open + 1), "This brace is never closed").hint("add }")
                    );
                }
                Some('}') => {
                    push(fields, '}', self.at);
                    self.at += 1;
                    return Ok(());
                }
                Some(&quote @ ('"' | '\'' | '`')) => self.quoted(quote, fields, true)?,
                Some(&c) => {
                    push(fields, c, self.at);
                    self.at += 1;
                }
            }
        }
    }
}

// Legends may have colons of their own; what defines has not.
fn is_statement(fields: &[Field]) -> bool {
    let first = fields.first().map(Field::text).unwrap_or_default();
    fields.len() == 1 || ["DEF", "CDEF", "VDEF", "SHIFT", "PRINT", "GPRINT"].contains(&first.as_str())
}

fn push(fields: &mut [Field], c: char, at: usize) {
    if let Some(field) = fields.last_mut() {
        field.chars.push((c, at));
    }
}
