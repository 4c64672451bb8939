//! HTTP/1.0 and 1.1. Source: RFC 9112.

use super::{line, number};
use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::{Answer, Asked};
use crate::names;

/// Tags of requests whose answers are special.
const HEAD: u32 = 1;
const CONNECT: u32 = 2;
/// Longest line that tells the length of a chunk.
const CHUNK_LINE_BYTES_MAX: usize = 1024;

/// What comes next in a direction.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    #[default]
    Head,
    Chunk,
    Trailer,
    /// A body without a length, which ends with the connection.
    Rest,
}

#[derive(Debug, Default)]
struct Half {
    next: Next,
    /// Bytes of the message so far.
    bytes: u64,
    /// A message is being passed over that counts when it ends.
    is_open: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Http1 {
    halves: [Half; 2],
    /// Status of the answer that is being passed over.
    status: [u8; 3],
}

/// What a head tells of its body.
#[derive(Debug, Default)]
struct Body {
    len: Option<u64>,
    is_chunked: bool,
}

/// How long a head is and what it tells of its body, in one pass; `None` when its end is not there. What is known of
/// the body until then is in `body`.
fn headers(bytes: &[u8], body: &mut Body) -> Option<usize> {
    let mut at = 0;
    loop {
        let end = at + memchr::memchr(b'\n', &bytes[at..])?;
        let text = &bytes[at..end];
        at = end + 1;
        match text.first() {
            None | Some(b'\r') => return Some(at),
            Some(b'c' | b'C') => {
                if let Some(value) = value(text, b"content-length") {
                    body.len = number(value);
                }
            }
            Some(b't' | b'T') => {
                if let Some(value) = value(text, b"transfer-encoding") {
                    body.is_chunked = value.to_ascii_lowercase().ends_with(b"chunked");
                }
            }
            _ => {}
        }
    }
}

fn value<'h>(text: &'h [u8], name: &[u8]) -> Option<&'h [u8]> {
    let (found, rest) = text.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":").filter(|_| found.eq_ignore_ascii_case(name))?;
    Some(value.trim_ascii())
}

/// Method and target of a request line.
fn request_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = text.split(|b| *b == b' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_method =
        !method.is_empty() && method.iter().all(|b| b.is_ascii_uppercase() || *b == b'-' || *b == b'_');
    (is_method && version.starts_with(b"HTTP/1")).then_some((method, target))
}

impl Http1 {
    fn request(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        // Some clients end a body with a line too many.
        if let Some(rest) = bytes.strip_prefix(b"\r\n") {
            return if rest.is_empty() && !scene.is_cut { Step::More } else { Step::Pass(2) };
        }
        let Some((first, first_len)) = line(bytes) else {
            return if bytes.len() > 8 && !is_word_first(bytes) { Step::Lost } else { Step::More };
        };
        let Some((method, target)) = request_line(first) else {
            return if first.ends_with(b"HTTP/2.0") { Step::Closed } else { Step::Lost };
        };
        let mut body = Body::default();
        let end = headers(&bytes[first_len..], &mut body).map(|len| first_len + len);
        let head_len = match end {
            Some(end) => end,
            None if scene.is_cut => bytes.len(),
            None => return Step::More,
        };
        let tag = match method {
            b"HEAD" => HEAD,
            b"CONNECT" => CONNECT,
            _ => 0,
        };
        let target = if tag == CONNECT { names::thing(b"") } else { names::path(target) };
        let operation = scene.record.operation(names::verb(method).as_bytes(), target.as_bytes());
        let body_len = if body.is_chunked { 0 } else { body.len.unwrap_or(0) };
        let bytes = (head_len as u64).saturating_add(body_len);
        scene.exchanges.ask(Asked { operation, began_ns: scene.began_ns, bytes, tag }, scene.record);
        if end.is_none() {
            return Step::Lost;
        }
        self.halves[0].next = if body.is_chunked { Next::Chunk } else { Next::Head };
        Step::Pass(bytes)
    }

