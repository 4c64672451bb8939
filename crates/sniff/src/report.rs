//! The tally as lines for people.

use crate::tally::{Counts, Tally};

/// Quantiles of a line.
pub const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// An operation, of one client or of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// TCP port of the service.
    pub port: u16,
    /// Its protocol.
    pub protocol: &'static str,
    /// The client; empty for all.
    pub peer: String,
    /// What was asked.
    pub operation: String,
    /// Of what.
    pub target: String,
    /// Counts since the begin.
    pub counts: Counts,
    /// Times at [`QUANTILES`], in seconds, since [`Tally::clear_times`]; of one client they are not known.
    pub quantiles: Option<[f64; 3]>,
    /// The longest such time, in seconds.
    pub max_s: f64,
}

impl Tally {
    /// All operations; each client for itself when `by_peer`.
    pub fn lines(&self, by_peer: bool) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let mut places = vec![None; self.operations.len()];
        for pair in self.pairs.iter().filter(|pair| !pair.is_free) {
            let at = pair.operation.0 as usize;
            if let (false, Some(place)) = (by_peer, places[at]) {
                let line: &mut Line = &mut lines[place];
                line.counts += pair.counts;
                continue;
            }
            places[at] = Some(lines.len());
            let peer =
                if by_peer { self.peers[usize::from(pair.peer.0)].text.clone() } else { String::new() };
            lines.push(self.line(at, peer, pair.counts));
        }
        lines
    }

    fn line(&self, at: usize, peer: String, counts: Counts) -> Line {
        let operation = &self.operations[at];
        let service = &self.services[usize::from(operation.service.0)];
        let (name, target) = operation.names();
        let mut quantiles = [0.0; 3];
        if peer.is_empty() {
            operation.times.quantiles(&QUANTILES, |i, value| quantiles[i] = value);
        }
        Line {
            port: service.port,
            protocol: service.protocol,
            quantiles: (peer.is_empty() && operation.slowest_ns > 0).then_some(quantiles),
            max_s: operation.slowest_ns as f64 / 1e9,
            peer,
            operation: name.to_owned(),
            target: target.to_owned(),
            counts,
        }
    }

    /// Errors by code: port, code, count.
    pub fn errors(&self) -> impl Iterator<Item = (u16, &str, u64)> {
        self.codes
            .iter()
            .map(|code| (self.services[usize::from(code.service.0)].port, &*code.text, code.count))
    }

    /// Quantiles are of what comes from now on.
    pub fn clear_times(&mut self) {
        self.forget(u32::MAX - 2);
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.request_bytes += other.request_bytes;
        self.response_bytes += other.response_bytes;
        self.took_ns += other.took_ns;
    }
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            requests: self.requests - before.requests,
            errors: self.errors - before.errors,
            request_bytes: self.request_bytes - before.request_bytes,
            response_bytes: self.response_bytes - before.response_bytes,
            took_ns: self.took_ns - before.took_ns,
        }
    }
}

#[cfg(test)]
mod tests;
