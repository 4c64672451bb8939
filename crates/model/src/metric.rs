//! What a reader of logs or traffic may say, declared before it says it.

use crate::Kind;

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Snake case, unit last, `_total` on counters.
    pub name: &'static str,
    /// Gauge or counter.
    pub kind: Kind,
    /// `bytes`, `seconds` …; empty for plain counts.
    pub unit: &'static str,
    /// Labels beside those that all metrics of its maker have, in the order their values are given.
    pub labels: &'static [&'static str],
    /// One sentence for people.
    pub help: &'static str,
}

impl Metric {
    /// Only grows.
    pub const fn counter(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { name, kind: Kind::Counter, unit, labels, help }
    }

    /// Goes up and down.
    pub const fn gauge(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { name, kind: Kind::Gauge, unit, labels, help }
    }
}
