//! Monitors that say nothing but `ping`, known by their addresses.

use std::net::IpAddr;

/// Most addresses that are remembered; beyond, the one that was silent longest is forgotten.
const ADDRESSES_MAX: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Heard {
    address: IpAddr,
    last_ms: i64,
    /// When the ping before came.
    before_ms: Option<i64>,
}

/// Which foreign monitors ping, and whether probes that answer them are heard here.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    heard: Vec<Heard>,
    answered_ms: Option<i64>,
}

impl Foreign {
    /// A ping came from there.
    pub(super) fn ping(&mut self, now_ms: i64, address: IpAddr) {
        if let Some(known) = self.heard.iter_mut().find(|heard| heard.address == address) {
            known.before_ms = Some(known.last_ms);
            known.last_ms = now_ms;
            return;
        }
        if self.heard.len() == ADDRESSES_MAX {
            let oldest = self.heard.iter().enumerate().min_by_key(|(_, heard)| heard.last_ms);
            let at = oldest.map_or(0, |(at, _)| at);
            self.heard.swap_remove(at);
        }
        self.heard.push(Heard { address, last_ms: now_ms, before_ms: None });
    }

    /// A probe answered somebody else, and it was heard here.
    pub(super) fn answer(&mut self, now_ms: i64) {
        self.answered_ms = Some(now_ms);
    }

    /// Whether one was heard within the last `silence_ms`.
    pub(super) fn is_heard(&self, now_ms: i64, silence_ms: i64) -> bool {
        self.heard.iter().any(|heard| now_ms - heard.last_ms <= silence_ms)
    }

    /// Whether one of them does what a monitor here would do: pings in time, and is answered for all to hear.
    pub(super) fn is_clock(&self, now_ms: i64, silence_ms: i64) -> bool {
        let is_recent = |at: i64| now_ms - at <= silence_ms;
        let is_steady = |heard: &Heard| {
            is_recent(heard.last_ms) && heard.before_ms.is_some_and(|at| heard.last_ms - at <= silence_ms)
        };
        self.answered_ms.is_some_and(is_recent) && self.heard.iter().any(is_steady)
    }
}
