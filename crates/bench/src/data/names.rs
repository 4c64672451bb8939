//! Very many names: leaves of a tree of paths as Graphite's senders make them, and values of one label.

use super::labels;
use super::play::Play;
use model::{Labels, NAME};

/// Leaves of a server.
const LEAVES: usize = 500;
const PLUGINS: [&str; 10] =
    ["cpu", "df", "disk", "interface", "load", "memory", "nginx", "postgresql", "processes", "tcpconns"];

/// Every series once, all at the same instant.
pub struct Names {
    labels: Vec<Labels>,
    time_ms: Option<i64>,
}

impl Names {
    /// `servers.<place>.<server>.<plugin>.<instance>.<metric>`, 500 leaves a server; servers report in no order.
    pub fn paths(count: usize, time_ms: i64) -> Self {
        let servers = count.div_ceil(LEAVES);
        let path = |at: usize| {
            // 7919 is prime: every server comes once, none beside its neighbour.
            let (server, leaf) = (at / LEAVES * 7919 % servers, at % LEAVES);
            let (plugin, instance, metric) = (PLUGINS[leaf % 10], leaf / 10 % 10, leaf / 100);
            let place = server % 8;
            format!("servers.dc{place}.web{server:05}.{plugin}.{instance}.metric_{metric}")
        };
        Self {
            labels: (0..count).map(|at| labels([(NAME, path(at).as_str())])).collect(),
            time_ms: Some(time_ms),
        }
    }

    /// One metric of few hosts with a label that never has the same value twice.
    pub fn values(count: usize, time_ms: i64) -> Self {
        let one = |at: usize| {
            let (host, session) =
                (format!("web{:03}", at % 100), format!("s{:08x}", at * 2_654_435_761 % (1 << 32)));
            labels([(NAME, "session_bytes_total"), ("host", &host), ("session", &session)])
        };
        Self { labels: (0..count).map(one).collect(), time_ms: Some(time_ms) }
    }
}

impl Play for Names {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn next(&mut self, rows: &mut Vec<(u32, f64)>) -> Option<i64> {
        let time_ms = self.time_ms.take()?;
        rows.clear();
        rows.extend((0..self.labels.len() as u32).map(|at| (at, f64::from(at % 100))));
        Some(time_ms)
    }
}
