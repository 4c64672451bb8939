//! A series: identity, kind, and what is known about its metric.

use crate::Labels;
use std::borrow::Cow;

/// A store's number for a series: dense, never reused while the store lives, meaningless elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub u64);

/// What the numbers of a series mean (rrdtool's data-source kinds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Kind {
    /// Nobody said.
    #[default]
    Unknown = 0,
    /// A value as it is now.
    Gauge = 1,
    /// A sum that grows until it is reset or wraps.
    Counter = 2,
    /// A sum that may also shrink; its rate of change is the point.
    Derive = 3,
    /// A count since the last reading.
    Absolute = 4,
}

impl Kind {
    /// Every kind, in order of its number.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Gauge, Self::Counter, Self::Derive, Self::Absolute];

    /// The kind with this number.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// How much a value grew between two neighbouring samples. A counter that is less than before was reset to 0 in
    /// between; what nobody said the kind of is taken for a counter.
    pub fn growth(self, before: f64, now: f64) -> f64 {
        match self {
            Self::Absolute => now,
            Self::Derive => now - before,
            _ if now < before => now,
            _ => now - before,
        }
    }

    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        ["unknown", "gauge", "counter", "derive", "absolute"][self as usize]
    }

    /// The kind of this name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str().eq_ignore_ascii_case(text))
    }
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Unix milliseconds.
    pub time_ms: i64,
    /// The value as it came.
    pub value: f64,
}

/// A series as a store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The store's number for it.
    pub id: SeriesId,
    /// Its identity.
    pub labels: Labels,
    /// What its numbers mean.
    pub kind: Kind,
}

/// What is known about all series of one metric name. The texts of metrics that the program has itself are not copied: it
/// knows hundreds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Metric name.
    pub metric: Cow<'static, str>,
    /// What its numbers mean.
    pub kind: Kind,
    /// Unit in the field's terms (`bytes`, `seconds`, `ratio`, `celsius` …); empty when unknown.
    pub unit: Cow<'static, str>,
    /// One sentence for people; empty when unknown.
    pub help: Cow<'static, str>,
}

impl Description {
    /// Of a metric that the program knows.
    pub const fn of(metric: &'static str, kind: Kind, unit: &'static str, help: &'static str) -> Self {
        let (metric, unit, help) = (Cow::Borrowed(metric), Cow::Borrowed(unit), Cow::Borrowed(help));
        Self { metric, kind, unit, help }
    }
}
