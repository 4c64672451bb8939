//! Docker's driver `json-file`: `{"log":"text\n","stream":"stdout","time":"…"}`. A line of more than 16 KiB is split over
//! several objects, of which only the last one's text ends with a line feed. `attrs` may stand behind the stream.

use super::{Inner, Row, Stream};
use memchr::{memchr2, memmem};

pub(super) static ROW: Row = Row {
    name: "docker",
    summary: "Docker's and nerdctl's driver `json-file`",
    example: r#"{"log":"GET / 200\n","stream":"stdout","time":"2026-11-22T08:14:03.120450017Z"}"#,
    open,
};

const BEFORE_TEXT: &[u8] = br#"{"log":""#;
const BEFORE_STREAM: &[u8] = br#","stream":""#;
/// The stream and the time behind the text, without attributes.
const END_BYTES: usize = 72;

fn open(line: &mut [u8]) -> Option<Inner> {
    if !line.starts_with(BEFORE_TEXT) || !has_stream(line) {
        return None;
    }
    let start = BEFORE_TEXT.len();
    let (end, after) = unescape(line, start)?;
    let rest = line[after..].strip_prefix(BEFORE_STREAM)?;
    let stream = Stream::named(rest.get(..6)?)?;
    let is_whole = end > start && line[end - 1] == b'\n';
    rest.ends_with(b"}").then_some(Inner { text: start..end - usize::from(is_whole), stream, is_whole })
}

/// Whether it has a stream where one stands: what has none is left as it is, for it may be a program's own JSON.
fn has_stream(line: &[u8]) -> bool {
    let (head, end) = line.split_at(line.len().saturating_sub(END_BYTES));
    let is_in = |text: &[u8]| [&b"stdout\""[..], b"stderr\""].iter().any(|name| text.starts_with(name));
    let has = |text: &[u8]| {
        memmem::rfind(text, BEFORE_STREAM).is_some_and(|at| is_in(&text[at + BEFORE_STREAM.len()..]))
    };
    line.ends_with(b"}") && (has(end) || !head.is_empty() && has(line))
}

/// Undoes the escapes of a JSON string that begins at `start`, where it stands: no text gets longer by that. Gives where the
/// text ends, and where what follows the closing quote begins.
fn unescape(line: &mut [u8], start: usize) -> Option<(usize, usize)> {
    let (mut out, mut at) = (start, start);
    loop {
        let next = at + memchr2(b'"', b'\\', &line[at..])?;
        if out != at {
            line.copy_within(at..next, out);
        }
        out += next - at;
        if line[next] == b'"' {
            return Some((out, next + 1));
        }
        at = next + 2;
        let plain = match *line.get(next + 1)? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let (letter, len) = letter(&line[next..])?;
                let mut utf8 = [0; 4];
                let utf8 = letter.encode_utf8(&mut utf8).as_bytes();
                line[out..out + utf8.len()].copy_from_slice(utf8);
                (out, at) = (out + utf8.len(), next + len);
                continue;
            }
            other @ (b'"' | b'\\' | b'/') => other,
            _ => return None,
        };
        line[out] = plain;
        out += 1;
    }
}

/// The letter of a `\uXXXX`, two of them for one beyond the first 65,536, and how long it is written. A half of two that
/// stands alone is no letter.
fn letter(text: &[u8]) -> Option<(char, usize)> {
    let first = unit(text)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some(second @ 0xdc00..0xe000) = text.get(6..).and_then(unit)
    {
        let number = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(number)?, 12));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}

fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
