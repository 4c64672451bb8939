//! An answer on its way out.

use super::date;
use crate::exchange::{Body, Response};
use http::{StatusCode, header};
use std::io::Write;

/// What the client can be told, and what it asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// More requests may follow.
    pub(super) stays: bool,
    /// HTTP/1.0.
    pub(super) is_old: bool,
    /// Only the head of the answer is wanted.
    pub(super) is_head_only: bool,
}

/// Bytes that are sent one after the other.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    head: Vec<u8>,
    body: Bytes,
    sent: usize,
}

#[derive(Debug)]
enum Bytes {
    Owned(Vec<u8>),
    Static(&'static [u8]),
}

impl Default for Bytes {
    fn default() -> Self {
        Self::Static(b"")
    }
}

impl Outgoing {
    /// Bytes as they are.
    pub(super) fn raw(bytes: Vec<u8>) -> Self {
        Self { head: bytes, ..Self::default() }
    }

    /// A whole answer; of a stream its head.
    pub(super) fn of(response: Response, manner: Manner) -> Self {
        let mut head = head(&response, manner);
        let body = match response.body {
            Body::Full(bytes) => Bytes::Owned(bytes),
            Body::Static(bytes) => Bytes::Static(bytes),
            Body::Events(_) => Bytes::default(),
        };
        let has_body = !manner.is_head_only && may_have_body(response.status);
        let body = if has_body { body } else { Bytes::default() };
        head.extend_from_slice(b"\r\n");
        Self { head, body, sent: 0 }
    }

    /// What is left to send.
    pub(super) fn slices(&self) -> [&[u8]; 2] {
        let body = match &self.body {
            Bytes::Owned(bytes) => bytes.as_slice(),
            Bytes::Static(bytes) => bytes,
        };
        let from_body = self.sent.saturating_sub(self.head.len());
        [&self.head[self.sent.min(self.head.len())..], &body[from_body..]]
    }

    /// So many bytes were sent.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent += bytes;
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.slices().iter().all(|slice| slice.is_empty())
    }
}

fn may_have_body(status: StatusCode) -> bool {
    !status.is_informational() && status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED
}

fn head(response: &Response, manner: Manner) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(response.status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(response.status.canonical_reason().unwrap_or("").as_bytes());
    out.extend_from_slice(b"\r\n");
    for (name, value) in &response.headers {
        field(&mut out, name.as_str().as_bytes(), value.as_bytes());
    }
    let length = match &response.body {
        Body::Full(bytes) => Some(bytes.len()),
        Body::Static(bytes) => Some(bytes.len()),
        Body::Events(_) => None,
    };
    match length {
        Some(length) if may_have_body(response.status) => {
            let _ = write!(out, "content-length: {length}\r\n");
        }
        Some(_) => {}
        None if manner.is_old => {}
        None => field(&mut out, b"transfer-encoding", b"chunked"),
    }
    match (manner.stays, manner.is_old) {
        (false, _) => field(&mut out, header::CONNECTION.as_str().as_bytes(), b"close"),
        (true, true) => field(&mut out, header::CONNECTION.as_str().as_bytes(), b"keep-alive"),
        (true, false) => {}
    }
    date::put(&mut out);
    out
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Manner = Manner { stays: true, is_old: false, is_head_only: false };

    fn text(response: Response, manner: Manner) -> String {
        let mut outgoing = Outgoing::of(response, manner);
        let mut out = Vec::new();
        // As a socket takes them that takes little.
        while !outgoing.is_over() {
            let [head, body] = outgoing.slices();
            let piece: Vec<u8> = head.iter().chain(body).take(7).copied().collect();
            out.extend_from_slice(&piece);
            outgoing.sent(piece.len());
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn answers_are_written_with_what_the_client_needs() {
        let hello = || Response::text(StatusCode::OK, "hello");
        let usual = text(hello(), USUAL);
        assert!(usual.starts_with(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 5\r\ndate: "
        ));
        assert!(usual.ends_with(" GMT\r\n\r\nhello"), "{usual}");
        let head = text(hello(), Manner { is_head_only: true, ..USUAL });
        assert!(head.contains("content-length: 5\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(text(hello(), Manner { stays: false, ..USUAL }).contains("connection: close\r\n"));
        assert!(text(hello(), Manner { is_old: true, ..USUAL }).contains("connection: keep-alive\r\n"));
        let none = text(Response::text(StatusCode::NO_CONTENT, ""), USUAL);
        assert!(
            !none.contains("content-length") && none.starts_with("HTTP/1.1 204 No Content\r\n"),
            "{none}"
        );
        let stands = text(Response { body: Body::Static(b"stands"), ..hello() }, USUAL);
        assert!(stands.ends_with("\r\n\r\nstands") && stands.contains("content-length: 6\r\n"), "{stands}");
    }
}
