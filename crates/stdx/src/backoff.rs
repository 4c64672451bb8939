//! Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015): after the n-th failure wait
//! a random time in `[0, min(cap, base·2ⁿ)]`, so that a thousand agents do not return in the same second.

use crate::random::Random;
use std::time::Duration;

/// Counts failures and says how long to wait.
#[derive(Debug, Clone)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
    random: Random,
}

impl Backoff {
    /// A backoff whose waits grow from `base` to at most `cap`.
    pub fn new(base: Duration, cap: Duration, random: Random) -> Self {
        Self { base, cap, failures: 0, random }
    }

    /// Notes a failure and returns how long to wait before the next try, never less than a tenth of `base`.
    pub fn fail(&mut self) -> Duration {
        let ceiling = self.base.saturating_mul(1u32 << self.failures.min(20)).min(self.cap);
        self.failures = self.failures.saturating_add(1);
        let jittered = ceiling.mul_f64(self.random.unit());
        jittered.max(self.base / 10)
    }

    /// Forgets past failures.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_between_floor_and_cap() {
        let (base, cap) = (Duration::from_millis(100), Duration::from_secs(5));
        let mut backoff = Backoff::new(base, cap, Random::from_seed(1));
        for _ in 0..100 {
            let wait = backoff.fail();
            assert!(wait >= base / 10 && wait <= cap, "{wait:?}");
        }
        backoff.succeed();
        assert!(backoff.fail() <= base);
    }
}
