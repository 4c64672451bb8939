//! What a service may say, declared before it says it.

use model::Kind;

/// One metric of one service. The reference page, the descriptions that travel with the samples, and the labels of its
/// series all come from here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Snake case, unit last, `_total` on counters.
    pub name: &'static str,
    /// Gauge or counter.
    pub kind: Kind,
    /// `bytes`, `seconds`, `ratio` …; empty for plain counts.
    pub unit: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// Label names beside the host and the instance, in the order their values are given.
    pub labels: &'static [&'static str],
    /// The service's word for the number, by which a table-driven service looks it up; empty when it is computed.
    pub source: &'static str,
    /// Our unit for one of the service's.
    pub scale: f64,
    /// Whether it costs the service something to tell: it is asked for at a slow pace and repeated in between.
    pub is_slow: bool,
}

impl Metric {
    /// A value as it is now.
    pub const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Gauge, unit, help, labels: &[], source: "", scale: 1.0, is_slow: false }
    }

    /// A sum that only grows; the name ends in `_total`.
    pub const fn counter(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Counter, ..Self::gauge(name, unit, help) }
    }

    /// The same with these labels.
    pub const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// The same with the service's word for it.
    pub const fn from(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// The same for a service that counts in another unit: `scale` is one of its units in ours.
    pub const fn times(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// The same, asked for at a slow pace.
    pub const fn slow(self) -> Self {
        Self { is_slow: true, ..self }
    }
}
