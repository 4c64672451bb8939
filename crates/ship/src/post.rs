//! Bodies over HTTP.

use crate::Server;
use crate::sender::Post;
use crate::verdict::Reply;
use net::{Client, Interrupt, Request, Url};
use std::time::Duration;

/// Where the native door is, below a server's address.
const PATH: &str = "/api/v1/native";
/// What the body is.
const CONTENT_TYPE: &str = "application/x-windhover";
/// Longest answer that is read, in bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 16 << 10;

/// How long a server may hold its answer back where another one can be asked: patience with one that is stopped would
/// only keep samples from it.
const TRANSFER_BEFORE_NEXT: Duration = Duration::from_secs(120);

/// A door and what opens it.
struct Door {
    url: Url,
    authorization: Option<String>,
}

/// Carries bodies by HTTP over one connection that is kept open.
pub(crate) struct HttpPost {
    client: Client,
    doors: Vec<Door>,
}

impl HttpPost {
    pub(crate) fn new(servers: &[Server], options: net::Options) -> Self {
        let door = |server: &Server| Door {
            url: server.url.below(PATH),
            authorization: server.token.as_ref().map(|token| format!("Bearer {token}")),
        };
        let mut options = net::Options { response_bytes_max: ANSWER_BYTES_MAX, ..options };
        if servers.len() > 1 {
            options.liveness.transfer = options.liveness.transfer.min(TRANSFER_BEFORE_NEXT);
        }
        Self { client: Client::new(options), doors: servers.iter().map(door).collect() }
    }

    /// A handle with which another thread ends the request under way.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.client.interrupt()
    }
}

impl Post for HttpPost {
    fn post(&mut self, server: usize, body: &[u8], gzip: bool) -> Result<Reply, String> {
        let door = &self.doors[server];
        let mut headers = vec![("Content-Type", CONTENT_TYPE)];
        headers.extend(gzip.then_some(("Content-Encoding", "gzip")));
        headers.extend(door.authorization.as_deref().map(|value| ("Authorization", value)));
        let request = Request { method: "POST", url: &door.url, headers: &headers, body };
        let response = self.client.send(&request).map_err(|e| format!("{}: {e}", door.url))?;
        Ok(Reply {
            status: response.status,
            retry_after: response.header("Retry-After").map(str::to_owned),
            body: String::from_utf8_lossy(response.body).into_owned(),
        })
    }

    fn servers(&self) -> usize {
        self.doors.len()
    }
}
