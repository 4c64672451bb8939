//! JSON read piece by piece (RFC 8259), without building a tree, and the little that is needed to write it.
//!
//! The caller says what it expects next; what does not interest it is [`Reader::skip`]ped. Strict in syntax, bounded in
//! depth, every error with its byte.
//!
//! ```text
//! reader.array()?; while reader.element()? { … }
//! reader.object()?; while let Some(name) = reader.field()? { … }
//! ```

use std::borrow::Cow;
use std::fmt;

/// Deepest nesting of arrays and objects.
pub const DEPTH_MAX: usize = 64;

/// Where and why reading stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Byte, from 0.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for Error {}

/// What the next value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// `[`
    Array,
    /// `{`
    Object,
}

/// Reads one JSON text from its start.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    input: &'a [u8],
    /// The same, when all of it is UTF-8: looking once at everything costs less than at each string.
    text: Option<&'a str>,
    at: usize,
    depth: usize,
    /// Nothing was read yet in the innermost array or object, so no comma is due.
    first: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `input`.
    pub fn new(input: &'a [u8]) -> Self {
        Self { input, text: std::str::from_utf8(input).ok(), at: 0, depth: 0, first: true }
    }

    /// The byte reading has come to.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What the next value is, without taking it.
    pub fn peek(&mut self) -> Result<Kind, Error> {
        match self.next_byte() {
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            Some(_) => self.fail("expected a value"),
            None => self.fail("ended in the middle"),
        }
    }

    /// Takes `null` and returns whether it was there.
    pub fn null(&mut self) -> Result<bool, Error> {
        if self.peek()? != Kind::Null {
            return Ok(false);
        }
        self.word("null")?;
        Ok(true)
    }

    /// Takes `true` or `false`.
    pub fn bool(&mut self) -> Result<bool, Error> {
        match self.next_byte() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => self.fail("expected true or false"),
        }
    }

    /// Takes a number, as it is written.
    pub fn number(&mut self) -> Result<&'a str, Error> {
        if !matches!(self.next_byte(), Some(b'-' | b'0'..=b'9')) {
            return self.fail("expected a number");
        }
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(match self.text {
            Some(text) => &text[start..self.at],
            None => std::str::from_utf8(&self.input[start..self.at]).expect("digits and signs are ASCII"),
        })
    }

    /// Takes a string. Escaped halves of a surrogate pair without the other half, and bytes that are not UTF-8,
    /// become U+FFFD.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        if self.next_byte() != Some(b'"') {
            return self.fail("expected a string");
        }
        self.at += 1;
        let start = self.at;
        self.plain_run();
        if self.input.get(self.at) == Some(&b'"') {
            let end = self.at;
            self.at += 1;
            return Ok(match self.text {
                Some(text) => Cow::Borrowed(&text[start..end]),
                None => String::from_utf8_lossy(&self.input[start..end]),
            });
        }
        self.string_with_escapes(start).map(Cow::Owned)
    }

    /// Steps over bytes of a string that stand for themselves.
    fn plain_run(&mut self) {
        self.at += plain_len(&self.input[self.at..]);
    }

    fn string_with_escapes(&mut self, start: usize) -> Result<String, Error> {
        let mut bytes = self.input[start..self.at].to_vec();
        loop {
            match self.input.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => {
                    let escaped = self.escape()?;
                    bytes.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(_) => return self.fail("a control character in a string"),
                None => return self.fail("ended in the middle of a string"),
            }
            let run = self.at;
            self.plain_run();
            bytes.extend_from_slice(&self.input[run..self.at]);
        }
        Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
    }

    fn escape(&mut self) -> Result<char, Error> {
        let escaped = match self.input.get(self.at + 1) {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(*b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return self.fail("an unknown escape in a string"),
        };
        self.at += 2;
        Ok(escaped)
    }

    fn unicode_escape(&mut self) -> Result<char, Error> {
        let Some(unit) = self.utf16_unit() else { return self.fail("a broken \\u escape") };
        self.at += 6;
        if let (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) = (unit, self.utf16_unit()) {
            self.at += 6;
            let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The code unit of a `\uXXXX` here, without taking it.
    fn utf16_unit(&self) -> Option<u32> {
        let text = self.input.get(self.at..self.at + 6)?;
        let digits = text.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, b| Some(unit << 4 | char::from(*b).to_digit(16)?))
    }

    /// Enters an array.
    pub fn array(&mut self) -> Result<(), Error> {
        self.enter(b'[', "expected an array")
    }

    /// Steps to the array's next element; at its end leaves it and returns false.
    pub fn element(&mut self) -> Result<bool, Error> {
        self.step(b']', "expected `,` or `]`")
    }

    /// Enters an object.
    pub fn object(&mut self) -> Result<(), Error> {
        self.enter(b'{', "expected an object")
    }

    /// Steps to the object's next field and takes its name; at its end leaves it.
    pub fn field(&mut self) -> Result<Option<Cow<'a, str>>, Error> {
        if !self.step(b'}', "expected `,` or `}`")? {
            return Ok(None);
        }
        let name = self.string()?;
        if self.next_byte() != Some(b':') {
            return self.fail("expected `:`");
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Takes a value of any kind and forgets it.
    pub fn skip(&mut self) -> Result<(), Error> {
        match self.peek()? {
            Kind::Null => self.word("null"),
            Kind::Bool => self.bool().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::String => self.string().map(drop),
            Kind::Array => {
                self.array()?;
                while self.element()? {
                    self.skip()?;
                }
                Ok(())
            }
            Kind::Object => {
                self.object()?;
                while self.field()?.is_some() {
                    self.skip()?;
                }
                Ok(())
            }
        }
    }

    /// Checks that nothing but white space follows.
    pub fn end(&mut self) -> Result<(), Error> {
        if self.next_byte().is_none() { Ok(()) } else { self.fail("text after the end") }
    }

    fn enter(&mut self, open: u8, what: &'static str) -> Result<(), Error> {
        if self.next_byte() != Some(open) {
            return self.fail(what);
        }
        if self.depth == DEPTH_MAX {
            return self.fail("nested too deep");
        }
        self.at += 1;
        self.depth += 1;
        self.first = true;
        Ok(())
    }

    fn step(&mut self, close: u8, what: &'static str) -> Result<bool, Error> {
        let Some(byte) = self.next_byte() else { return self.fail("ended in the middle") };
        if byte == close {
            self.at += 1;
            self.depth = self.depth.saturating_sub(1);
            // The array or object left is an element of the outer one, which so has had its first.
            self.first = false;
            return Ok(false);
        }
        if !self.first {
            if byte != b',' {
                return self.fail(what);
            }
            self.at += 1;
            if self.next_byte() == Some(close) {
                return self.fail("a comma without a value after it");
            }
        }
        self.first = false;
        Ok(true)
    }

    /// The next byte that is not white space.
    fn next_byte(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.input.get(self.at) {
            self.at += 1;
        }
        self.input.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.input.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.input.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { self.fail("expected a digit") }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Error> {
        if !self.input[self.at..].starts_with(word.as_bytes()) {
            return self.fail("expected a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error { at: self.at, what })
    }
}

/// How many bytes at the start of a text stand for themselves within a string. Eight are looked at at once: the lowest mark in
/// a word is always right, those above it need not be.
#[inline]
fn plain_len(text: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;
    let zeros = |word: u64| (word.wrapping_sub(ONES)) & !word & TOPS;
    let (words, _) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let controls = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        let marks =
            controls | zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\')));
        if marks != 0 {
            return 8 * at + marks.trailing_zeros() as usize / 8;
        }
    }
    let seen = 8 * words.len();
    let rest = &text[seen..];
    seen + rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

/// Appends `text` as a JSON string, quotes and escapes included.
pub fn write_string(out: &mut String, text: &str) {
    use fmt::Write;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
