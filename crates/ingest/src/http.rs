//! A request and its answer, without any HTTP library.

use std::net::IpAddr;

/// A request to a door.
#[derive(Clone, Copy)]
pub struct HttpPush<'a> {
    /// In capitals, as HTTP has it.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// What follows the `?`, still percent-encoded; empty when there is none.
    pub query: &'a str,
    /// The header `Content-Type`, empty when there is none.
    pub content_type: &'a str,
    /// The body, already unpacked.
    pub body: &'a [u8],
    /// Who sent it.
    pub peer: Option<IpAddr>,
    /// Any other header, by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// Other headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for 204.
    pub body: Vec<u8>,
}

impl Answer {
    /// Success with nothing to say.
    pub(crate) fn no_content() -> Self {
        Self::text(204, "")
    }

    /// Plain text.
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            headers: Vec::new(),
            body: body.into().into_bytes(),
        }
    }

    /// JSON.
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self { content_type: "application/json", ..Self::text(status, body) }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}
