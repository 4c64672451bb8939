//! The client: one connection at a time, kept open between requests.

use crate::dns::{self, Resolver};
use crate::resolve::{Patience, Resolve};
use crate::response::{Buffers, Response};
use crate::stream::Stream;
use crate::tls::Tls;
use crate::{Error, Interrupt, Liveness, Url, socket};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use stdx::telemetry::{Counter, Item};

static REQUESTS: Counter =
    Counter::new("windhover_net_requests_total", "Requests made, those without an answer included.");
static FAILURES: Counter = Counter::new("windhover_net_failures_total", "Requests that got no answer.");
static CONNECTIONS: Counter = Counter::new("windhover_net_connections_total", "Connections made.");

/// What this crate counts.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&REQUESTS),
    Item::Counter(&FAILURES),
    Item::Counter(&CONNECTIONS),
    Item::Counter(&dns::resolver::LOOKUPS),
    Item::Counter(&dns::resolver::FAILED),
    Item::Counter(&dns::resolver::PUBLIC),
    Item::Counter(&dns::resolver::REMEMBERED),
];

/// A body up to this size is sent together with the head, in one packet where it fits; in bytes.
const JOINED_BYTES_MAX: usize = 16 << 10;
/// Memory kept for the next request, in bytes: as much as a usual one.
const OUTPUT_BYTES_KEPT: usize = 4 << 10;

/// How a client connects and what it puts up with.
#[derive(Clone)]
pub struct Options {
    /// How long connecting to one address may take.
    pub connect_timeout: Duration,
    /// How long the TLS handshake may take.
    pub handshake_timeout: Duration,
    /// When a silent link counts as dead.
    pub liveness: Liveness,
    /// Longest body of an answer, in bytes.
    pub response_bytes_max: usize,
    /// Who turns names into addresses.
    pub resolver: Arc<dyn Resolve>,
    /// Whom to trust and who we are, for `https`.
    pub tls: Tls,
}

impl Default for Options {
    /// Five seconds to connect, ten to shake hands, answers up to 64 KiB, the system's resolver.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(10),
            liveness: Liveness::default(),
            response_bytes_max: 64 << 10,
            resolver: Arc::new(Resolver::system()),
            tls: Tls::default(),
        }
    }
}

/// What to ask.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Whom and what.
    pub url: &'a Url,
    /// Names and values besides `Host` and `Content-Length`.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; may be empty.
    pub body: &'a [u8],
}

/// The connection that is open now.
struct Open {
    tls: bool,
    host: String,
    port: u16,
    stream: Stream,
}

impl Open {
    fn leads_to(&self, url: &Url) -> bool {
        self.tls == url.tls && self.port == url.port && self.host == url.host
    }
}

/// An HTTP/1.1 client for one thread.
pub struct Client {
    options: Options,
    #[cfg(feature = "tls")]
    sessions: Option<crate::tls::Sessions>,
    interrupt: Interrupt,
    open: Option<Open>,
    output: Vec<u8>,
    buffers: Buffers,
}

