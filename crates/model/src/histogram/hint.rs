//! What is known about the sample before a histogram.

/// Whether counts started anew before a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum CounterReset {
    /// Nobody looked.
    #[default]
    Unknown = 0,
    /// They did.
    Reset = 1,
    /// They did not.
    NotReset = 2,
    /// They may shrink at any time: the histogram is no counter.
    Gauge = 3,
}

impl CounterReset {
    /// Every hint, in order of its number (which is that of remote write).
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Reset, Self::NotReset, Self::Gauge];

    /// The hint with this number.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The word for it in Prometheus' text.
    pub fn as_str(self) -> &'static str {
        ["unknown", "reset", "not_reset", "gauge"][self as usize]
    }

    /// The hint of this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hint| hint.as_str() == text)
    }

    /// What is known about a sum, and whether the parts contradict each other: one was reset, the other was not.
    pub fn joined(self, other: Self) -> (Self, bool) {
        match (self, other) {
            (Self::Gauge, _) | (_, Self::Gauge) => (Self::Gauge, false),
            (a, b) if a == b => (a, false),
            (Self::Unknown, _) | (_, Self::Unknown) => (Self::Unknown, false),
            _ => (Self::Unknown, true),
        }
    }
}