    fn response(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        if !b"HTTP/1.".starts_with(&bytes[..bytes.len().min(7)]) {
            return Step::Lost;
        }
        let mut body = Body::default();
        let Some(head_len) = headers(bytes, &mut body) else {
            return if scene.is_cut { Step::Lost } else { Step::More };
        };
        let Some(status) = bytes.get(9..12).filter(|digits| digits.iter().all(u8::is_ascii_digit)) else {
            return Step::Lost;
        };
        let tag = scene.exchanges.first().map_or(0, |asked| asked.tag);
        let head_bytes = head_len as u64;
        if status[0] == b'1' {
            return match status {
                b"101" => self.upgrade(head_bytes, scene),
                _ => Step::Pass(head_bytes),
            };
        }
        if tag == CONNECT && status[0] == b'2' {
            return self.upgrade(head_bytes, scene);
        }
        self.status.copy_from_slice(status);
        if tag == HEAD || status == b"204" || status == b"304" {
            body = Body { len: Some(0), is_chunked: false };
        }
        let half = &mut self.halves[1];
        (half.bytes, half.is_open) = (head_bytes, true);
        half.next = match body {
            Body { is_chunked: true, .. } => Next::Chunk,
            Body { len: None, .. } => Next::Rest,
            Body { .. } => Next::Head,
        };
        let body_len = if body.is_chunked { 0 } else { body.len.unwrap_or(0) };
        half.bytes = head_bytes.saturating_add(body_len);
        Step::Pass(half.bytes)
    }

    /// From here on they speak something else.
    fn upgrade(&mut self, bytes: u64, scene: &mut Scene<'_, '_>) -> Step {
        scene.exchanges.answer(Answer { bytes, error: None }, scene.now_ns, scene.record);
        Step::Closed
    }

    fn chunk(&mut self, side: Side, bytes: &[u8]) -> Step {
        let half = &mut self.halves[side as usize];
        let Some((text, used)) = line(bytes) else {
            return if bytes.len() > CHUNK_LINE_BYTES_MAX { Step::Lost } else { Step::More };
        };
        let digits = text.split(|b| *b == b';' || *b == b' ').next().unwrap_or_default();
        let size = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let Some(size) = size.filter(|size| *size < 1 << 48) else { return Step::Lost };
        let len = match size {
            0 => {
                half.next = Next::Trailer;
                used as u64
            }
            size => used as u64 + size + 2,
        };
        half.bytes = half.bytes.saturating_add(len);
        Step::Pass(len)
    }

    fn trailer(&mut self, side: Side, bytes: &[u8]) -> Step {
        let half = &mut self.halves[side as usize];
        let Some((text, used)) = line(bytes) else { return Step::More };
        if text.is_empty() {
            half.next = Next::Head;
        }
        half.bytes += used as u64;
        Step::Pass(used as u64)
    }

    fn answered(&mut self, scene: &mut Scene<'_, '_>) {
        let half = &mut self.halves[1];
        half.is_open = false;
        let error = (self.status[0] >= b'4').then_some(&self.status[..]);
        scene.exchanges.answer(Answer { bytes: half.bytes, error }, scene.now_ns, scene.record);
    }
}

/// Whether it begins as a method does.
fn is_word_first(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .take(8)
        .take_while(|b| **b != b' ')
        .all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'))
}

impl Protocol for Http1 {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        match self.halves[side as usize].next {
            Next::Chunk => self.chunk(side, bytes),
            Next::Trailer => self.trailer(side, bytes),
            Next::Rest => {
                self.halves[side as usize].bytes += bytes.len() as u64;
                Step::Pass(bytes.len() as u64)
            }
            Next::Head if side == Side::Client => self.request(bytes, scene),
            Next::Head => self.response(bytes, scene),
        }
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        let half = &self.halves[side as usize];
        if side == Side::Server && half.is_open && half.next == Next::Head {
            self.answered(scene);
        }
    }

    fn begins(&self, side: Side, bytes: &[u8]) -> bool {
        match side {
            Side::Client => line(bytes).is_some_and(|(text, _)| request_line(text).is_some()),
            Side::Server => bytes.starts_with(b"HTTP/1."),
        }
    }

    fn lost(&mut self, side: Side) {
        self.halves[side as usize] = Half::default();
    }

    fn over(&mut self, scene: &mut Scene<'_, '_>) {
        let half = &self.halves[1];
        if half.is_open && half.next == Next::Rest {
            self.answered(scene);
        }
    }
}
