//! As much of HTTP/1.1 as a local door needs, and no more: requests with bodies of known length or in chunks, packed by
//! gzip or not, one after the other on a connection that stays open. All of it is bounded.

mod body;
mod request;

pub(crate) use request::Request;

use crate::service::{Limits, Next, Peer, Service, Told};
use request::{Refusal, Unfinished};
use std::io::Write;
use std::time::Duration;

/// Longest line of a request with its headers, in bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Largest body as it arrives, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 4 << 20;
/// Largest body once it is unpacked, in bytes.
pub(crate) const INFLATED_BYTES_MAX: usize = 16 << 20;
/// Most that all connections together may have half here, in bytes.
const HELD_BYTES_MAX: usize = 16 << 20;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Answer {
    /// Plain text.
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }

    /// JSON.
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self { status: 200, content_type: "application/json; charset=UTF-8", body: body.into() }
    }

    fn write(&self, is_head: bool, keeps: bool, out: &mut Vec<u8>) {
        let Self { status, content_type, body } = self;
        let (reason, len) = (reason(*status), body.len());
        let connection = if keeps { "keep-alive" } else { "close" };
        let retry = if *status == 503 { "retry-after: 1\r\n" } else { "" };
        // An answer of this kind has no body, and says nothing of one (RFC 9110, 8.6).
        let about = match status {
            204 => String::new(),
            _ => format!("content-type: {content_type}\r\ncontent-length: {len}\r\n"),
        };
        // Writing into memory does not fail.
        let _ = write!(out, "HTTP/1.1 {status} {reason}\r\n{about}{retry}connection: {connection}\r\n\r\n");
        if !is_head {
            out.extend_from_slice(body.as_bytes());
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}

/// What answers requests.
pub(crate) trait Handler {
    /// Answers a request whose body is here and unpacked.
    fn answer(&mut self, request: &Request, peer: Peer) -> Answer;

    /// A request could not be read.
    fn refused(&mut self, why: &str, peer: Peer);

    /// How it stands.
    fn told(&self) -> Told;
}

/// A door that speaks HTTP.
pub(crate) struct Http<H> {
    handler: H,
    /// Bytes that wait in sessions.
    held_bytes: usize,
}

/// What is remembered of a connection.
pub(crate) struct Session {
    peer: Peer,
    /// Came, and was not looked at yet.
    input: Vec<u8>,
    unfinished: Option<Unfinished>,
    /// Its share of [`Http::held_bytes`].
    held_bytes: usize,
}

impl<H: Handler> Http<H> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, held_bytes: 0 }
    }

    /// Answers as many requests as are here.
    fn answer_all(&mut self, session: &mut Session, out: &mut Vec<u8>) -> Result<Next, Refusal> {
        loop {
            let mut unfinished = match session.unfinished.take() {
                Some(unfinished) => unfinished,
                None => match Unfinished::read_head(&mut session.input)? {
                    Some(unfinished) => unfinished,
                    None if session.input.is_empty() => return Ok(Next::Idle),
                    None => return Ok(Next::Partial),
                },
            };
            if !unfinished.read_body(&mut session.input)? {
                if unfinished.is_waiting() {
                    out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                }
                session.unfinished = Some(unfinished);
                return Ok(Next::Partial);
            }
            let request = unfinished.finish()?;
            let keeps = request.keeps;
            self.handler.answer(&request, session.peer).write(request.method == "HEAD", keeps, out);
            if !keeps {
                return Ok(Next::Close);
            }
        }
    }

    /// Says what a session holds now; whether that is still allowed.
    fn account(&mut self, session: &mut Session) -> bool {
        let held = session.input.capacity() + session.unfinished.as_ref().map_or(0, Unfinished::held_bytes);
        self.held_bytes = self.held_bytes + held - session.held_bytes;
        session.held_bytes = held;
        self.held_bytes <= HELD_BYTES_MAX
    }
}

impl<H: Handler> Service for Http<H> {
    type Session = Session;

    const LIMITS: Limits =
        Limits { connections_max: 64, idle: Duration::from_secs(120), partial: Duration::from_secs(20) };

    fn open(&mut self, peer: Peer, _out: &mut Vec<u8>) -> Session {
        Session { peer, input: Vec::new(), unfinished: None, held_bytes: 0 }
    }

    fn input(&mut self, session: &mut Session, bytes: &[u8], out: &mut Vec<u8>) -> Next {
        session.input.extend_from_slice(bytes);
        let mut next = self.answer_all(session, out);
        if session.input.is_empty() {
            session.input = Vec::new();
        }
        if !self.account(session) && next.is_ok() {
            next = Err(Refusal { status: 503, why: "too much is under way".to_owned() });
        }
        next.unwrap_or_else(|Refusal { status, why }| {
            self.handler.refused(&why, session.peer);
            Answer::text(status, why + "\n").write(false, false, out);
            Next::Close
        })
    }

    fn close(&mut self, session: Session) {
        self.held_bytes -= session.held_bytes;
    }

    fn datagram(&mut self, _bytes: &[u8], _peer: Peer) {}

    fn rest(&mut self, _now_ms: i64) {}

    fn tick(&mut self, _now_ms: i64) -> Option<i64> {
        None
    }

    fn stop(&mut self, _now_ms: i64) {}

    fn told(&self) -> Told {
        self.handler.told()
    }
}

#[cfg(test)]
mod tests;
