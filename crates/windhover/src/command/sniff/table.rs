//! The tally as a table: what took most time first.

use sniff::Wiretap;
use sniff::report::Line;
use sniff::tally::Counts;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

/// Widest name of an operation with its target.
const NAME_CHARS_MAX: usize = 48;

/// How to print.
pub(super) struct Table {
    /// Most lines.
    pub(super) rows: usize,
    /// A line for each client.
    pub(super) by_peer: bool,
    /// The time that was looked at.
    pub(super) span: Duration,
}

/// Counts of the table before, by what they are of.
pub(super) type Before = BTreeMap<(u16, String, String, String), Counts>;

impl Table {
    /// Prints what was counted since `before`, and remembers it there.
    pub(super) fn print(&self, out: &mut impl Write, tap: &Wiretap, before: &mut Before) -> io::Result<()> {
        let mut lines = tap.tally.lines(self.by_peer);
        for line in &mut lines {
            let key = (line.port, line.peer.clone(), line.operation.clone(), line.target.clone());
            let counts = line.counts;
            line.counts = counts - before.insert(key, counts).unwrap_or_default();
        }
        lines.retain(|line| line.counts.requests > 0);
        lines.sort_by_key(|line| std::cmp::Reverse((line.counts.took_ns, line.counts.requests)));
        let name = |line: &Line| format!("{} {}", line.operation, line.target).trim_end().to_owned();
        let width = lines.iter().take(self.rows).map(|line| name(line).chars().count()).max().unwrap_or(0);
        let width = width.clamp(9, NAME_CHARS_MAX);
        let peer_width = if self.by_peer {
            lines.iter().map(|line| line.peer.len()).max().unwrap_or(0).max(6) + 1
        } else {
            0
        };
        let peer_head = if self.by_peer { "client" } else { "" };
        writeln!(
            out,
            "{:<16} {peer_head:<peer_width$}{:<width$} {:>9} {:>9} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "service",
            "operation",
            "requests",
            "per s",
            "errors",
            "mean",
            "p50",
            "p95",
            "p99",
            "max",
            "in",
            "out"
        )?;
        for line in lines.iter().take(self.rows) {
            let counts = line.counts;
            let service = format!("{}:{}", line.protocol, line.port);
            let operation: String = name(line).chars().take(NAME_CHARS_MAX).collect();
            let rate = counts.requests as f64 / self.span.as_secs_f64().max(1e-9);
            let mean = time(counts.took_ns as f64 / counts.requests as f64 / 1e9);
            let [p50, p95, p99] = line.quantiles.map_or_else(Default::default, |all| all.map(time));
            let max = if line.quantiles.is_some() { time(line.max_s) } else { String::new() };
            let (bytes_in, bytes_out) = (bytes(counts.request_bytes), bytes(counts.response_bytes));
            let (requests, errors, peer) = (counts.requests, counts.errors, &line.peer);
            writeln!(
                out,
                "{service:<16} {peer:<peer_width$}{operation:<width$} {requests:>9} {rate:>9.1} {errors:>7} {mean:>8} {p50:>8} {p95:>8} {p99:>8} {max:>8} {bytes_in:>8} {bytes_out:>8}"
            )?;
        }
        match lines.len() {
            0 => writeln!(out, "nothing was asked and answered"),
            count if count > self.rows => writeln!(out, "… and {} more (--rows)", count - self.rows),
            _ => Ok(()),
        }
    }

    /// What else there is to say of each service, and the errors by code.
    pub(super) fn services(&self, out: &mut impl Write, tap: &Wiretap) -> io::Result<()> {
        for service in tap.tally.services().iter().filter(|service| service.connections > 0) {
            write!(out, "{}:{}: {} connections", service.protocol, service.port, service.connections)?;
            let facts = [
                (service.encrypted, "encrypted"),
                (service.compressed, "compressed messages"),
                (service.pushed, "pushes"),
                (service.unanswered, "requests without an answer"),
                (service.unasked, "answers without a request"),
                (service.unseen_bytes, "bytes not captured"),
                (service.unread_bytes, "bytes not understood"),
            ];
            for (count, what) in facts.into_iter().filter(|(count, _)| *count > 0) {
                write!(out, ", {count} {what}")?;
            }
            let mut codes: Vec<_> = tap.tally.errors().filter(|(port, ..)| *port == service.port).collect();
            codes.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
            for (i, (_, code, count)) in codes.iter().take(8).enumerate() {
                write!(out, "{} {code} {count}×", if i == 0 { "; errors:" } else { "," })?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// Seconds in at most seven characters.
fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 100.0 => format!("{s:.0}s"),
        s if s >= 1.0 => format!("{s:.2}s"),
        s if s >= 0.1 => format!("{:.0}ms", s * 1e3),
        s if s >= 1e-3 => format!("{:.2}ms", s * 1e3),
        s => format!("{:.0}µs", s * 1e6),
    }
}

/// Bytes in at most seven characters.
fn bytes(count: u64) -> String {
    match count as f64 {
        n if n >= 1e12 => format!("{:.1}TB", n / 1e12),
        n if n >= 1e9 => format!("{:.1}GB", n / 1e9),
        n if n >= 1e6 => format!("{:.1}MB", n / 1e6),
        n if n >= 1e4 => format!("{:.1}kB", n / 1e3),
        n => format!("{n:.0}B"),
    }
}
