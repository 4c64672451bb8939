//! What PHP-FPM writes to `error_log`, and PHP to its own.

use super::phrases::{Given, Phrase, find, phrase};
use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};
use memchr::{memchr, memmem};

pub(super) const FAMILY: Family = Family {
    name: "php-fpm",
    summary: "PHP-FPM's `error_log` and PHP's own: messages by severity, pools that are full, children that crash",
    default: "",
    example: "[22-Nov-2026 08:14:03] WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
    example_format: "",
    needs_text: false,
    compile,
};

const PHRASES: &[Phrase] = &[
    phrase("*server reached pm.max_children", "children_exhausted"),
    phrase("*server reached max_children", "children_exhausted"),
    phrase("*seems busy (", "pool_busy"),
    Phrase { text: "*executing too slow (", event: "slow_request", amount: Given::Seconds("too slow (") },
    Phrase {
        text: "*execution timed out (",
        event: "request_timeout",
        amount: Given::Seconds("timed out ("),
    },
    phrase("*exited on signal", "child_crashed"),
    phrase("*said into std", "output"),
    phrase("*Allowed memory size of", "memory_exhausted"),
    phrase("*Maximum execution time of", "request_timeout"),
    phrase("fpm is running", "started"),
    phrase("exiting, bye-bye", "stopped"),
];

#[derive(Debug)]
struct PhpFpm;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(PhpFpm))
}

impl Dialect for PhpFpm {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some(text) = timed(line) else { return open.is_entry };
        if text.starts_with(b"PHP Stack trace:") || text.starts_with(b"PHP   ") {
            // Each step of a stack has a time, and belongs to the message before.
            return true;
        }
        open.begin();
        let (severity, message) = severity(text);
        heard.message(severity, b"");
        // The request is in quotes, and what it says is not the server's.
        let end = memmem::find(message, b"(request: ")
            .map_or(0, |at| memmem::find(&message[at..], b"\") ").map_or(0, |len| at + len));
        if let Some((event, amount)) = find(PHRASES, if end > 0 { &message[end..] } else { message }) {
            heard.event(event, amount);
        }
        true
    }
}

/// What stands behind `[22-Nov-2026 08:14:03] `, which may have a zone or fractions.
pub(super) fn timed(line: &[u8]) -> Option<&[u8]> {
    const LEN_MIN: usize = "22-Nov-2026 08:14:03".len();
    const LEN_MAX: usize = 64;
    let inner = line.strip_prefix(b"[")?;
    let end = memchr(b']', &inner[..inner.len().min(LEN_MAX)]).filter(|end| *end >= LEN_MIN)?;
    let is_time = inner[2] == b'-' && inner[6] == b'-' && inner[14] == b':';
    inner.get(end + 1..).filter(|_| is_time).map(<[u8]>::trim_ascii_start)
}

/// `WARNING: …`, `PHP Fatal error:  …`; what a program wrote itself has none.
fn severity(text: &[u8]) -> (&[u8], &[u8]) {
    const LEN_MAX: usize = 40;
    let behind = |end: usize| text[end + 1..].trim_ascii_start();
    let Some(end) = memchr(b':', &text[..text.len().min(LEN_MAX)]) else { return (b"", text) };
    let word = &text[..end];
    match word.strip_prefix(b"PHP ") {
        Some(severity) => (severity, behind(end)),
        None if word.iter().all(u8::is_ascii_uppercase) => (word, behind(end)),
        None => (b"", text),
    }
}
