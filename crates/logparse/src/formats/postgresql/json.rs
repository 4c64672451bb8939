//! `jsonlog`: an object a line, whose values are strings and numbers.

use super::message::{Kind, Message, more, take};
use crate::formats::json::unescape;
use crate::messages::{Dialect, Heard, Open};
use memchr::memchr2;
use std::borrow::Cow;

#[derive(Debug)]
pub(super) struct Json;

#[derive(Debug, Default)]
struct Fields<'a> {
    severity: &'a [u8],
    code: &'a [u8],
    database: Cow<'a, [u8]>,
    text: Cow<'a, [u8]>,
}

impl Dialect for Json {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some(fields) = read(line) else { return false };
        let Some(kind @ Kind::Message(_)) = Kind::of(fields.severity) else { return false };
        let message = Message { kind, code: fields.code, database: &fields.database, text: &fields.text };
        take(&message, open, heard);
        more(&fields.text, open, heard);
        true
    }
}

fn read(line: &[u8]) -> Option<Fields<'_>> {
    let (mut fields, mut rest) = (Fields::default(), line.strip_prefix(b"{")?);
    loop {
        let (key, after) = string(rest.trim_ascii_start())?;
        let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (value, after) = if value.starts_with(b"\"") { string(value)? } else { bare(value) };
        match key {
            b"error_severity" => fields.severity = value,
            b"state_code" => fields.code = value,
            b"dbname" => fields.database = unescaped(value),
            b"message" => fields.text = unescaped(value),
            _ => {}
        }
        match after.trim_ascii_start().split_first()? {
            (b',', next) => rest = next,
            (b'}', _) => return Some(fields),
            _ => return None,
        }
    }
}

/// What stands in the quotes that a text begins with, and what follows.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        let end = at + memchr2(b'"', b'\\', inner.get(at..)?)?;
        if inner[end] == b'"' {
            return Some((&inner[..end], &inner[end + 1..]));
        }
        at = end + 2;
    }
}

fn bare(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(memchr2(b',', b'}', text).unwrap_or(text.len()))
}

fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::new();
    unescape(text, &mut plain);
    Cow::Owned(plain)
}
