//! What the tables hold.

use super::{OperationId, PeerId, ServiceId};
use stdx::sketch::Sketch;

/// A watched port, with what is counted of it as a whole. All counts grow from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// TCP port.
    pub port: u16,
    /// Name of its protocol.
    pub protocol: &'static str,
    /// The container it is in, for people; empty for the host's own.
    pub container: String,
    /// Connections that were seen.
    pub connections: u64,
    /// Connections that are encrypted and tell nothing.
    pub encrypted: u64,
    /// Messages that are compressed and tell nothing but their size.
    pub compressed: u64,
    /// Messages the server sent on its own account.
    pub pushed: u64,
    /// Requests whose answer was not seen.
    pub unanswered: u64,
    /// Answers whose request was not seen.
    pub unasked: u64,
    /// Bytes on the wire that are not in the capture.
    pub unseen_bytes: u64,
    /// Bytes in the capture that no message could be made of.
    pub unread_bytes: u64,
}

/// What was asked.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) service: ServiceId,
    /// Name, a zero byte, target.
    pub(super) key: Box<[u8]>,
    /// Times in seconds since the last flush.
    pub(crate) times: Sketch,
    pub(crate) slowest_ns: u64,
    pub(crate) idle_flushes: u32,
    pub(crate) has_news: bool,
    pub(crate) is_free: bool,
}

impl Operation {
    /// Name and target.
    pub(crate) fn names(&self) -> (&str, &str) {
        let text = std::str::from_utf8(&self.key).expect("made of text");
        text.split_once('\0').expect("name and target")
    }
}

/// Counts of one client and one operation; they grow from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were answered, or need no answer.
    pub requests: u64,
    /// Those among them that failed.
    pub errors: u64,
    /// Bytes of requests on the wire, without headers of TCP and IP.
    pub request_bytes: u64,
    /// Bytes of answers.
    pub response_bytes: u64,
    /// From the first byte of requests to the last of their answers, in nanoseconds.
    pub took_ns: u64,
}

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) peer: PeerId,
    pub(crate) operation: OperationId,
    pub(crate) counts: Counts,
    pub(crate) idle_flushes: u32,
    pub(crate) has_news: bool,
    pub(crate) is_free: bool,
}

#[derive(Debug)]
pub(crate) struct Peer {
    pub(super) address: u128,
    pub(crate) text: String,
    pub(super) idle_flushes: u32,
    pub(super) is_free: bool,
}

#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) service: ServiceId,
    pub(crate) text: Box<str>,
    pub(crate) count: u64,
}

/// A request and its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finished<'a> {
    pub(crate) peer: PeerId,
    pub(crate) operation: OperationId,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) took_ns: u64,
    pub(crate) error: Option<&'a [u8]>,
}
