//! The bytes of a pickle, and the numbers and texts written in them.

use crate::number;
use std::borrow::Cow;

pub(super) struct Input<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], String> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or("the pickle ends in the middle")?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, String> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    /// A little-endian number of `N` bytes without a sign.
    pub(super) fn number<const N: usize>(&mut self) -> Result<u64, String> {
        self.bytes(N).map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Bytes behind their count.
    pub(super) fn counted(&mut self, len_bytes: usize) -> Result<&'a [u8], String> {
        let len = match len_bytes {
            1 => self.number::<1>(),
            4 => self.number::<4>(),
            _ => self.number::<8>(),
        }?;
        self.bytes(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// The rest of a line, without its end.
    pub(super) fn line(&mut self) -> Result<&'a [u8], String> {
        let end = memchr::memchr(b'\n', self.rest).ok_or("the pickle ends in the middle")?;
        let line = self.bytes(end)?;
        self.rest = &self.rest[1..];
        Ok(line)
    }

    /// The rest of a line that can only be ASCII.
    pub(super) fn ascii_line(&mut self) -> Result<&'a str, String> {
        let line = std::str::from_utf8(self.line()?).ok().filter(|line| line.is_ascii());
        line.ok_or_else(|| "a line is not ASCII".to_owned())
    }
}

/// A whole number of any length, little-endian two's complement.
pub(super) fn long(bytes: &[u8]) -> f64 {
    let is_negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let digit = |byte: u8| f64::from(if is_negative { !byte } else { byte });
    let size = bytes.iter().rev().fold(0.0, |number, byte| number * 256.0 + digit(*byte));
    if is_negative { -(size + 1.0) } else { size }
}

/// A number as protocol 0 writes it: `repr` of Python, an `L` behind long ones, 00 and 01 for truth values.
pub(super) fn written_number(text: &str) -> Result<f64, String> {
    let digits = text.trim().trim_end_matches('L');
    number::prometheus(digits).ok_or_else(|| format!("`{text}` is not a number"))
}

pub(super) fn memo_number(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| format!("memo number `{text}` is not a number"))
}

/// Text as Python 2's `repr` writes it.
pub(super) fn quoted(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "a text of protocol 0 is not in quotes".to_owned();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(wrong)?;
    let inner = text[1..].strip_suffix(quote).ok_or_else(wrong)?;
    let (mut out, mut rest) = (Vec::new(), inner);
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let mut chars = rest[at + 1..].chars();
        match chars.next().ok_or_else(wrong)? {
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            'r' => out.push(b'\r'),
            'x' => {
                let code = chars.as_str().get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                out.push(code.ok_or("`\\x` without two hexadecimal digits")?);
                chars.nth(1);
            }
            plain @ ('\\' | '\'' | '"') => out.push(plain as u8),
            other => return Err(format!("`\\{other}` in a text of protocol 0 is not known")),
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

/// Text as `raw-unicode-escape` writes it: `\\uXXXX` and `\\UXXXXXXXX` stand for characters, other bytes are Latin-1.
pub(super) fn unescaped(text: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if text.is_ascii() && memchr::memchr(b'\\', text).is_none() {
        return Ok(text.into());
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let len = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                out.push(char::from(*byte));
                continue;
            }
        };
        let hex = rest.get(1..=len).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        out.push(code.ok_or("what stands behind `\\u` is no character's code")?);
        rest = &rest[1 + len..];
    }
    Ok(out.into_bytes().into())
}
