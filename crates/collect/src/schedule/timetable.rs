//! When to tick: on whole multiples of the interval by the wall clock, whatever the clock does. Pure.

use crate::telemetry;

/// What to do at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing yet; ask again after so long, at the latest.
    Wait {
        /// Milliseconds, never more than the interval.
        wait_ms: u64,
    },
    /// Tick now.
    Tick {
        /// The multiple of the interval this tick stands for.
        tick_ms: i64,
        /// Multiples that passed without a tick.
        skipped: u64,
    },
}

/// Remembers which tick comes next.
#[derive(Debug, Clone)]
pub struct Timetable {
    interval_ms: i64,
    next_ms: i64,
}

impl Timetable {
    /// A timetable (interval at least 1 ms) whose first tick is the first multiple not before `now_ms`.
    pub fn new(interval_ms: u64, now_ms: i64) -> Self {
        let interval_ms = i64::try_from(interval_ms.max(1)).unwrap_or(i64::MAX);
        Self { interval_ms, next_ms: (now_ms - 1).div_euclid(interval_ms) * interval_ms + interval_ms }
    }

    /// What to do at `now_ms`. After a jump forward the ticks between are skipped, not made up for: their moment
    /// cannot be measured any more. After a jump back by more than an interval ticks go on in the new time; after a
    /// smaller step the clock is waited for, so that no tick is said twice.
    pub fn at(&mut self, now_ms: i64) -> Moment {
        if self.next_ms - now_ms > 2 * self.interval_ms {
            telemetry::CLOCK_BACKWARD.add(1);
            *self = Self::new(self.interval_ms as u64, now_ms);
        }
        if now_ms < self.next_ms {
            return Moment::Wait { wait_ms: (self.next_ms - now_ms).min(self.interval_ms) as u64 };
        }
        let late = (now_ms - self.next_ms) / self.interval_ms;
        let tick_ms = self.next_ms + late * self.interval_ms;
        self.next_ms = tick_ms + self.interval_ms;
        Moment::Tick { tick_ms, skipped: late as u64 }
    }
}

#[cfg(test)]
mod tests;
