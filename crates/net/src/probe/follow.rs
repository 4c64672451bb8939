//! An answer that may never end, such as a stream of events: its head like any other's, its body as it comes.

use super::{Failure, Phase, Watch, link::Link};
use crate::client::write_head;
use crate::response::endless::Due;
use crate::response::{Buffers, Response};
use crate::{Error, Liveness, Request};
use std::io::{ErrorKind, Write};
use std::time::Instant;

/// What a wait for more of a body came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Some bytes.
    More,
    /// Nothing in time; the stream is as good as before.
    Silence,
    /// The body is over.
    End,
}

/// An answer whose body is read as it comes.
pub struct Following {
    link: Link,
    buffers: Buffers,
    due: Due,
    status: u16,
}

impl Link {
    /// Sends a request and reads the head of its answer within the watch's limits. From then on TCP watches the link, so
    /// that silence is told from a dead link; what TCP cannot tell is a server that is stopped.
    ///
    /// # Errors
    /// When there is no head in time; any status is an answer.
    pub fn follow(
        mut self,
        request: &Request<'_>,
        liveness: &Liveness,
        watch: &mut Watch,
    ) -> Result<Following, Failure> {
        let mut output = Vec::new();
        watch.begin(Phase::FirstByte);
        self.set_deadline(watch.deadline());
        write_head(request, &mut output).map_err(|e| watch.failed(e))?;
        output.extend_from_slice(request.body);
        let sent = self.write_all(&output).and_then(|()| self.flush());
        let mut buffers = Buffers::default();
        let head = sent.map_err(Error::from).and_then(|()| buffers.read_status(&mut self));
        let (status, body) = head.map_err(|e| self.failed(e, watch))?;
        watch.end()?;
        self.supervise(liveness);
        Ok(Following { link: self, buffers, due: Due::of(body), status })
    }
}

impl Following {
    /// Status and head; its body is empty.
    pub fn response(&self) -> Response<'_> {
        self.buffers.response(self.status)
    }

    /// Appends to `out` what comes first before the deadline.
    ///
    /// # Errors
    /// When the link broke, was given up, or what came is not HTTP.
    pub fn read(&mut self, out: &mut Vec<u8>, deadline: Instant) -> Result<Heard, Error> {
        self.link.set_deadline(deadline);
        match self.buffers.read_more(&mut self.link, &mut self.due, out) {
            Ok(true) => Ok(Heard::More),
            _ if self.link.is_given_up() => Err(Error::Interrupted),
            Ok(false) => Ok(Heard::End),
            Err(Error::Broken(e)) if matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                // A dead link ends with the same error, but before its time.
                if Instant::now() >= deadline { Ok(Heard::Silence) } else { Err(Error::Broken(e)) }
            }
            Err(e) => Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::Resolver;
    use crate::probe::{Family, Heard, Limits, Link, Peer, Surroundings, Target, Watch};
    use crate::{Error, Interrupt, Liveness, Request, Url};
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    #[test]
    fn a_stream_is_heard_piece_by_piece_until_it_ends_or_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, said) = mpsc::channel::<&str>();
        let server = std::thread::spawn(move || {
            let mut socket = listener.accept().unwrap().0;
            let mut head = [0; 512];
            let len = socket.read(&mut head).unwrap();
            said.iter().for_each(|text| socket.write_all(text.as_bytes()).unwrap());
            String::from_utf8_lossy(&head[..len]).into_owned()
        });
        let (interrupt, resolver) = (Interrupt::default(), Resolver::system());
        let around = Surroundings { resolver: &resolver, interrupt: &interrupt };
        let target = Target { host: "127.0.0.1", port, address: None, family: Family::Any };
        let mut watch = Watch::start(Limits::total(Duration::from_secs(20)));
        let link = Link::dial(around, &target, None, &mut Peer::default(), &mut watch).unwrap();
        let url = Url::parse(&format!("http://127.0.0.1:{port}/v1/events")).unwrap();
        let request = Request { method: "POST", url: &url, headers: &[], body: b"{}" };
        say.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let mut following = link.follow(&request, &Liveness::default(), &mut watch).unwrap();
        assert_eq!(following.response().status, 200);
        let mut out = Vec::new();
        let soon = || Instant::now() + Duration::from_millis(20);
        assert_eq!(following.read(&mut out, soon()).unwrap(), Heard::Silence);
        say.send("3\r\nab").unwrap();
        let late = Instant::now() + Duration::from_secs(20);
        assert_eq!(following.read(&mut out, late).unwrap(), Heard::More);
        assert_eq!(following.read(&mut out, soon()).unwrap(), Heard::Silence);
        say.send("c\r\n0\r\n\r\n").unwrap();
        while following.read(&mut out, late).unwrap() != Heard::End {}
        assert_eq!(out, b"abc");
        drop(say);
        assert!(server.join().unwrap().starts_with("POST /v1/events HTTP/1.1\r\n"));
        interrupt.interrupt();
        assert!(matches!(following.read(&mut out, late), Err(Error::Interrupted)));
    }
}
