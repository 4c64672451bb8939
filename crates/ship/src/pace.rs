//! How fast a backlog goes: each body is paid for with time.

use std::time::Duration;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Pace {
    /// 0 for no limit.
    bytes_per_second: u64,
    /// When what was sent is paid for, and when that was decided.
    free_ms: i64,
    spent_ms: i64,
}

impl Pace {
    /// At most so many bytes a second; 0 for as fast as it goes.
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second, free_ms: i64::MIN, spent_ms: i64::MIN }
    }

    /// How long the next body has to wait. A clock that was set back owes nothing.
    pub(crate) fn pause(&self, now_ms: i64) -> Duration {
        let is_early = now_ms >= self.spent_ms && now_ms < self.free_ms;
        let pause_ms = if is_early { self.free_ms.saturating_sub(now_ms) } else { 0 };
        Duration::from_millis(pause_ms as u64)
    }

    /// Notes a body that is sent.
    pub(crate) fn spend(&mut self, bytes: usize, now_ms: i64) {
        if let Some(cost_ms) = (bytes as u64 * 1000).checked_div(self.bytes_per_second) {
            self.free_ms = now_ms.saturating_add(cost_ms as i64);
            self.spent_ms = now_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_paid_for_and_a_clock_that_is_set_back_owes_nothing() {
        let mut pace = Pace::new(1000);
        assert_eq!(pace.pause(5), Duration::ZERO);
        pace.spend(500, 10_000);
        assert_eq!(pace.pause(10_000), Duration::from_millis(500));
        assert_eq!(pace.pause(10_400), Duration::from_millis(100));
        assert_eq!([pace.pause(10_500), pace.pause(9_999)], [Duration::ZERO; 2]);
        let mut unlimited = Pace::new(0);
        unlimited.spend(1 << 30, 10_000);
        assert_eq!(unlimited.pause(10_000), Duration::ZERO);
    }
}
