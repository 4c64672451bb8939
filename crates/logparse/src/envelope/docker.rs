//! Docker's driver `json-file`: `{"log":"text\n","stream":"stdout","time":"…"}`. A line of more than 16 KiB is split over
//! several objects, of which only the last one's text ends with a line feed. `attrs` may stand behind the stream.

use super::{Inner, Row, Stream};
use memchr::{memchr2, memmem, memrchr};
use stdx::simd::Lanes;

pub(super) static ROW: Row = Row {
    name: "docker",
    summary: "Docker's and nerdctl's driver `json-file`",
    example: r#"{"log":"GET / 200\n","stream":"stdout","time":"2026-11-22T08:14:03.120450017Z"}"#,
    open,
};

const BEFORE_TEXT: &[u8] = br#"{"log":""#;
const BEFORE_STREAM: &[u8] = br#","stream":""#;
/// What is between that and the time.
const BEFORE_TIME: &[u8] = br#"stdout","time":"#;

fn open(line: &mut [u8], wanted: Option<Stream>) -> Option<Inner> {
    if !line.starts_with(BEFORE_TEXT) {
        return None;
    }
    let start = BEFORE_TEXT.len();
    // Looked for first: what has none is left as it is, for it may be a program's own JSON.
    let (stream, at) = stream(line)?;
    if wanted.is_some_and(|wanted| wanted != stream) {
        return Some(Inner { text: start..start, stream, is_whole: true });
    }
    let (end, after) = unescape(line, start)?;
    // An attribute may look like it.
    let stream = if after == at { stream } else { stream_at(line, after)? };
    let is_whole = end > start && line[end - 1] == b'\n';
    Some(Inner { text: start..end - usize::from(is_whole), stream, is_whole })
}

/// Which stream it is, and where that is told, by the end of the line: the text before may have anything in it.
fn stream(line: &[u8]) -> Option<(Stream, usize)> {
    let line = line.strip_suffix(b"}")?;
    let is_at = |at: usize| Some((stream_at(line, at)?, at));
    // Mostly there is nothing but the time behind it, whose value is the last thing in quotes.
    let time = memrchr(b'"', line.strip_suffix(b"\"")?)?;
    let usual = time.checked_sub(BEFORE_TIME.len() + BEFORE_STREAM.len()).and_then(is_at);
    usual.or_else(|| is_at(memmem::rfind(line, BEFORE_STREAM)?))
}

fn stream_at(line: &[u8], at: usize) -> Option<Stream> {
    let rest = line.get(at..)?.strip_prefix(BEFORE_STREAM)?;
    Stream::named(rest.get(..6)?).filter(|_| rest.get(6) == Some(&b'"'))
}

/// Undoes the escapes of a JSON string that begins at `start`, where it stands: no text gets longer by that. Gives where the
/// text ends, and where what follows the closing quote begins.
fn unescape(line: &mut [u8], start: usize) -> Option<(usize, usize)> {
    let (mut out, mut at) = (start, start);
    loop {
        let next = carry(line, at, &mut out)?;
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

/// Moves text to `out` up to the next quote or backslash, whose place it gives. They stand close together in what servers
/// write, so that sixteen bytes at once do better than a search for each.
fn carry(line: &mut [u8], mut at: usize, out: &mut usize) -> Option<usize> {
    while let Some(chunk) = line.get(at..).and_then(<[u8]>::first_chunk::<16>).copied() {
        let lanes = Lanes::new(&chunk);
        let found = lanes.is(b'"').or(lanes.is(b'\\')).bits();
        if found != 0 {
            let len = found.trailing_zeros() as usize;
            line[*out..*out + len].copy_from_slice(&chunk[..len]);
            *out += len;
            return Some(at + len);
        }
        // What it overwrites was read.
        line[*out..*out + 16].copy_from_slice(&chunk);
        (*out, at) = (*out + 16, at + 16);
    }
    let next = at + memchr2(b'"', b'\\', &line[at..])?;
    line.copy_within(at..next, *out);
    *out += next - at;
    Some(next)
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
