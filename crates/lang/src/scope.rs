//! What a request says of time before any of its texts is understood.

/// How long a sample counts as now unless a request says otherwise, in milliseconds.
pub const LOOKBACK_MS_DEFAULT: i64 = 300_000;

/// Distance of a subquery's instants where neither it nor the request names one, in milliseconds.
pub const SUBQUERY_STEP_MS_DEFAULT: i64 = 60_000;

/// The instants a text is understood for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// First instant.
    pub start_ms: i64,
    /// Last instant.
    pub end_ms: i64,
    /// Distance of the instants; 0 for a request of one instant.
    pub step_ms: i64,
    /// How old a sample may be to count as now.
    pub lookback_ms: i64,
    /// Distance of a subquery's instants where it names none.
    pub subquery_step_ms: i64,
}

impl Scope {
    /// One instant, with the defaults of Prometheus.
    pub fn instant(at_ms: i64) -> Self {
        Self::range(at_ms, at_ms, 0)
    }

    /// The same instants as much earlier or later as an offset says.
    #[must_use]
    pub fn moved(&self, offset: crate::plan::Offset) -> Self {
        let zone = model::Zone::utc();
        let range_ms = self.end_ms - self.start_ms + self.step_ms;
        let start_ms = offset.apply(self.start_ms, range_ms, &zone);
        Self { start_ms, end_ms: self.end_ms + (start_ms - self.start_ms), ..*self }
    }

    /// The instants `start + k·step` up to `end`, with the defaults of Prometheus.
    pub fn range(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        Self {
            start_ms,
            end_ms,
            step_ms,
            lookback_ms: LOOKBACK_MS_DEFAULT,
            subquery_step_ms: SUBQUERY_STEP_MS_DEFAULT,
        }
    }
}
