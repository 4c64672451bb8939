//! The error log of MySQL, MariaDB and Percona Server.

use super::phrases::{Phrase, find, phrase};
use super::{Family, Format, FormatError};
use crate::messages::{Amount, Dialect, Heard, Open};
use memchr::{memchr, memmem};

pub(super) const FAMILY: Family = Family {
    name: "mysql-error",
    summary: "The error log of MySQL and MariaDB: messages by severity and by their codes, deadlocks, connections that broke",
    default: "",
    example: "2026-11-22T08:14:03.123456Z 17 [Note] [MY-010914] [Server] Aborted connection 17 to db: 'shop' user: 'web' host: \
              'localhost' (Got an error reading communication packets).",
    example_format: "",
    needs_text: false,
    compile,
};

const PHRASES: &[Phrase] = &[
    phrase("*deadlock detected", "deadlock"),
    phrase("*Aborted connection", "connection_aborted"),
    phrase("*Access denied for user", "access_denied"),
    phrase("*Too many connections", "connections_exhausted"),
    phrase("*is marked as crashed", "table_crashed"),
    phrase("*page corruption", "page_corrupt"),
    phrase("*got signal", "crashed"),
    phrase("*Disk is full", "disk_full"),
    phrase("*semaphore wait", "semaphore_wait"),
    phrase("*error reconnecting to master", "replication_failed"),
    phrase("*error connecting to ", "replication_failed"),
    phrase("*Error running query, slave SQL thread aborted", "replication_failed"),
    phrase("*ready for connections", "started"),
    // InnoDB completes its own before.
    phrase("*mysqld: Shutdown complete", "stopped"),
    phrase("*mariadbd: Shutdown complete", "stopped"),
];

/// How much may stand before the severity.
const HEAD_BYTES_MAX: usize = 80;

#[derive(Debug)]
struct MysqlError;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(MysqlError))
}

impl Dialect for MysqlError {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some((severity, mut message)) = split(line) else {
            // Who crashes tells so in words of another shape: `08:14:05 UTC - mysqld got signal 11 ;`.
            if memmem::find(&line[..line.len().min(HEAD_BYTES_MAX)], b" got signal ").is_some() {
                heard.event("crashed", Amount::None);
            }
            return open.is_entry || !line.first().is_some_and(u8::is_ascii_graphic);
        };
        open.begin();
        heard.message(severity, b"");
        if let Some((code, rest)) = bracket(message).filter(|(code, _)| code.starts_with(b"MY-")) {
            heard.code(code);
            message = rest;
        }
        if let Some((event, amount)) = find(PHRASES, message) {
            heard.event(event, amount);
        }
        true
    }
}

/// Severity and what follows, of a line that begins with a time: `2026-11-22T08:14:03.1Z 0 [Note] …`,
/// `2026-11-22  8:14:03 0 [Note] …`, `261122  8:14:03 [Note] …`, `2026-11-22 08:14:03 0x7f [ERROR] …`.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    line.first().filter(|byte| byte.is_ascii_digit())?;
    let head = &line[..line.len().min(HEAD_BYTES_MAX)];
    let at = memmem::find(head, b" [")?;
    memchr(b':', &head[..at])?;
    bracket(&line[at..])
}

fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.trim_ascii_start().strip_prefix(b"[")?;
    let end = memchr(b']', &inner[..inner.len().min(HEAD_BYTES_MAX)])?;
    Some((&inner[..end], inner[end + 1..].trim_ascii_start()))
}
