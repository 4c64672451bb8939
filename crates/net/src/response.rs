//! Reading an answer: head, then a body by length, by chunks, or to the end of the connection. All bounded.

pub(crate) mod endless;
pub(crate) mod part;

use crate::Error;
use std::io::Read;

/// Longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Most headers of an answer.
const HEADERS_MAX: usize = 64;
/// Longest line that announces a chunk, in bytes.
const CHUNK_LINE_BYTES_MAX: usize = 256;
/// How much is read at once.
const READ_BYTES: usize = 4 << 10;

/// An answer. It lives in the client's buffers until the next request.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// Status code.
    pub status: u16,
    /// The body, decoded from its chunks.
    pub body: &'a [u8],
    head: &'a [u8],
}

impl<'a> Response<'a> {
    /// The value of a header, its name in any case; `None` when absent or not UTF-8.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let text = |line: &'a [u8]| std::str::from_utf8(line).ok();
        let pairs = self.head.split(|&b| b == b'\n').skip(1).filter_map(|l| text(l)?.split_once(':'));
        pairs.into_iter().find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// The bytes of an answer; reused from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// What was read and not yet used starts at `at`.
    input: Vec<u8>,
    at: usize,
    head: Vec<u8>,
    body: Vec<u8>,
}

/// What the head says of the body.
struct Head {
    status: u16,
    framing: Framing,
    keep_alive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    ToEnd,
}

impl Buffers {
    /// Starts a new answer: forgets the one before, and gives back memory that a long one took.
    pub(crate) fn clear(&mut self) {
        self.input.clear();
        self.at = 0;
        self.head.clear();
        self.body.clear();
        self.body.shrink_to(2 * READ_BYTES);
        self.input.shrink_to(2 * READ_BYTES);
    }

    /// Whether nothing of an answer has come.
    pub(crate) fn is_untouched(&self) -> bool {
        self.input.is_empty() && self.head.is_empty()
    }

    /// Reads a whole answer of at most `body_bytes_max`; gives its status and whether the connection may be used again.
    pub(crate) fn read(
        &mut self,
        stream: &mut dyn Read,
        body_bytes_max: usize,
    ) -> Result<(u16, bool), Error> {
        let mut head = self.read_head(stream)?;
        while (100..200).contains(&head.status) {
            head = self.read_head(stream)?;
        }
        match head.framing {
            Framing::Length(len) if len > body_bytes_max => return Err(Error::TooLong(body_bytes_max)),
            Framing::Length(len) => self.read_exact(stream, len)?,
            Framing::Chunked => self.read_chunks(stream, body_bytes_max)?,
            Framing::ToEnd => self.read_to_end(stream, body_bytes_max)?,
        }
        let clean = self.at == self.input.len() && head.framing != Framing::ToEnd;
        Ok((head.status, head.keep_alive && clean))
    }

