//! Listed bounds that differ: only those that both have are left.

use super::{Buckets, Histogram};
use std::sync::Arc;

/// Bounds that are in both lists.
pub(super) fn common_bounds(a: &[f64], b: &[f64]) -> Arc<[f64]> {
    a.iter().copied().filter(|bound| b.binary_search_by(|other| other.total_cmp(bound)).is_ok()).collect()
}

impl Histogram {
    /// With listed bounds that are all among its own.
    pub(super) fn rebound(&mut self, bounds: &Arc<[f64]>) {
        let place = |number: i32| {
            let own = usize::try_from(number).ok().and_then(|at| self.bounds.get(at));
            own.map_or(bounds.len(), |own| bounds.partition_point(|bound| bound < own)) as i32
        };
        let moved: Buckets = self.positive.iter().map(|(number, count)| (place(number), count)).collect();
        self.positive = moved;
        self.bounds = Arc::clone(bounds);
    }
}
