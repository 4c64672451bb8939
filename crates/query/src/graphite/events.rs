//! Events as a series: how many there were when.

/// Gives the times of events.
pub trait Events: Sync {
    /// Times in Unix milliseconds of the events from `start_ms` up to but not including `end_ms` that have all `tags`; of
    /// all events when there is no tag.
    fn times_ms(&self, tags: &[String], start_ms: i64, end_ms: i64) -> Vec<i64>;
}

/// There are none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl Events for NoEvents {
    fn times_ms(&self, _: &[String], _: i64, _: i64) -> Vec<i64> {
        Vec::new()
    }
}
