//! Jumps of the clock. Pure.

/// Less than this is the time between reading two clocks.
const STEP_NANOSECONDS_MIN: i64 = 5_000_000;

/// How often and how far the clock was set in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Step {
    pub(super) count: u64,
    pub(super) seconds: f64,
}

/// Jumps so far.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// What the clock was ahead of one that is never set.
    ahead: Option<i64>,
    pub(super) forward: Step,
    pub(super) backward: Step,
}

impl Steps {
    /// Takes the time of the clock and of one that is never set, in nanoseconds, read one after the other.
    pub(super) fn see(&mut self, clock: i64, steady: i64) {
        let ahead = clock.saturating_sub(steady);
        let moved = self.ahead.map_or(0, |before| ahead.saturating_sub(before));
        if self.ahead.is_some() && moved.saturating_abs() < STEP_NANOSECONDS_MIN {
            return;
        }
        // Small differences are not followed, so that many small steps are seen too.
        self.ahead = Some(ahead);
        let step = if moved > 0 { &mut self.forward } else { &mut self.backward };
        if moved != 0 {
            step.count += 1;
            step.seconds += moved.unsigned_abs() as f64 / 1e9;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_by_direction_and_noise_is_not() {
        let mut steps = Steps::default();
        let second = 1_000_000_000;
        for (clock, steady) in [
            (1000 * second, 5 * second),
            (1001 * second + 900, 6 * second),
            (1002 * second - 2_000_000, 7 * second),
            (1004 * second, 8 * second),
            (1005 * second, 9 * second),
            (1005 * second + second / 2, 10 * second),
            (1006 * second + second / 2, 11 * second),
        ] {
            steps.see(clock, steady);
        }
        assert_eq!(steps.forward, Step { count: 1, seconds: 1.0 });
        assert_eq!(steps.backward, Step { count: 1, seconds: 0.5 });
    }

    #[test]
    fn a_reader_held_up_between_two_clocks_is_no_drift() {
        let mut steps = Steps::default();
        for second in 0..1000 {
            let late = if second % 7 == 0 { 3_000_000 } else { 0 };
            steps.see(second * 1_000_000_000, second * 1_000_000_000 + late);
        }
        assert_eq!((steps.forward.count, steps.backward.count), (0, 0));
    }
}
