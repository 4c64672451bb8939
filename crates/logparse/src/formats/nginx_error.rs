//! What nginx writes to `error_log`.

use super::phrases::{Phrase, find, phrase};
use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};
use memchr::memmem;

pub(super) const FAMILY: Family = Family {
    name: "nginx-error",
    summary: "nginx's `error_log`: messages by severity, what happened to upstreams, clients and workers",
    default: "",
    example: "2026/11/22 08:14:03 [error] 913#913: *17 upstream timed out (110: Connection timed out) while reading response \
              header from upstream, client: 192.0.2.7, server: shop, request: \"GET / HTTP/1.1\", upstream: \"http://10.0.0.1:80/\"",
    example_format: "",
    needs_text: false,
    compile,
};

/// Searched up to what the client sent, so that nobody can write a message of his own.
const PHRASES: &[Phrase] = &[
    phrase("*upstream timed out", "upstream_timeout"),
    phrase("*no live upstreams", "upstreams_gone"),
    phrase("*upstream prematurely closed connection", "upstream_closed"),
    phrase("*connect() * failed", "upstream_refused"),
    phrase("*upstream sent", "upstream_invalid"),
    phrase("*limiting requests", "requests_limited"),
    phrase("*limiting connections", "connections_limited"),
    phrase("*delaying request", "requests_delayed"),
    phrase("*client intended to send too large", "body_too_large"),
    phrase("*is buffered to a temporary file", "buffered_to_disk"),
    phrase("*worker_connections are not enough", "connections_exhausted"),
    phrase("*too many open files", "files_exhausted"),
    phrase("*Too many open files", "files_exhausted"),
    phrase("*SSL_do_handshake() failed", "tls_handshake_failed"),
    phrase("*peer closed connection in SSL handshake", "tls_handshake_failed"),
    phrase("*FastCGI sent in stderr", "fastcgi_stderr"),
    phrase("*could not be resolved", "name_not_resolved"),
    phrase("*rewrite or internal redirection cycle", "redirection_cycle"),
    phrase("worker process * exited on signal", "worker_crashed"),
    phrase("open() * failed (2:", "file_missing"),
    phrase("open() * failed (13:", "file_forbidden"),
];

/// Where the severity stands, behind date and time.
const SEVERITY_AT: usize = "2026/11/22 08:14:03 [".len();

#[derive(Debug)]
struct NginxError;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(NginxError))
}

impl Dialect for NginxError {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some((severity, message)) = split(line) else { return open.is_entry };
        open.begin();
        heard.message(severity, b"");
        let end = memmem::find(message, b", client: ").unwrap_or(message.len());
        if let Some((event, amount)) = find(PHRASES, &message[..end]) {
            heard.event(event, amount);
        }
        true
    }
}

/// Severity and message of a line that begins with a time; behind the process stands a connection where there is one.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_time = line
        .get(..SEVERITY_AT)
        .is_some_and(|head| head[4] == b'/' && head[7] == b'/' && head.ends_with(b" ["));
    let rest = line.get(SEVERITY_AT..).filter(|_| is_time)?;
    let end = memchr::memchr(b']', &rest[..rest.len().min(16)])?;
    let (severity, rest) = (&rest[..end], &rest[end + 1..]);
    let message = memmem::find(rest, b": ").map_or(rest, |at| &rest[at + 2..]);
    let connection = message.strip_prefix(b"*").and_then(|behind| memchr::memchr(b' ', behind));
    Some((severity, connection.map_or(message, |len| &message[len + 2..])))
}
