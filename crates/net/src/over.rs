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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Url;
    use std::os::unix::net::UnixStream;

    #[test]
    fn an_answer_in_chunks_comes_over_a_unix_socket() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let server = std::thread::spawn(move || {
            let mut asked = [0; 1024];
            let len = theirs.read(&mut asked).unwrap();
            theirs
                .write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                )
                .unwrap();
            String::from_utf8_lossy(&asked[..len]).into_owned()
        });
        let url = Url::parse("http://localhost/numbers").unwrap();
        let request = Request { method: "GET", url: &url, headers: &[("Connection", "close")], body: &[] };
        let exchange = Exchange::over(&mut ours, &request, 100).unwrap();
        let response = exchange.response();
        assert_eq!((response.status, response.body), (200, &b"abcde"[..]));
        assert!(server.join().unwrap().starts_with("GET /numbers HTTP/1.1\r\nHost: localhost\r\n"));
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        drop(theirs);
        assert!(Exchange::over(&mut ours, &request, 100).is_err(), "an end is no answer");
    }
}
