//! The newest samples of a series: the last value, the last rate, and how far apart samples usually are.

use model::{Chunk, ReadError, SeriesId, Source, TimeRange};
use std::ops::ControlFlow;

/// The step of series that have too few samples to tell; Open-Falcon's own.
const STEP_S: i64 = 60;
/// So many gaps between samples tell the step.
const GAPS_MIN: usize = 3;
/// How far back from the newest sample to look, one after the other until there are enough.
const LOOK_BACKS_MS: [i64; 3] = [600_000, 7_200_000, 2 * 86_400_000];

/// A value at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// Unix seconds.
    pub(super) time_s: i64,
    pub(super) value: f64,
}

/// Finite samples (Unix milliseconds, value) in order of time, the newest last.
#[derive(Debug, Default)]
pub(super) struct Newest(Vec<(i64, f64)>);

impl Newest {
    pub(super) fn read(source: &dyn Source, id: SeriesId) -> Result<Self, ReadError> {
        let Some(last) = source.last(&[id], TimeRange::ALL)?.into_iter().flatten().next() else {
            return Ok(Self::default());
        };
        let mut samples = Vec::new();
        for look_back_ms in LOOK_BACKS_MS {
            samples.clear();
            let start_ms = last.time_ms.saturating_sub(look_back_ms);
            let range = TimeRange::new(start_ms, last.time_ms.saturating_add(1));
            source.read(&[id], range, &mut |_, Chunk::Samples { times_ms, values }| {
                let pairs = times_ms.iter().copied().zip(values.iter().copied());
                samples.extend(pairs.filter(|(_, value)| value.is_finite()));
                ControlFlow::Continue(())
            })?;
            if samples.len() > GAPS_MIN {
                break;
            }
        }
        Ok(Self(samples))
    }

    /// Usual seconds between samples, at least 1. Open-Falcon is told them by the sender and keeps them with the
    /// series; here they are the (lower) median gap. Less than [`GAPS_MIN`] gaps prove only that the step is no larger.
    pub(super) fn step_s(&self) -> i64 {
        let mut gaps_s: Vec<i64> = self.0.windows(2).map(|w| (w[1].0 - w[0].0 + 500) / 1000).collect();
        gaps_s.sort_unstable();
        let step_s = match gaps_s.len() {
            0 => STEP_S,
            count if count < GAPS_MIN => gaps_s[0].min(STEP_S),
            count => gaps_s[(count - 1) / 2],
        };
        step_s.max(1)
    }

    pub(super) fn last(&self) -> Option<Point> {
        self.0.last().map(|&(time_ms, value)| Point { time_s: time_ms.div_euclid(1000), value })
    }

    /// Growth per second over the last step, 0 after a reset; `None` when a sample is missing.
    pub(super) fn last_rate(&self, step_s: i64) -> Option<Point> {
        let [.., before, after] = self.0[..] else { return None };
        let value = per_second(before, after, step_s)?.max(0.0);
        Some(Point { time_s: after.0.div_euclid(1000), value })
    }
}

/// Growth per second between two samples (Unix milliseconds, value), negative after a reset; `None` unless they are
/// one step apart. Times may be off by less than half a step.
pub(super) fn per_second(before: (i64, f64), after: (i64, f64), step_s: i64) -> Option<f64> {
    let gap_ms = after.0 - before.0;
    (gap_ms * 2 < step_s * 3000).then(|| (after.1 - before.1) / (gap_ms as f64 / 1000.0))
}
