//! What goes in and out of a service: plain values, nothing async.

use crate::body::Content;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A request with its whole body, already decompressed.
#[derive(Debug)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path as it came, still percent-encoded.
    pub path: String,
    /// What follows `?`, still percent-encoded; empty when there is none.
    pub query: String,
    /// Header fields.
    pub headers: HeaderMap,
    /// Body after undoing `Content-Encoding`.
    pub body: Content,
    /// Who is on the other end of the connection.
    pub peer: SocketAddr,
    /// Whether anybody still waits for the answer.
    pub gone: Gone,
}

/// Whether a client left before its answer was ready. Work that takes long looks at it now and then.
#[derive(Debug, Clone, Default)]
pub struct Gone(Arc<AtomicBool>);

impl Gone {
    /// The client closed its connection.
    pub fn is_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says that it left.
    pub(crate) fn leave(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Request {
    /// A header field as text; `None` when absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer.
pub struct Response {
    /// HTTP status.
    pub status: StatusCode,
    /// Header fields; the length is added when sent.
    pub headers: HeaderMap,
    /// What follows.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Full(Vec<u8>),
    /// Bytes that live as long as the program.
    Static(&'static [u8]),
    /// A piece at a time, for as long as the client stays.
    Events(Events),
}

/// A stream of pieces made on demand.
pub struct Events {
    /// Time between pieces.
    pub every: Duration,
    /// Makes the next piece; an empty one sends nothing, `None` ends the stream. May block for a moment.
    pub next: Box<dyn FnMut() -> Option<Vec<u8>> + Send>,
}

impl Response {
    /// An answer with a body and its media type.
    pub fn new(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Full(body) }
            .with(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// A plain text answer.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into().into_bytes())
    }

    /// A JSON answer.
    pub fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// A stream of server-sent events (WHATWG HTML, "Server-sent events").
    pub fn events(events: Events) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: Body::Events(events) }
            .with(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"))
            .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// The same with a header field set.
    pub fn with(mut self, name: http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// Answers requests. Called from several threads at once; may block.
pub trait Service: Send + Sync + 'static {
    /// Answers one request.
    fn call(&self, request: Request) -> Response;

    /// Whether a request with so many bytes of body is over in a moment, so that it need never wait for requests that are not.
    fn is_brief(&self, _path: &str, _body_bytes: usize) -> bool {
        false
    }
}
