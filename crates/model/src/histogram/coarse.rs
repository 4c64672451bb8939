//! Fewer, wider buckets.

use super::{Buckets, Histogram};

impl Histogram {
    /// With an exponential schema that is not finer than its own.
    pub(super) fn coarsen(&mut self, schema: i8) {
        debug_assert!(!self.is_custom() && schema <= self.schema, "only coarser exponential schemas");
        let by = self.schema.abs_diff(schema);
        if by > 0 {
            self.schema = schema;
            self.positive = coarser(&self.positive, by);
            self.negative = coarser(&self.negative, by);
        }
    }
}

/// `2^by` buckets become one.
fn coarser(buckets: &Buckets, by: u8) -> Buckets {
    buckets.iter().map(|(number, count)| ((number.saturating_sub(1) >> by) + 1, count)).collect()
}
