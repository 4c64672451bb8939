//! Windows of time that chunks do not reach over.

/// Windows of one length, from multiples of it.
#[derive(Debug)]
pub(crate) struct Windows {
    span_ms: i64,
    /// The window asked about last: nearly all questions are about one.
    start_ms: i64,
    end_ms: i64,
}

impl Windows {
    pub(crate) fn new(span_ms: i64) -> Self {
        Self { span_ms, start_ms: 0, end_ms: 0 }
    }

    /// Whether `time_ms`, which is later than `last_ms`, is in another window.
    #[inline]
    pub(crate) fn change(&mut self, last_ms: i64, time_ms: i64) -> bool {
        if last_ms >= self.start_ms && time_ms < self.end_ms {
            return false;
        }
        self.start_ms = time_ms.div_euclid(self.span_ms).saturating_mul(self.span_ms);
        self.end_ms = self.start_ms.saturating_add(self.span_ms);
        last_ms < self.start_ms
    }

    /// Whether both are in the same window.
    pub(crate) fn same(&self, one_ms: i64, other_ms: i64) -> bool {
        one_ms.div_euclid(self.span_ms) == other_ms.div_euclid(self.span_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_before_changes_no_answer() {
        let times: Vec<i64> =
            (-25..25).chain([i64::MIN, i64::MIN + 1, i64::MAX - 11, i64::MAX - 1, i64::MAX]).collect();
        let mut windows = Windows::new(10);
        for &last_ms in &times {
            for &time_ms in times.iter().filter(|t| **t > last_ms) {
                assert_eq!(
                    windows.change(last_ms, time_ms),
                    !windows.same(last_ms, time_ms),
                    "{last_ms} {time_ms}"
                );
            }
        }
    }
}
