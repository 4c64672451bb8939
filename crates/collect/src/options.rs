//! What a caller decides. Reading files, flags and environment is the binary's business.

use std::net::SocketAddr;

pub mod falcon;
pub mod pattern;
pub mod process;

/// Choices of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Value of the label `host` on every series.
    pub host_name: String,
    /// More labels for every series; one that has the name of a collector's own label is overruled by it.
    pub labels: Vec<(String, String)>,
    /// Time between ticks, which fall on its whole multiples. A collector that is slow by
    /// nature is run less often.
    pub interval_ms: u64,
    /// Names of collectors that shall not run.
    pub left_out: Vec<String>,
    /// Adds `cpu_core_seconds_total` for every core.
    pub cpu_per_core: bool,
    /// How many names `processes` follows by CPU time, and as many again by memory; at most
    /// [`PROCESSES_TOP_MAX`].
    pub processes_top: usize,
    /// Groups of processes; one belongs to that of the first rule it follows. At most [`process::RULES_MAX`].
    pub process_rules: Vec<process::Rule>,
    /// Open-Falcon's built-in monitors that shall run.
    pub falcon: Vec<falcon::Monitor>,
    /// Time servers whose clocks ours is compared with, once a minute; none unless told to.
    pub ntp_servers: Vec<SocketAddr>,
    /// Version of the agent, for `host_info`.
    pub agent_version: String,
}

/// Largest useful [`Options::processes_top`].
pub const PROCESSES_TOP_MAX: usize = 100;

impl Options {
    /// All collectors at one second, ten process names each way, no series per core.
    pub fn for_host(host_name: impl Into<String>) -> Self {
        Self {
            host_name: host_name.into(),
            labels: Vec::new(),
            interval_ms: 1000,
            left_out: Vec::new(),
            cpu_per_core: false,
            processes_top: 10,
            process_rules: Vec::new(),
            ntp_servers: Vec::new(),
            falcon: Vec::new(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
