//! A request, from its first byte to the last of its body.

use super::body::{Left, inflate};
use super::{BODY_BYTES_MAX, HEAD_BYTES_MAX};

/// Most headers of a request.
const HEADERS_MAX: usize = 64;

/// A request that is here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Request {
    /// As it came; methods are in capitals.
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// What stands behind the `?`, as it came.
    pub(crate) query: String,
    /// Unpacked.
    pub(crate) body: Vec<u8>,
    /// Whether another may follow on this connection.
    pub(crate) keeps: bool,
}

/// Why a request cannot be read; the connection ends with it, as nobody knows where the next begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(status: u16, why: &str) -> Self {
        Self { status, why: why.to_owned() }
    }
}

/// A request whose head is here.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    request: Request,
    left: Left,
    is_packed: bool,
    /// Whether the sender waits for a word before it sends the body.
    expects: bool,
}

impl Unfinished {
    /// Reads a head; `None` while it is not whole.
    pub(super) fn read_head(input: &mut Vec<u8>) -> Result<Option<Self>, Refusal> {
        // Some senders close a body with one line end too many.
        let blank = input.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        input.drain(..blank);
        if input.is_empty() {
            return Ok(None);
        }
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Request::new(&mut headers);
        let shown = &input[..input.len().min(HEAD_BYTES_MAX)];
        let len = match head.parse(shown) {
            Ok(httparse::Status::Complete(len)) => len,
            Ok(httparse::Status::Partial) if shown.len() < HEAD_BYTES_MAX => return Ok(None),
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Refusal::new(431, "the request's head is too long"));
            }
            Err(httparse::Error::Version) => {
                return Err(Refusal::new(505, "only HTTP/1.0 and 1.1 are spoken here"));
            }
            Err(e) => return Err(Refusal { status: 400, why: format!("this is no HTTP request: {e}") }),
        };
        let unfinished = Self::from_head(&head)?;
        input.drain(..len);
        Ok(Some(unfinished))
    }

    fn from_head(head: &httparse::Request<'_, '_>) -> Result<Self, Refusal> {
        let (method, target) = (head.method.unwrap_or_default(), head.path.unwrap_or_default());
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let keeps = head.version == Some(1);
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: Vec::new(),
            keeps,
        };
        let mut unfinished = Self { request, ..Self::default() };
        let (mut len, mut is_chunked) = (None, false);
        for header in head.headers.iter() {
            let value = std::str::from_utf8(header.value).unwrap_or_default().trim_ascii();
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                len = Some(length(value, len)?);
            } else if is("transfer-encoding") {
                is_chunked = chunked(value)?;
            } else if is("content-encoding") {
                unfinished.is_packed = packed(value)?;
            } else if is("connection") {
                unfinished.request.keeps = keeps_open(value, keeps);
            } else if is("expect") {
                unfinished.expects = expects(value)?;
            } else if is("origin") {
                return Err(Refusal::new(403, "web pages may not push"));
            }
        }
        unfinished.left = match (len, is_chunked) {
            (Some(_), true) => return Err(Refusal::new(400, "a length and chunks contradict each other")),
            (None, true) => Left::ChunkSize,
            (len, false) => Left::Bytes(len.unwrap_or(0)),
        };
        Ok(unfinished)
    }

    /// Takes from the input what belongs to the body; whether all of it is here.
    pub(super) fn read_body(&mut self, input: &mut Vec<u8>) -> Result<bool, Refusal> {
        self.left.take(input, &mut self.request.body)
    }

    /// Whether the sender waits for a word; says so once.
    pub(super) fn is_waiting(&mut self) -> bool {
        std::mem::take(&mut self.expects)
    }

    /// The request, with its body unpacked.
    pub(super) fn finish(mut self) -> Result<Request, Refusal> {
        if self.is_packed {
            self.request.body = inflate(&self.request.body)?;
        }
        Ok(self.request)
    }

    /// Memory held, in bytes.
    pub(super) fn held_bytes(&self) -> usize {
        self.request.body.capacity()
    }
}

fn length(value: &str, before: Option<usize>) -> Result<usize, Refusal> {
    let is_plain = value.bytes().all(|b| b.is_ascii_digit());
    let len = value.parse().ok().filter(|_| is_plain);
    let len = len.ok_or_else(|| Refusal::new(400, "the content-length is no number"))?;
    match before {
        Some(before) if before != len => Err(Refusal::new(400, "there are two content-lengths")),
        _ if len > BODY_BYTES_MAX => Err(too_large()),
        _ => Ok(len),
    }
}

/// A body beyond what may arrive.
pub(super) fn too_large() -> Refusal {
    Refusal { status: 413, why: format!("the body is larger than {BODY_BYTES_MAX} bytes") }
}

fn chunked(value: &str) -> Result<bool, Refusal> {
    if value.eq_ignore_ascii_case("chunked") {
        Ok(true)
    } else {
        Err(Refusal::new(501, "the only transfer-encoding spoken here is chunked"))
    }
}

fn packed(value: &str) -> Result<bool, Refusal> {
    match value.to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        _ => Err(Refusal::new(415, "the only content-encoding spoken here is gzip")),
    }
}

fn keeps_open(value: &str, usual: bool) -> bool {
    value.split(',').fold(usual, |keeps, word| match word.trim() {
        word if word.eq_ignore_ascii_case("close") => false,
        word if word.eq_ignore_ascii_case("keep-alive") => true,
        _ => keeps,
    })
}

fn expects(value: &str) -> Result<bool, Refusal> {
    if value.eq_ignore_ascii_case("100-continue") {
        Ok(true)
    } else {
        Err(Refusal::new(417, "the only expectation met here is 100-continue"))
    }
}
