//! What a collector may say, declared before it says it.

use model::Kind;

/// One metric of one collector. The reference page, the descriptions that travel with the samples, and the labels of
/// its series all come from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Snake case, unit last, `_total` on counters.
    pub name: &'static str,
    /// Gauge or counter.
    pub kind: Kind,
    /// `bytes`, `seconds`, `celsius` …; empty for plain counts.
    pub unit: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// Label names beside the host and the caller's own, in the order their values are given.
    pub labels: &'static [&'static str],
    /// The kernel's word for the number, and the key a table-driven collector looks for; empty when it is computed.
    pub source: &'static str,
}

impl Metric {
    /// A value as it is now.
    pub const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Gauge, unit, help, labels: &[], source: "" }
    }

    /// A sum that only grows; the name ends in `_total`.
    pub const fn counter(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Counter, ..Self::gauge(name, unit, help) }
    }

    /// The same with these labels.
    pub const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// The same with the kernel's word for it.
    pub const fn from(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}
