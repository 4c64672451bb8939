//! What Apache writes to `ErrorLog`, when no `ErrorLogFormat` says otherwise.

use super::phrases::{Phrase, find, phrase};
use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};
use memchr::memchr;

pub(super) const FAMILY: Family = Family {
    name: "apache-error",
    summary: "Apache's `ErrorLog` in its usual format: messages by severity and by their codes",
    default: "",
    example: "[Sun Nov 22 08:14:03.123456 2026] [core:error] [pid 913:tid 17] [client 192.0.2.7:5123] AH00126: Invalid URI in \
              request GET /../ HTTP/1.1",
    example_format: "",
    needs_text: false,
    compile,
};

const PHRASES: &[Phrase] = &[
    phrase("AH00161", "workers_exhausted"),
    phrase("AH00484", "workers_exhausted"),
    phrase("AH00485", "workers_exhausted"),
    phrase("server reached Max", "workers_exhausted"),
    phrase("AH00052", "worker_crashed"),
    phrase("child pid * exit signal", "worker_crashed"),
    phrase("AH01075", "upstream_failed"),
    phrase("AH01114", "upstream_refused"),
    phrase("AH00957", "upstream_refused"),
    phrase("AH01102", "upstream_timeout"),
    phrase("AH01630", "access_denied"),
    phrase("AH01797", "access_denied"),
    phrase("AH00163", "started"),
    phrase("AH00169", "stopped"),
];

#[derive(Debug)]
struct ApacheError;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(ApacheError))
}

impl Dialect for ApacheError {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some((severity, message)) = split(line) else { return open.is_entry };
        open.begin();
        heard.message(severity, b"");
        if let Some(code) = code(message) {
            heard.code(code);
        }
        if let Some((event, amount)) = find(PHRASES, message) {
            heard.event(event, amount);
        }
        true
    }
}

/// `[time] [module:severity] [more] … message`; before 2.4 there is no module.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (time, rest) = bracket(line)?;
    let is_time = time.len() >= 20 && time.contains(&b':') && time.last().is_some_and(u8::is_ascii_digit);
    let (level, mut message) = bracket(rest).filter(|_| is_time)?;
    while let Some((word, rest)) = bracket(message)
        && [&b"pid "[..], b"client ", b"remote "].iter().any(|name| word.starts_with(name))
    {
        message = rest;
    }
    let severity = level.iter().rposition(|byte| *byte == b':').map_or(level, |at| &level[at + 1..]);
    Some((severity, message.trim_ascii_start()))
}

/// What stands in the brackets that a text begins with, and what stands behind them.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.trim_ascii_start().strip_prefix(b"[")?;
    let end = memchr(b']', inner)?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// `AH00126`, mostly first, else behind the name of an error: `(111)Connection refused: AH00957: …`.
fn code(message: &[u8]) -> Option<&[u8]> {
    const LEN: usize = "AH00126".len();
    let is_code = |code: &&[u8]| code.starts_with(b"AH") && code[2..].iter().all(u8::is_ascii_digit);
    let first = message.get(..LEN).filter(is_code);
    first.or_else(|| {
        let at = memchr::memmem::find(message.strip_prefix(b"(").map(|_| message)?, b": AH")? + 2;
        message.get(at..at + LEN).filter(is_code)
    })
}
