//! MongoDB's wire protocol. Source: <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>.
//!
//! Messages have numbers, and answers name what they answer, so that a loss costs nothing but what was lost.

use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::{Answer, Asked};
use crate::names::{self, Name};

const HEAD_BYTES: usize = 16;
/// MongoDB's own limit.
const MESSAGE_BYTES_MAX: u32 = 48_000_000;
/// As much of a message as is wanted before it is read.
const LOOK_BYTES: usize = 2048;
/// Elements of a document that are looked at.
const ELEMENTS_MAX: usize = 64;

const REPLY: u32 = 1;
const UPDATE: u32 = 2001;
const INSERT: u32 = 2002;
const QUERY: u32 = 2004;
const GET_MORE: u32 = 2005;
const DELETE: u32 = 2006;
const KILL_CURSORS: u32 = 2007;
const COMPRESSED: u32 = 2012;
const MSG: u32 = 2013;

/// No answer to this message, or another message after it.
const MORE_TO_COME: u32 = 2;
const QUERY_FAILURE: u32 = 2;

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct MongoDb {
    /// The server goes on sending answers to one request.
    is_streaming: bool,
    /// The answer that passes by: to what, bytes, error.
    reply: Option<(u32, u64, Option<Name>)>,
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

struct Head {
    len: u32,
    id: u32,
    answers: u32,
    code: u32,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let field = |at| le32(bytes, at);
    let head = Head { len: field(0)?, id: field(4)?, answers: field(8)?, code: field(12)? };
    let codes = [REPLY, UPDATE, INSERT, QUERY, GET_MORE, DELETE, KILL_CURSORS, COMPRESSED, MSG];
    let is_plausible =
        (HEAD_BYTES as u32..=MESSAGE_BYTES_MAX).contains(&head.len) && codes.contains(&head.code);
    is_plausible.then_some(head)
}

/// A value as far as it is of interest.
#[derive(Clone, Copy)]
enum Value<'b> {
    Text(&'b [u8]),
    Number(f64),
    Document(&'b [u8]),
    Other,
}

/// Elements of a BSON document, of which the end may be missing.
struct Elements<'b> {
    rest: &'b [u8],
}

impl<'b> Elements<'b> {
    fn of(document: &'b [u8]) -> Self {
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
fn value(kind: u8, bytes: &[u8]) -> Option<(Value<'_>, usize)> {
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

/// The document that says what a message is about: the section of kind 0.
fn body(mut sections: &[u8]) -> Option<&[u8]> {
    loop {
        let (kind, rest) = sections.split_first()?;
        if *kind == 0 {
            return Some(rest);
        }
        sections = rest.get(le32(rest, 0)? as usize..)?;
    }
}

/// Command, and database with collection.
fn command(document: &[u8], database: &[u8]) -> (Name, Name) {
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
fn error(document: &[u8]) -> Option<Name> {
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

fn numbered(number: f64) -> Name {
    let mut name = Name::default();
    name.push((number as i64).to_string().as_bytes());
    name
}

/// `database.collection` of older messages, as a zero-terminated text.
fn namespace(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]
}

impl MongoDb {
    fn request(&mut self, head: &Head, bytes: &[u8], scene: &mut Scene<'_, '_>) {
        let content = &bytes[HEAD_BYTES..];
        let flags = le32(content, 0).unwrap_or(0);
        let rest = content.get(4..).unwrap_or_default();
        let legacy = |name: &[u8]| (names::thing(name), names::thing(namespace(rest)));
        let (name, target) = match head.code {
            MSG => match body(rest) {
                Some(document) => command(document, b""),
                None => legacy(b"other"),
            },
            QUERY => {
                let space = namespace(rest);
                match space.strip_suffix(b".$cmd") {
                    Some(database) => command(rest.get(space.len() + 9..).unwrap_or_default(), database),
                    None => legacy(b"query"),
                }
            }
            UPDATE => legacy(b"update"),
            INSERT => legacy(b"insert"),
            DELETE => legacy(b"delete"),
            GET_MORE => legacy(b"getMore"),
            COMPRESSED => {
                scene.record.compressed();
                (names::thing(b"compressed"), Name::default())
            }
            _ => (names::thing(b"killCursors"), Name::default()),
        };
        let operation = scene.record.operation(name.as_bytes(), target.as_bytes());
        let asked = Asked { operation, began_ns: scene.began_ns, bytes: u64::from(head.len), tag: head.id };
        let is_silent = match head.code {
            MSG => flags & MORE_TO_COME != 0,
            code => [UPDATE, INSERT, DELETE, KILL_CURSORS].contains(&code),
        };
        if is_silent {
            scene.exchanges.tell(asked, scene.record);
        } else {
            scene.exchanges.ask(asked, scene.record);
        }
    }

    fn response(&mut self, head: &Head, bytes: &[u8], scene: &mut Scene<'_, '_>) {
        let content = &bytes[HEAD_BYTES..];
        let flags = le32(content, 0).unwrap_or(0);
        let was_streaming = self.is_streaming;
        let error = match head.code {
            MSG => {
                self.is_streaming = flags & MORE_TO_COME != 0;
                content.get(4..).and_then(body).and_then(error)
            }
            REPLY => {
                let failed = (flags & QUERY_FAILURE != 0).then(|| names::thing(b"QueryFailure"));
                failed.or_else(|| content.get(20..).and_then(error))
            }
            COMPRESSED => {
                scene.record.compressed();
                None
            }
            _ => None,
        };
        if was_streaming && !scene.exchanges.has_tag(head.answers) {
            return scene.record.pushed();
        }
        self.reply = Some((head.answers, u64::from(head.len), error));
    }
}

impl Protocol for MongoDb {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        scene.exchanges.stay_aligned();
        if bytes.len() < HEAD_BYTES {
            return if scene.is_cut { Step::Lost } else { Step::More };
        }
        let Some(head) = head(bytes) else { return Step::Lost };
        let len = head.len as usize;
        if bytes.len() < len.min(LOOK_BYTES) && !scene.is_cut {
            return Step::More;
        }
        let message = &bytes[..bytes.len().min(len)];
        match side {
            Side::Client => self.request(&head, message, scene),
            Side::Server => self.response(&head, message, scene),
        }
        Step::Pass(u64::from(head.len))
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        if side == Side::Client {
            return;
        }
        if let Some((id, bytes, error)) = self.reply.take() {
            let answer = Answer { bytes, error: error.as_ref().map(Name::as_bytes) };
            scene.exchanges.answer_tagged(id, answer, scene.now_ns, scene.record);
        }
    }

    fn begins(&self, _side: Side, bytes: &[u8]) -> bool {
        head(bytes).is_some()
    }

    fn lost(&mut self, side: Side) {
        if side == Side::Server {
            *self = Self::default();
        }
    }
}
