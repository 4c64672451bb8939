//! What of a block was deleted and is still in its files. Masks only grow; the block is written anew without it by and
//! by, and they go with it.

use crate::index::Set;
use model::TimeRange;
use std::sync::{Arc, PoisonError, RwLock};

/// Ranges of one series that were deleted.
pub(crate) type Hidden = Arc<[TimeRange]>;

/// One deletion in one block.
#[derive(Debug)]
pub(super) struct Mask {
    pub(super) range: TimeRange,
    pub(super) series: Set,
}

/// All deletions in one block.
#[derive(Debug, Default)]
pub(super) struct Masks(RwLock<Vec<Mask>>);

impl Masks {
    /// Adds a deletion, unless there is nothing to delete.
    pub(super) fn add(&self, mask: Mask) {
        if !mask.series.is_empty() {
            self.0.write().unwrap_or_else(PoisonError::into_inner).push(mask);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// What of a series was deleted; `None` for nothing.
    pub(super) fn of(&self, ordinal: u32) -> Option<Hidden> {
        let masks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let ranges = masks.iter().filter(|mask| mask.series.contains(ordinal)).map(|mask| mask.range);
        let ranges: Vec<TimeRange> = ranges.collect();
        (!ranges.is_empty()).then(|| ranges.into())
    }
}

/// Takes deleted samples away; gives the times that are left.
pub(crate) fn take_away(hidden: &[TimeRange], times_ms: &[i64], values: &mut Vec<f64>) -> Arc<Vec<i64>> {
    let is_left = |time_ms: &i64| !hidden.iter().any(|range| range.contains(*time_ms));
    let mut place = times_ms.iter();
    values.retain(|_| place.next().is_some_and(is_left));
    Arc::new(times_ms.iter().copied().filter(is_left).collect())
}
