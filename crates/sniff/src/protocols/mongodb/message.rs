//! The messages of the protocol, and what their documents say.

use super::bson::{Elements, Value};
use crate::names::{self, Name};

pub(super) const HEAD_BYTES: usize = 16;
/// MongoDB's own limit.
pub(super) const MESSAGE_BYTES_MAX: u32 = 48_000_000;
/// As much of a message as is wanted before it is read.
pub(super) const LOOK_BYTES: usize = 2048;
/// Elements of a document that are looked at.
pub(super) const ELEMENTS_MAX: usize = 64;

pub(super) const REPLY: u32 = 1;
pub(super) const UPDATE: u32 = 2001;
pub(super) const INSERT: u32 = 2002;
pub(super) const QUERY: u32 = 2004;
pub(super) const GET_MORE: u32 = 2005;
pub(super) const DELETE: u32 = 2006;
pub(super) const KILL_CURSORS: u32 = 2007;
pub(super) const COMPRESSED: u32 = 2012;
pub(super) const MSG: u32 = 2013;

/// No answer to this message, or another message after it.
pub(super) const MORE_TO_COME: u32 = 2;
pub(super) const QUERY_FAILURE: u32 = 2;

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) struct Head {
    pub(super) len: u32,
    pub(super) id: u32,
    pub(super) answers: u32,
    pub(super) code: u32,
}

pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    let field = |at| le32(bytes, at);
    let head = Head { len: field(0)?, id: field(4)?, answers: field(8)?, code: field(12)? };
    let codes = [REPLY, UPDATE, INSERT, QUERY, GET_MORE, DELETE, KILL_CURSORS, COMPRESSED, MSG];
    let is_plausible =
        (HEAD_BYTES as u32..=MESSAGE_BYTES_MAX).contains(&head.len) && codes.contains(&head.code);
    is_plausible.then_some(head)
}

/// The document that says what a message is about: the section of kind 0.
pub(super) fn body(mut sections: &[u8]) -> Option<&[u8]> {
    loop {
        let (kind, rest) = sections.split_first()?;
        if *kind == 0 {
            return Some(rest);
        }
        sections = rest.get(le32(rest, 0)? as usize..)?;
    }
}

/// Command, and database with collection.
pub(super) fn command(document: &[u8], database: &[u8]) -> (Name, Name) {
    let (mut name, mut collection) = (Name::default(), Name::default());
    let mut database = names::thing(database);
    for (i, (key, value)) in Elements::of(document).take(ELEMENTS_MAX).enumerate() {
        match (key, value) {
            (b"$query" | b"query", Value::Document(inner)) if i == 0 => {
                return command(inner, database.as_bytes());
            }
            (b"$db", Value::Text(text)) => database = names::thing(text),
            (b"collection", Value::Text(text)) => collection = names::thing(text),
            (key, value) if i == 0 => {
                if key.len() <= 40 && key.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                    name.push(key);
                }
                if let Value::Text(text) = value {
                    collection = names::thing(text);
                }
            }
            _ => {}
        }
    }
    if name.is_empty() {
        name.push(b"other");
    }
    let mut target = database;
    if !target.is_empty() && !collection.is_empty() {
        target.push(b".");
    }
    target.push(collection.as_bytes());
    (name, target)
}

/// The error an answer tells: the name of its code, or the number.
pub(super) fn error(document: &[u8]) -> Option<Name> {
    let (mut is_ok, mut code, mut is_write) = (true, Name::default(), false);
    for (key, value) in Elements::of(document).take(ELEMENTS_MAX) {
        match (key, value) {
            (b"ok", Value::Number(ok)) => is_ok = ok != 0.0,
            (b"codeName", Value::Text(text)) => {
                code = Name::default();
                code.push(text);
            }
            (b"code", Value::Number(number)) if code.is_empty() => code = numbered(number),
            (b"writeErrors", Value::Document(list)) => {
                let first = Elements::of(list).next();
                if let Some((_, Value::Document(first))) = first {
                    is_write = true;
                    let found = Elements::of(first).find_map(|(key, value)| match value {
                        Value::Number(number) if key == b"code" => Some(numbered(number)),
                        _ => None,
                    });
                    code = found.unwrap_or(code);
                }
            }
            _ => {}
        }
    }
    if is_ok && !is_write {
        return None;
    }
    if code.is_empty() {
        code.push(b"unknown");
    }
    Some(code)
}

pub(super) fn numbered(number: f64) -> Name {
    let mut name = Name::default();
    name.push((number as i64).to_string().as_bytes());
    name
}

/// `database.collection` of older messages, as a zero-terminated text.
pub(super) fn namespace(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]
}
