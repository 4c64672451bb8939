//! The last phases: a request and its answer, or a few bytes each way.

use super::{Failure, Phase, Watch, link::Link};
use crate::client::write_head;
use crate::response::{Buffers, Response, part};
use crate::{Error, Request};
use std::io::{Read, Write};

/// What to ask for, and how much of the answer is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The request; a header `Host` in it replaces the URL's.
    pub request: Request<'a>,
    /// Most bytes of the body that are read.
    pub body_bytes_max: u64,
    /// Whether they are kept.
    pub keep_body: bool,
}

/// An answer, or as much of it as came.
#[derive(Debug, Default)]
pub struct Answer {
    /// Status code; 0 before the head is complete.
    pub status: u16,
    /// Bytes of the body that were read.
    pub body_bytes: u64,
    /// Whether there was more of it.
    pub is_cut: bool,
    buffers: Buffers,
}

impl Answer {
    /// Head, and the body as far as it was read and kept.
    pub fn response(&self) -> Response<'_> {
        self.buffers.response(self.status)
    }
}

/// Notes when the first byte comes.
struct FirstByte<'a> {
    link: &'a mut Link,
    watch: &'a mut Watch,
    /// What to fail with when the watch says that it came too late.
    late: Option<Failure>,
    has_come: bool,
}

impl Read for FirstByte<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let len = self.link.read(buf)?;
        if !self.has_come && len > 0 {
            self.has_come = true;
            if let Err(failure) = self.watch.end() {
                self.late = Some(failure);
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            self.watch.begin(Phase::Transfer);
            self.link.set_deadline(self.watch.deadline());
        }
        Ok(len)
    }
}

impl Link {
    /// Sends a request and reads its answer. What came before a failure is in `answer`.
    ///
    /// # Errors
    /// When there is no whole answer in time; any status is an answer.
    pub fn ask(
        &mut self,
        question: &Question<'_>,
        answer: &mut Answer,
        watch: &mut Watch,
    ) -> Result<(), Failure> {
        *answer = Answer::default();
        let mut output = Vec::new();
        watch.begin(Phase::FirstByte);
        self.set_deadline(watch.deadline());
        write_head(&question.request, &mut output).map_err(|e| watch.failed(e))?;
        output.extend_from_slice(question.request.body);
        // A server may answer and close before it has read everything: what it said counts more than the broken pipe.
        let sent = self.write_all(&output).and_then(|()| self.flush());
        let mut stream = FirstByte { link: self, watch, late: None, has_come: false };
        let read = read(&mut stream, question, answer);
        let FirstByte { late, .. } = stream;
        if let Some(failure) = late {
            return Err(failure);
        }
        match (sent, read) {
            (_, Ok(())) => watch.end(),
            (Err(e), Err(_)) if answer.status == 0 => Err(self.failed(e.into(), watch)),
            (_, Err(e)) => Err(self.failed(e, watch)),
        }
    }

    /// Sends `bytes`; counts as waiting for the first byte.
    ///
    /// # Errors
    /// When that fails or takes too long.
    pub fn send(&mut self, bytes: &[u8], watch: &mut Watch) -> Result<(), Failure> {
        watch.begin(Phase::FirstByte);
        self.set_deadline(watch.deadline());
        self.write_all(bytes).and_then(|()| self.flush()).map_err(|e| self.failed(e.into(), watch))
    }

    /// Reads until `is_enough` of what has come, the end of the connection, or `bytes_max`; what came is appended to
    /// `seen`. Gives whether it is enough.
    ///
    /// # Errors
    /// When that fails or takes too long.
    pub fn expect(
        &mut self,
        seen: &mut Vec<u8>,
        bytes_max: usize,
        watch: &mut Watch,
        is_enough: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<bool, Failure> {
        watch.begin(Phase::FirstByte);
        self.set_deadline(watch.deadline());
        let mut stream = FirstByte { link: self, watch, late: None, has_come: false };
        let mut some = [0; 1024];
        let enough = loop {
            if seen.len() >= bytes_max {
                break Ok(false);
            }
            match stream.read(&mut some) {
                Ok(0) => break Ok(false),
                Ok(len) => seen.extend_from_slice(&some[..len]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                // A server that ends TLS without saying so has still ended.
                Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => break Ok(false),
                Err(e) => break Err(e),
            }
            if is_enough(seen) {
                break Ok(true);
            }
        };
        let FirstByte { late, has_come, .. } = stream;
        if let Some(failure) = late {
            return Err(failure);
        }
        let enough = enough.map_err(|e| self.failed(e.into(), watch))?;
        if has_come {
            watch.end()?;
        }
        Ok(enough)
    }

    pub(super) fn failed(&self, error: Error, watch: &Watch) -> Failure {
        if self.is_given_up() { watch.failed(Error::Interrupted) } else { watch.failed(error) }
    }
}

fn read(stream: &mut dyn Read, question: &Question<'_>, answer: &mut Answer) -> Result<(), Error> {
    let (status, body) = answer.buffers.read_status(stream)?;
    answer.status = status;
    let body = if question.request.method.eq_ignore_ascii_case("HEAD") { part::Body::NONE } else { body };
    let wanted = part::Wanted { bytes_max: question.body_bytes_max, keep: question.keep_body };
    let mut taken = part::Part::default();
    let result = answer.buffers.read_part(stream, body, wanted, &mut taken);
    (answer.body_bytes, answer.is_cut) = (taken.bytes, taken.is_cut);
    result
}
