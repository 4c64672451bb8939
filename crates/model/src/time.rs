//! Ranges of time. All times are Unix milliseconds.

/// From `start_ms` up to but not including `end_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First instant inside.
    pub start_ms: i64,
    /// First instant after.
    pub end_ms: i64,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self { start_ms: i64::MIN, end_ms: i64::MAX };

    /// From `start_ms` up to but not including `end_ms`.
    pub fn new(start_ms: i64, end_ms: i64) -> Self {
        Self { start_ms, end_ms }
    }

    /// Whether an instant is inside.
    #[inline]
    pub fn contains(&self, time_ms: i64) -> bool {
        self.start_ms <= time_ms && time_ms < self.end_ms
    }

    /// Whether any instant is inside both.
    pub fn overlaps(&self, other: Self) -> bool {
        self.start_ms < other.end_ms && other.start_ms < self.end_ms
    }

    /// The instants inside both; empty when they do not meet.
    pub fn intersect(&self, other: Self) -> Self {
        let start_ms = self.start_ms.max(other.start_ms);
        Self { start_ms, end_ms: self.end_ms.min(other.end_ms).max(start_ms) }
    }

    /// The shortest range that holds both, neither of which is empty.
    pub fn hull(&self, other: Self) -> Self {
        Self { start_ms: self.start_ms.min(other.start_ms), end_ms: self.end_ms.max(other.end_ms) }
    }

    /// Length in milliseconds, 0 when empty.
    pub fn len_ms(&self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms).max(0)
    }

    /// Whether no instant is inside.
    pub fn is_empty(&self) -> bool {
        self.end_ms <= self.start_ms
    }
}
