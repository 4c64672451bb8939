//! Reading a body that may never end, as it comes. A read that fails for lack of time has lost nothing: it may be tried again.

use super::part::Body;
use super::{Buffers, Framing, HEADERS_MAX, chunk_len};
use crate::Error;
use std::io::Read;

/// What is due next of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// So many bytes, and then it is over.
    Length(u64),
    /// The line that announces a chunk.
    ChunkLine,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The end of its line.
    ChunkEnd,
    /// Trailers, of which so many were read.
    Trailers(usize),
    /// Bytes until the connection ends.
    Anything,
    /// Nothing.
    Over,
}

impl Due {
    /// The start of the body that a head announced.
    pub(crate) fn of(body: Body) -> Self {
        match body.0 {
            Framing::Length(len) => Self::Length(len as u64),
            Framing::Chunked => Self::ChunkLine,
            Framing::ToEnd => Self::Anything,
        }
    }
}

impl Buffers {
    /// Appends to `out` what is there of the body, or what one read brings. False when the body is over.
    pub(crate) fn read_more(
        &mut self,
        stream: &mut dyn Read,
        due: &mut Due,
        out: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        let before = out.len();
        while out.len() == before {
            if !self.advance(stream, due, out)? {
                return Ok(false);
            }
        }
        // What else was read belongs to the same answer.
        while self.at < self.input.len() && matches!(due, Due::Chunk(_) | Due::Length(_) | Due::Anything) {
            self.advance(stream, due, out)?;
        }
        Ok(true)
    }

    /// One step; false when the body is over.
    fn advance(&mut self, stream: &mut dyn Read, due: &mut Due, out: &mut Vec<u8>) -> Result<bool, Error> {
        *due = match *due {
            Due::Over | Due::Length(0) => return Ok(false),
            Due::Length(left) => match left - self.take_some(stream, left, out)? {
                0 => Due::Over,
                left => Due::Length(left),
            },
            Due::Chunk(left) => match left - self.take_some(stream, left, out)? {
                0 => Due::ChunkEnd,
                left => Due::Chunk(left),
            },
            Due::Anything => match self.take_some(stream, u64::MAX, out) {
                Ok(_) => Due::Anything,
                Err(Error::Closed) => Due::Over,
                Err(e) => return Err(e),
            },
            Due::ChunkLine => {
                let line = self.read_line(stream)?;
                match chunk_len(&line).ok_or_else(|| Error::Malformed("a chunk without a length".into()))? {
                    0 => Due::Trailers(0),
                    len => Due::Chunk(len as u64),
                }
            }
            Due::ChunkEnd if self.read_line(stream)?.is_empty() => Due::ChunkLine,
            Due::ChunkEnd => return Err(Error::Malformed("a chunk longer than it said".into())),
            Due::Trailers(HEADERS_MAX) => return Err(Error::Malformed("too many trailers".into())),
            Due::Trailers(read) if !self.read_line(stream)?.is_empty() => Due::Trailers(read + 1),
            Due::Trailers(_) => Due::Over,
        };
        Ok(true)
    }

    /// Takes at most `len` bytes, waiting for some when there is none.
    fn take_some(&mut self, stream: &mut dyn Read, len: u64, out: &mut Vec<u8>) -> Result<u64, Error> {
        if self.at == self.input.len() {
            self.fill(stream)?;
        }
        let have = self.input.len() - self.at;
        let take = usize::try_from(len).map_or(have, |len| len.min(have));
        out.extend_from_slice(&self.input[self.at..self.at + take]);
        self.at += take;
        Ok(take as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, ErrorKind};

    /// Gives its bytes a few at a time, with a failure for lack of time before each.
    struct Hesitant<'a>(&'a [u8], usize, bool);

    impl Read for Hesitant<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let take = self.1.min(self.0.len()).min(buf.len());
            buf[..take].copy_from_slice(&self.0[..take]);
            self.0 = &self.0[take..];
            Ok(take)
        }
    }

    fn is_late(error: &Error) -> bool {
        matches!(error, Error::Broken(e) if e.kind() == ErrorKind::WouldBlock)
    }

    fn read(answer: &str, at_once: usize) -> (Vec<u8>, Result<(), Error>) {
        let (mut buffers, mut stream) = (Buffers::default(), Hesitant(answer.as_bytes(), at_once, false));
        let (_, body) = loop {
            match buffers.read_status(&mut stream) {
                Err(e) if is_late(&e) => {}
                other => break other.unwrap(),
            }
        };
        let (mut due, mut out) = (Due::of(body), Vec::new());
        loop {
            match buffers.read_more(&mut stream, &mut due, &mut out) {
                Ok(true) => {}
                Ok(false) => return (out, Ok(())),
                Err(e) if is_late(&e) => {}
                Err(e) => return (out, Err(e)),
            }
        }
    }

    #[test]
    fn waiting_in_vain_loses_nothing_of_any_framing() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef",
            "HTTP/1.1 200 OK\r\n\r\nabcdef",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x\r\nef\r\n0\r\nT: 1\r\n\r\n",
        ] {
            for at_once in [1, 2, 3, 7, 4096] {
                let (body, end) = read(answer, at_once);
                assert_eq!(body, b"abcdef", "{answer:?} by {at_once}");
                end.unwrap();
            }
        }
    }

    #[test]
    fn an_end_in_the_middle_is_an_error_after_what_came() {
        for (answer, wanted) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "closed"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "closed"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcx\r\n", "longer than it said"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", "without a length"),
        ] {
            let (body, end) = read(answer, 2);
            assert_eq!(body, b"abc", "{answer:?}");
            assert!(end.unwrap_err().to_string().contains(wanted), "{answer:?}");
        }
    }
}
