//! One request over a stream that somebody else opened: a unix socket, a connection made in another network namespace.

use crate::client::write_head;
use crate::response::Buffers;
use crate::{Error, Request, Response};
use std::io::{Read, Write};

/// The answer to one request. It owns its bytes.
#[derive(Debug, Default)]
pub struct Exchange {
    status: u16,
    buffers: Buffers,
}

impl Exchange {
    /// Sends a request over `stream` and reads the whole answer, whose body may have `body_bytes_max` bytes. Deadlines
    /// are the stream's business.
    ///
    /// # Errors
    /// When there is no complete answer; any status is an answer.
    pub fn over(
        stream: &mut (impl Read + Write),
        request: &Request<'_>,
        body_bytes_max: usize,
    ) -> Result<Self, Error> {
        let mut output = Vec::new();
        write_head(request, &mut output)?;
        output.extend_from_slice(request.body);
        // A server may answer and close before it has read everything: what it said counts more than the broken pipe.
        let sent = stream.write_all(&output).and_then(|()| stream.flush());
        let mut buffers = Buffers::default();
        match (sent, buffers.read(stream, body_bytes_max)) {
            (_, Ok((status, _))) => Ok(Self { status, buffers }),
            (Err(e), Err(_)) => Err(e.into()),
            (Ok(()), Err(e)) => Err(e),
        }
    }

    /// The answer.
    pub fn response(&self) -> Response<'_> {
        self.buffers.response(self.status)
    }
}
