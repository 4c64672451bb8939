//! `key=value key="a value"` a line.

use super::json::unescape;
use super::keys::Keys;
use super::{Family, Format, FormatError, Parser};
use crate::record::Record;
use memchr::memchr2;

pub(super) const FAMILY: Family = Family {
    name: "logfmt",
    summary: "Keys and values; usual keys are known, others are named as `url=request_path request_time=took:ms`",
    default: "",
    example: "ts=2026-11-22T08:14:03Z level=info method=GET path=\"/cart/17\" status=200 size=512 duration=23ms",
    example_format: "",
    needs_text: false,
    compile,
};

fn compile(text: &str) -> Result<Format, FormatError> {
    Ok(Format::new(Parser::Logfmt(Keys::parse(text)?)))
}

/// See [`Format::parse`]. A line without any of our fields has another format.
pub(super) fn parse(keys: &Keys, line: &[u8], record: &mut Record) -> bool {
    record.clear();
    let (mut at, mut found) = (0, false);
    while at < line.len() {
        if line[at] == b' ' {
            at += 1;
            continue;
        }
        let Some(len) = memchr2(b'=', b' ', &line[at..]) else { break };
        let key = &line[at..at + len];
        if line[at + len] == b' ' {
            at += len + 1;
            continue;
        }
        let (start, end, next, is_escaped) = value(line, at + len + 1);
        if let Some((field, unit)) = record.seen.find(key, key, |path, key| keys.find(path, key)) {
            found = true;
            if field.is_time() {
                record.set_unit(field, unit);
            }
            if is_escaped {
                record.set_own(field, |out| unescape(&line[start..end], out));
            } else {
                record.set(field as u8, start, end);
            }
        }
        at = next;
    }
    found
}

/// Start, end, where the next word may begin, and whether there are escapes in the value.
fn value(line: &[u8], at: usize) -> (usize, usize, usize, bool) {
    if line.get(at) != Some(&b'"') {
        let end = memchr::memchr(b' ', &line[at..]).map_or(line.len(), |len| at + len);
        return (at, end, end, false);
    }
    let (start, mut end, mut is_escaped) = (at + 1, at + 1, false);
    while let Some(next) = line.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        end += next;
        if line[end] == b'"' {
            return (start, end, end + 1, is_escaped);
        }
        is_escaped = true;
        end += 2;
    }
    // The line was cut within the value.
    (start, line.len(), line.len(), is_escaped)
}
