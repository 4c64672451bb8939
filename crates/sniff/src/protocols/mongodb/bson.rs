//! BSON, as far as it is of interest. Source: <https://bsonspec.org/spec.html>.

use super::message::le32;

/// A value as far as it is of interest.
#[derive(Clone, Copy)]
pub(super) enum Value<'b> {
    Text(&'b [u8]),
    Number(f64),
    Document(&'b [u8]),
    Other,
}

/// Elements of a BSON document, of which the end may be missing.
pub(super) struct Elements<'b> {
    rest: &'b [u8],
}

impl<'b> Elements<'b> {
    pub(super) fn of(document: &'b [u8]) -> Self {
        Self { rest: document.get(4..).unwrap_or_default() }
    }
}

impl<'b> Iterator for Elements<'b> {
    type Item = (&'b [u8], Value<'b>);

    fn next(&mut self) -> Option<Self::Item> {
        let (&kind, rest) = self.rest.split_first().filter(|(kind, _)| **kind != 0)?;
        let end = memchr::memchr(0, rest)?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let (value, len) = value(kind, rest)?;
        self.rest = rest.get(len..).unwrap_or_default();
        Some((name, value))
    }
}

/// A value and how long it is, which may be longer than what is there.
pub(super) fn value(kind: u8, bytes: &[u8]) -> Option<(Value<'_>, usize)> {
    let prefix = || le32(bytes, 0).map(|len| len as usize);
    Some(match kind {
        0x01 => (Value::Number(f64::from_le_bytes(*bytes.first_chunk()?)), 8),
        0x02 => {
            let len = prefix()?;
            (Value::Text(bytes.get(4..4 + len.checked_sub(1)?)?), 4 + len)
        }
        0x03 | 0x04 => {
            let len = prefix()?.max(5);
            (Value::Document(&bytes[..len.min(bytes.len())]), len)
        }
        0x05 => (Value::Other, 5 + prefix()?),
        0x06 | 0x0a | 0x7f | 0xff => (Value::Other, 0),
        0x07 => (Value::Other, 12),
        0x08 => (Value::Number(f64::from(*bytes.first()?)), 1),
        0x09 | 0x11 => (Value::Other, 8),
        0x0b => {
            let pattern = memchr::memchr(0, bytes)? + 1;
            (Value::Other, pattern + memchr::memchr(0, &bytes[pattern..])? + 1)
        }
        0x0c => (Value::Other, 4 + prefix()? + 12),
        0x0d | 0x0e => (Value::Other, 4 + prefix()?),
        0x0f => (Value::Other, prefix()?.max(4)),
        0x10 => (Value::Number(f64::from(le32(bytes, 0)?.cast_signed())), 4),
        0x12 => (Value::Number(i64::from_le_bytes(*bytes.first_chunk()?) as f64), 8),
        0x13 => (Value::Other, 16),
        _ => return None,
    })
}
