//! victoria-metrics (`apt install victoria-metrics`): started in an empty folder, filled, asked.

use crate::peer::{Peer, free_port, ready};
use model::Labels;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// A running one.
pub struct Victoria {
    /// The process.
    pub peer: Peer,
    /// Where it listens.
    pub port: u16,
    agent: ureq::Agent,
    base: String,
}

impl Victoria {
    /// Starts it on a folder.
    pub fn start(data: &Path) -> Result<Self, String> {
        let port = free_port();
        let mut command = Command::new("victoria-metrics");
        command.arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        command.arg(format!("-storageDataPath={}", data.display()));
        command.args(["-retentionPeriod=100y", "-search.maxUniqueTimeseries=2000000"]);
        let peer = Peer::start("victoria-metrics", &mut command)
            .map_err(|why| format!("{why} (apt install victoria-metrics)"))?;
        let base = format!("http://127.0.0.1:{port}");
        ready(&format!("{base}/health"))?;
        Ok(Self { peer, port, agent: ureq::agent(), base })
    }

    /// Imports whole series in its own JSON lines, which cost it far less than remote write.
    pub fn import(&self, body: &str) -> Result<(), String> {
        let url = format!("{}/api/v1/import", self.base);
        self.agent.post(&url).send(body).map(drop).map_err(|e| e.to_string())
    }

    /// Writes out what it holds in memory and merges what can be merged.
    pub fn settle(&self) -> Result<(), String> {
        for path in ["force_flush", "force_merge"] {
            self.get(&format!("/internal/{path}"))?;
        }
        self.peer.settle();
        self.get("/internal/force_flush").map(drop)
    }

    /// The answer to a GET.
    pub fn get(&self, path: &str) -> Result<String, String> {
        let mut answer =
            self.agent.get(format!("{}{path}", self.base)).call().map_err(|e| format!("{path}: {e}"))?;
        answer.body_mut().with_config().limit(1 << 30).read_to_string().map_err(|e| e.to_string())
    }

    /// Series of a range query that goes past the cache: labels, then points (Unix seconds and values).
    pub fn range_path(query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> String {
        format!(
            "/api/v1/query_range?nocache=1&query={}&start={}&end={}&step={}",
            escape(query),
            start_ms as f64 / 1000.0,
            end_ms as f64 / 1000.0,
            step_ms as f64 / 1000.0
        )
    }

    /// The path of a query at one instant.
    pub fn instant_path(query: &str, time_ms: i64) -> String {
        format!("/api/v1/query?nocache=1&query={}&time={}", escape(query), time_ms as f64 / 1000.0)
    }
}

/// A line of an import: a series with all its samples.
pub fn import_line(labels: &Labels, times_ms: impl Iterator<Item = i64>, values: &[f64], out: &mut String) {
    let metric: serde_json::Map<String, Value> =
        labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let _ = write!(out, "{{\"metric\":{},\"values\":[", Value::from(metric));
    for (at, value) in values.iter().enumerate() {
        let _ = write!(out, "{}{value}", if at == 0 { "" } else { "," });
    }
    out.push_str("],\"timestamps\":[");
    for (at, time_ms) in times_ms.enumerate() {
        let _ = write!(out, "{}{time_ms}", if at == 0 { "" } else { "," });
    }
    out.push_str("]}\n");
}

/// A text as part of a query string.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => out.push(byte as char),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