    /// The answer read last.
    pub(crate) fn response(&self, status: u16) -> Response<'_> {
        Response { status, body: &self.body, head: &self.head }
    }

    fn read_head(&mut self, stream: &mut dyn Read) -> Result<Head, Error> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
            let mut parsed = httparse::Response::new(&mut headers);
            let unread = &self.input[self.at..];
            let status = parsed.parse(unread).map_err(|e| Error::Malformed(e.to_string()))?;
            if let httparse::Status::Complete(len) = status
                && len <= HEAD_BYTES_MAX
            {
                let head = judge(&parsed)?;
                self.head.clear();
                self.head.extend_from_slice(&unread[..len]);
                self.at += len;
                return Ok(head);
            }
            if unread.len() > HEAD_BYTES_MAX {
                return Err(Error::Malformed(format!("a head longer than {HEAD_BYTES_MAX} bytes")));
            }
            self.fill(stream)?;
        }
    }

    fn read_exact(&mut self, stream: &mut dyn Read, len: usize) -> Result<(), Error> {
        let mut missing = len;
        while missing > 0 {
            if self.at == self.input.len() {
                self.fill(stream)?;
            }
            let take = missing.min(self.input.len() - self.at);
            self.body.extend_from_slice(&self.input[self.at..self.at + take]);
            self.at += take;
            missing -= take;
        }
        Ok(())
    }

    fn read_to_end(&mut self, stream: &mut dyn Read, max: usize) -> Result<(), Error> {
        loop {
            self.body.extend_from_slice(&self.input[self.at..]);
            self.at = self.input.len();
            if self.body.len() > max {
                return Err(Error::TooLong(max));
            }
            match self.fill(stream) {
                Ok(()) => {}
                Err(Error::Closed) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    fn read_chunks(&mut self, stream: &mut dyn Read, max: usize) -> Result<(), Error> {
        loop {
            let line = self.read_line(stream)?;
            let len = chunk_len(&line).ok_or_else(|| Error::Malformed("a chunk without a length".into()))?;
            if len == 0 {
                break;
            }
            if self.body.len().checked_add(len).is_none_or(|total| total > max) {
                return Err(Error::TooLong(max));
            }
            self.read_exact(stream, len)?;
            if !self.read_line(stream)?.is_empty() {
                return Err(Error::Malformed("a chunk longer than it said".into()));
            }
        }
        // Trailers may follow; an empty line ends them.
        for _ in 0..HEADERS_MAX {
            if self.read_line(stream)?.is_empty() {
                return Ok(());
            }
        }
        Err(Error::Malformed("too many trailers".into()))
    }

    /// A line without its end.
    fn read_line(&mut self, stream: &mut dyn Read) -> Result<Vec<u8>, Error> {
        loop {
            let unread = &self.input[self.at..];
            let end = unread.iter().take(CHUNK_LINE_BYTES_MAX).position(|&b| b == b'\n');
            if let Some(end) = end {
                let line = unread[..end].strip_suffix(b"\r").unwrap_or(&unread[..end]).to_vec();
                self.at += end + 1;
                return Ok(line);
            }
            if unread.len() >= CHUNK_LINE_BYTES_MAX {
                return Err(Error::Malformed("a chunk line without an end".into()));
            }
            self.fill(stream)?;
        }
    }

    /// Reads some more.
    fn fill(&mut self, stream: &mut dyn Read) -> Result<(), Error> {
        self.input.drain(..self.at);
        self.at = 0;
        let len = self.input.len();
        self.input.resize(len + READ_BYTES, 0);
        let read = loop {
            match stream.read(&mut self.input[len..]) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.input.truncate(len + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(Error::Closed),
            _ => Ok(()),
        }
    }
}

fn chunk_len(line: &[u8]) -> Option<usize> {
    let digits = line.split(|&b| b == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    usize::from_str_radix(digits, 16).ok()
}

fn judge(parsed: &httparse::Response<'_, '_>) -> Result<Head, Error> {
    let status = parsed.code.unwrap_or(0);
    let mut framing = Framing::ToEnd;
    let mut keep_alive = parsed.version == Some(1);
    for header in parsed.headers.iter() {
        let value = header.value.trim_ascii();
        if header.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(value).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
            let len = text.and_then(|t| t.parse().ok());
            let len = len.ok_or_else(|| Error::Malformed("a length that is no number".into()))?;
            if framing == Framing::ToEnd {
                framing = Framing::Length(len);
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Error::Malformed("a transfer encoding other than chunked".into()));
            }
            framing = Framing::Chunked;
        } else if header.name.eq_ignore_ascii_case("connection") {
            keep_alive = !value.eq_ignore_ascii_case(b"close")
                && (keep_alive || value.eq_ignore_ascii_case(b"keep-alive"));
        }
    }
    if (100..200).contains(&status) || status == 204 || status == 304 {
        framing = Framing::Length(0);
    }
    Ok(Head { status, framing, keep_alive })
}

#[cfg(test)]
mod tests;
