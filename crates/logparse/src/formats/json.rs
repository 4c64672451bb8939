//! A JSON object a line. Nested objects are looked into; arrays are skipped. What has none of our fields is something else
//! that the program has to say.

use super::keys::Keys;
use super::{Family, Format, FormatError, Parser};
use crate::record::Record;
use memchr::memchr2;
use stdx::simd::Lanes;

pub(super) const FAMILY: Family = Family {
    name: "json",
    summary: "A JSON object a line; usual keys are known, others are named as `url=request.path request_time=took:ms`",
    default: "",
    example: r#"{"request":{"method":"GET","uri":"/cart/17","proto":"HTTP/1.1"},"duration":0.023,"size":512,"status":200}"#,
    example_format: "",
    needs_text: false,
    compile,
};

/// Deepest nesting.
const DEPTH_MAX: usize = 8;
/// Longest path of keys that is told from others, in bytes.
const PATH_BYTES_MAX: usize = 128;

fn compile(text: &str) -> Result<Format, FormatError> {
    Ok(Format::new(Parser::Json(Keys::parse(text)?)))
}

/// See [`Format::parse`].
pub(super) fn parse(keys: &Keys, line: &[u8], record: &mut Record) -> bool {
    record.clear();
    let mut reader = Reader { line, at: 0, keys, path: [0; PATH_BYTES_MAX], has_field: false };
    reader.skip_blanks();
    let is_object = reader.object(0, 0, record).is_some();
    reader.skip_blanks();
    is_object && reader.at == line.len() && reader.has_field
}

struct Reader<'a> {
    line: &'a [u8],
    at: usize,
    keys: &'a Keys,
    path: [u8; PATH_BYTES_MAX],
    has_field: bool,
}

/// A string or a bare word, without quotes.
struct Scalar {
    start: usize,
    end: usize,
    has_escapes: bool,
}

impl Reader<'_> {
    fn object(&mut self, depth: usize, path_len: usize, record: &mut Record) -> Option<()> {
        self.expect(b'{')?;
        self.skip_blanks();
        if self.peek()? == b'}' {
            return self.expect(b'}');
        }
        loop {
            self.skip_blanks();
            let key = self.string()?;
            self.skip_blanks();
            self.expect(b':')?;
            self.skip_blanks();
            self.value(key, depth, path_len, record)?;
            self.skip_blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => return self.expect(b'}'),
                _ => return None,
            }
        }
    }

    fn value(&mut self, key: Scalar, depth: usize, path_len: usize, record: &mut Record) -> Option<()> {
        let value = match self.peek()? {
            b'{' if depth < DEPTH_MAX => {
                let path_len = self.enter(&key, path_len);
                return self.object(depth + 1, path_len, record);
            }
            b'{' | b'[' => return self.skip_nested(),
            b'"' => self.string()?,
            _ => self.bare()?,
        };
        self.note(&key, path_len, value, record);
        Some(())
    }

    /// Adds a key to the path; one that is too long stands for nothing.
    fn enter(&mut self, key: &Scalar, path_len: usize) -> usize {
        let key = &self.line[key.start..key.end];
        let dot = usize::from(path_len > 0);
        let Some(room) = self.path.get_mut(path_len..path_len + dot + key.len()) else {
            return PATH_BYTES_MAX;
        };
        room[..dot].fill(b'.');
        room[dot..].copy_from_slice(key);
        path_len + dot + key.len()
    }

    fn note(&mut self, key: &Scalar, path_len: usize, value: Scalar, record: &mut Record) {
        let outer_len = if path_len > 0 { self.enter(key, path_len) } else { 0 };
        if outer_len >= PATH_BYTES_MAX {
            return;
        }
        let key = &self.line[key.start..key.end];
        // What lies in nothing is its own path.
        let path = if outer_len > 0 { &self.path[..outer_len] } else { key };
        let Some((field, unit)) = record.seen.find(path, key, |path, key| self.keys.find(path, key)) else {
            return;
        };
        let text = &self.line[value.start..value.end];
        if field.is_time() {
            record.set_unit(field, unit);
        }
        if text == b"null" {
            return;
        }
        self.has_field = true;
        if value.has_escapes {
            record.set_own(field, |out| unescape(text, out));
        } else {
            record.set(field as u8, value.start, value.end);
        }
    }

    /// A string, after its quotes.
    fn string(&mut self) -> Option<Scalar> {
        self.expect(b'"')?;
        let (start, mut has_escapes) = (self.at, false);
        loop {
            self.at += end_of_plain(self.line.get(self.at..)?)?;
            if self.line[self.at] == b'"' {
                self.at += 1;
                return Some(Scalar { start, end: self.at - 1, has_escapes });
            }
            has_escapes = true;
            self.at += 2;
        }
    }

    /// A number, `true`, `false` or `null`.
    fn bare(&mut self) -> Option<Scalar> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let len = self.line[self.at..].iter().take_while(|byte| is_part(byte)).count();
        let start = self.at;
        self.at += len;
        (len > 0).then_some(Scalar { start, end: self.at, has_escapes: false })
    }

    /// An array or object that is not looked into.
    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip_blanks(&mut self) {
        self.at +=
            self.line[self.at.min(self.line.len())..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    }
}

/// Where the first quote or backslash is. Most strings are short, and are over before a search of any length has begun.
#[inline]
fn end_of_plain(text: &[u8]) -> Option<usize> {
    if let Some(near) = text.first_chunk::<16>() {
        let lanes = Lanes::new(near);
        let found = lanes.is(b'"').or(lanes.is(b'\\')).bits();
        if found != 0 {
            return Some(found.trailing_zeros() as usize);
        }
    }
    memchr2(b'"', b'\\', text)
}

/// Undoes `\n`, `\"`, `\u0041`; what is not well-formed stays as it is.
pub(super) fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let escape = rest.get(at + 1).copied();
        rest = rest.get(at + 2..).unwrap_or_default();
        match escape {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'u') => match unit(rest) {
                Some(code) => {
                    rest = &rest[4..];
                    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.extend_from_slice(b"\\u"),
            },
            Some(other) => out.push(other),
            None => out.push(b'\\'),
        }
    }
    out.extend_from_slice(rest);
}

fn unit(digits: &[u8]) -> Option<u32> {
    let digits = digits.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