impl Client {
    /// A client without a connection.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            #[cfg(feature = "tls")]
            sessions: None,
            interrupt: Interrupt::default(),
            open: None,
            output: Vec::new(),
            buffers: Buffers::default(),
        }
    }

    /// A handle with which another thread ends the request under way.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Sends a request and reads its answer, over the open connection where that leads to the same server. When an
    /// open connection turns out to be closed before anything of an answer has come, the request is sent once more over
    /// a new one: use this for requests that may be repeated.
    ///
    /// # Errors
    /// When there is no complete answer; any status is an answer.
    pub fn send(&mut self, request: &Request<'_>) -> Result<Response<'_>, Error> {
        write_head(request, &mut self.output)?;
        let reused = self.open.as_ref().is_some_and(|open| open.leads_to(request.url));
        let mut result = self.exchange(request);
        let stale = result.as_ref().is_err_and(is_closed) && self.buffers.is_untouched();
        if reused && stale && !self.interrupt.is_given_up() {
            result = self.exchange(request);
        }
        self.output.shrink_to(OUTPUT_BYTES_KEPT);
        REQUESTS.add(1);
        FAILURES.add(u64::from(result.is_err()));
        match result {
            Ok(status) => Ok(self.buffers.response(status)),
            Err(_) if self.interrupt.is_given_up() => Err(Error::Interrupted),
            Err(e) => Err(e),
        }
    }

    /// Closes the connection, if one is open.
    pub fn close(&mut self) {
        self.open = None;
        self.interrupt.forget();
    }

    /// Sends what is written over the open connection or a new one, which stays open only after a clean answer.
    fn exchange(&mut self, request: &Request<'_>) -> Result<u16, Error> {
        self.buffers.clear();
        let interrupt = self.interrupt.clone();
        let mut open = match self.open.take().filter(|open| open.leads_to(request.url)) {
            Some(open) => open,
            None => self.connect(request.url).inspect_err(|_| interrupt.forget())?,
        };
        let sent = send_all(&mut open.stream, &mut self.output, request.body);
        // A server may answer and close before it has read everything: what it said counts more than the broken pipe.
        let read = self.buffers.read(&mut open.stream, self.options.response_bytes_max);
        match (sent, read) {
            (Ok(()), Ok((status, true))) => {
                self.open = Some(open);
                Ok(status)
            }
            (_, Ok((status, _))) => {
                interrupt.forget();
                Ok(status)
            }
            (Err(e), Err(_)) | (Ok(()), Err(e)) => {
                interrupt.forget();
                Err(e)
            }
        }
    }

    fn connect(&mut self, url: &Url) -> Result<Open, Error> {
        let addresses =
            self.options.resolver.resolve(&url.host, url.port, Patience::usual(&self.interrupt))?;
        let Options { connect_timeout, liveness, .. } = &self.options;
        let socket = socket::connect(&addresses, *connect_timeout, liveness, &self.interrupt)?;
        CONNECTIONS.add(1);
        let stream = if url.tls { self.shake_hands(socket, &url.host)? } else { Stream::Plain(socket) };
        Ok(Open { tls: url.tls, host: url.host.clone(), port: url.port, stream })
    }

    #[cfg(feature = "tls")]
    fn shake_hands(&mut self, socket: std::net::TcpStream, host: &str) -> Result<Stream, Error> {
        let sessions = match self.sessions.take() {
            Some(sessions) => sessions,
            None => crate::tls::Sessions::new(&self.options.tls)?,
        };
        let stream = sessions.connect(socket, host, self.options.handshake_timeout);
        self.sessions = Some(sessions);
        stream
    }

    #[cfg(not(feature = "tls"))]
    fn shake_hands(&mut self, _: std::net::TcpStream, _: &str) -> Result<Stream, Error> {
        Err(Error::Tls("this program was built without TLS".into()))
    }
}

/// Writes the head of a request. A header `Host` replaces that of the URL.
pub(crate) fn write_head(request: &Request<'_>, output: &mut Vec<u8>) -> Result<(), Error> {
    let Request { method, url, headers, body } = request;
    let bad = |text: &&str| text.bytes().any(|b| b.is_ascii_control());
    if let Some((name, _)) = headers.iter().find(|(name, value)| bad(name) || bad(value)) {
        return Err(Error::Request(format!("header `{}` has control characters", name.escape_debug())));
    }
    let has_host = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    output.clear();
    let written = (|| {
        write!(output, "{method} {} HTTP/1.1\r\n", url.path)?;
        if !has_host {
            write!(output, "Host: {}\r\n", url.authority())?;
        }
        for (name, value) in *headers {
            write!(output, "{name}: {value}\r\n")?;
        }
        // Some servers refuse to be asked for a page with a body, be it an empty one.
        if !body.is_empty() || !matches!(*method, "GET" | "HEAD") {
            write!(output, "Content-Length: {}\r\n", body.len())?;
        }
        write!(output, "\r\n")
    })();
    written.map_err(Error::Broken)
}

/// Whether the other side has let go of the connection; a link that is dead is another matter.
fn is_closed(error: &Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    match error {
        Error::Closed => true,
        Error::Broken(e) => {
            matches!(e.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected)
        }
        _ => false,
    }
}

impl Drop for Client {
    // The handle may live longer and must not keep the connection open.
    fn drop(&mut self) {
        self.interrupt.forget();
    }
}

/// Sends head and body; `head` may be used as a buffer.
fn send_all(stream: &mut Stream, head: &mut Vec<u8>, body: &[u8]) -> Result<(), Error> {
    if body.len() <= JOINED_BYTES_MAX {
        let len = head.len();
        head.extend_from_slice(body);
        let sent = stream.write_all(head);
        head.truncate(len);
        sent?;
    } else {
        stream.write_all(head)?;
        stream.write_all(body)?;
    }
    Ok(stream.flush()?)
}

#[cfg(test)]
mod tests;
