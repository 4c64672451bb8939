//! What whoever starts an outbox decides.

use net::Url;
use std::path::PathBuf;
use std::time::Duration;

/// Where to ship and how.
#[derive(Clone)]
pub struct Options {
    /// Servers in order of preference; the next is tried when one fails.
    pub servers: Vec<Server>,
    /// How connections are made.
    pub net: net::Options,
    /// How the spool is kept.
    pub spool: SpoolOptions,
    /// Largest request body, in bytes; a single larger frame goes alone.
    pub body_bytes_max: usize,
    /// How fast a backlog is sent, in bytes a second; 0 for as fast as it goes. What is fresh knows no limit.
    pub backlog_bytes_per_second: u64,
    /// Longest wait after a first failure; it doubles with each one that follows.
    pub retry_base: Duration,
    /// Longest wait after any failure, unless the server asks for more.
    pub retry_cap: Duration,
}

/// One server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address; the path of the native door is added to it.
    pub url: Url,
    /// Sent as `Authorization: Bearer …` when given.
    pub token: Option<String>,
}

/// How the spool is kept.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    /// The folder; only one process may use it.
    pub folder: PathBuf,
    /// This host's name, told to the server for people.
    pub host: String,
    /// Most bytes on disk, second copies included; the oldest segment is dropped, and counted, when there is more.
    pub disk_bytes_max: u64,
    /// Most bytes in memory while the disk cannot be written; the oldest segment is dropped, and counted.
    pub memory_bytes_max: usize,
    /// Where a segment ends and the next begins, in bytes: what has to be sent again when a server forgot the stream.
    pub segment_bytes_max: u64,
    /// Age at which a segment ends, in milliseconds.
    pub segment_age_ms_max: i64,
    /// Most bytes of segments that a server refused and that are kept for a look.
    pub quarantine_bytes_max: u64,
    /// Whether every batch is on the medium before `push` returns. Without it a power failure, but no crash of the
    /// program, may cost what the system had yet to write.
    pub sync: bool,
}

impl SpoolOptions {
    /// The usual limits: 500 MB on disk, 1 MiB in memory, segments of 1 MiB or ten minutes.
    pub fn new(folder: impl Into<PathBuf>, host: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            host: host.into(),
            disk_bytes_max: 500_000_000,
            memory_bytes_max: 1 << 20,
            segment_bytes_max: 1 << 20,
            segment_age_ms_max: 10 * 60 * 1000,
            quarantine_bytes_max: 16 << 20,
            sync: false,
        }
    }
}

impl Options {
    /// The usual way of shipping to `servers`.
    pub fn new(servers: Vec<Server>, spool: SpoolOptions) -> Self {
        Self {
            servers,
            net: net::Options::default(),
            spool,
            body_bytes_max: 32 << 10,
            backlog_bytes_per_second: 4_000_000,
            retry_base: Duration::from_millis(500),
            retry_cap: Duration::from_secs(30),
        }
    }
}
