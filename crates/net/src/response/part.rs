//! Reading only a part of an answer: a check of a page wants to know that it comes, not all of it.

use super::{Buffers, CHUNK_LINE_BYTES_MAX, Framing, HEADERS_MAX, chunk_len};
use crate::Error;
use std::io::Read;

/// How much of a body is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Most bytes that are read.
    pub(crate) bytes_max: u64,
    /// Whether the bytes are kept, or only counted.
    pub(crate) keep: bool,
}

/// What was read of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Part {
    /// Bytes, decoded from their chunks.
    pub(crate) bytes: u64,
    /// Whether there was more.
    pub(crate) is_cut: bool,
}

impl Buffers {
    /// Reads the head of the final answer; gives its status.
    pub(crate) fn read_status(&mut self, stream: &mut dyn Read) -> Result<(u16, Body), Error> {
        loop {
            let head = self.read_head(stream)?;
            if !(100..200).contains(&head.status) {
                return Ok((head.status, Body(head.framing)));
            }
        }
    }

    /// Reads the body that the head announced, as far as it is wanted. With an error, `part` says what came before.
    pub(crate) fn read_part(
        &mut self,
        stream: &mut dyn Read,
        body: Body,
        wanted: Wanted,
        part: &mut Part,
    ) -> Result<(), Error> {
        match body.0 {
            Framing::Length(len) => self.take(stream, len as u64, wanted, part),
            Framing::Chunked => self.take_chunks(stream, wanted, part),
            Framing::ToEnd => match self.take(stream, u64::MAX, wanted, part) {
                Err(Error::Closed) => Ok(()),
                other => other,
            },
        }
    }

    /// Takes `len` bytes more, or what is left of the wanted ones.
    fn take(
        &mut self,
        stream: &mut dyn Read,
        len: u64,
        wanted: Wanted,
        part: &mut Part,
    ) -> Result<(), Error> {
        let mut missing = len;
        while missing > 0 {
            if self.at == self.input.len() {
                self.fill(stream)?;
            }
            let room = wanted.bytes_max - part.bytes;
            if room == 0 {
                part.is_cut = true;
                return Ok(());
            }
            let have = self.input.len() - self.at;
            let take = usize::try_from(missing.min(room)).map_or(have, |most| most.min(have));
            if wanted.keep {
                self.body.extend_from_slice(&self.input[self.at..self.at + take]);
            }
            self.at += take;
            part.bytes += take as u64;
            missing -= take as u64;
        }
        Ok(())
    }

    fn take_chunks(&mut self, stream: &mut dyn Read, wanted: Wanted, part: &mut Part) -> Result<(), Error> {
        loop {
            let line = self.read_line(stream)?;
            debug_assert!(line.len() <= CHUNK_LINE_BYTES_MAX);
            let len = chunk_len(&line).ok_or_else(|| Error::Malformed("a chunk without a length".into()))?;
            if len == 0 {
                break;
            }
            self.take(stream, len as u64, wanted, part)?;
            if part.is_cut {
                return Ok(());
            }
            if !self.read_line(stream)?.is_empty() {
                return Err(Error::Malformed("a chunk longer than it said".into()));
            }
        }
        for _ in 0..HEADERS_MAX {
            if self.read_line(stream)?.is_empty() {
                return Ok(());
            }
        }
        Err(Error::Malformed("too many trailers".into()))
    }
}

/// How the body that follows a head is told from what comes after it.
#[derive(Clone, Copy)]
pub(crate) struct Body(pub(super) Framing);

impl Body {
    /// No body, whatever the head announces: the answer to `HEAD`.
    pub(crate) const NONE: Self = Self(Framing::Length(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(answer: &str, bytes_max: u64) -> (Result<(), Error>, Part, Vec<u8>) {
        let (mut buffers, mut stream, mut part) = (Buffers::default(), answer.as_bytes(), Part::default());
        let (status, body) = buffers.read_status(&mut stream).unwrap();
        let result = buffers.read_part(&mut stream, body, Wanted { bytes_max, keep: true }, &mut part);
        (result, part, buffers.response(status).body.to_vec())
    }

    #[test]
    fn a_body_is_read_up_to_the_limit_and_no_further() {
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabcdef",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x\r\nef\r\n0\r\nT: 1\r\n\r\n",
        ];
        for answer in answers {
            for (max, wanted) in [(9, "abcdef"), (6, "abcdef"), (5, "abcde"), (4, "abcd"), (0, "")] {
                let (result, part, body) = part(answer, max);
                assert!(result.is_ok(), "{answer:?}");
                assert_eq!((part.is_cut, body.as_slice()), (max < 6, wanted.as_bytes()), "{answer:?} {max}");
            }
        }
    }

    #[test]
    fn half_a_body_is_an_error_that_tells_what_came() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n60\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ] {
            let (result, part, _) = part(answer, 100);
            assert!(matches!(result, Err(Error::Closed)) && part.bytes == 3, "{answer:?}");
        }
    }
}
