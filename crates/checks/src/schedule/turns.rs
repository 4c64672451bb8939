//! Whose turn it is when. Pure: the wall clock is an argument, and it may jump.
//!
//! A check's turns are at the whole multiples of its interval plus an offset of its own, which follows from its name, so that
//! many checks with one interval are spread over it and each keeps its place over restarts.

/// What to do at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is the turn of a check, which is taken for running now.
    Run {
        /// Which.
        at: usize,
        /// The turn, in Unix milliseconds.
        turn_ms: i64,
        /// Turns that passed unused before it.
        skipped: u64,
    },
    /// Nobody's turn for so long, in milliseconds.
    Wait(u64),
    /// Nobody's turn before one that runs has ended.
    Idle,
}

/// The turns of all checks.
#[derive(Debug)]
pub struct Turns(Vec<Turn>);

#[derive(Debug)]
struct Turn {
    interval_ms: i64,
    offset_ms: i64,
    next_ms: i64,
    is_running: bool,
}

impl Turns {
    /// Turns of checks with these names and intervals (at least 1 ms); the first of each comes within an interval.
    pub fn new<'a>(checks: impl IntoIterator<Item = (&'a str, u64)>, now_ms: i64) -> Self {
        let turn = |(name, interval_ms): (&str, u64)| {
            let interval_ms = i64::try_from(interval_ms.max(1)).unwrap_or(i64::MAX);
            let offset_ms = (hash(name) % interval_ms.unsigned_abs()) as i64;
            let mut turn = Turn { interval_ms, offset_ms, next_ms: 0, is_running: false };
            turn.next_ms = turn.at_or_after(now_ms);
            turn
        };
        Self(checks.into_iter().map(turn).collect())
    }

    /// What to do at `now_ms`. Turns that passed are skipped and not made up for; after a jump of the clock back by more
    /// than an interval turns go on in the new time, after a smaller one they wait for it.
    pub fn next(&mut self, now_ms: i64) -> Next {
        let free = self.0.iter_mut().enumerate().filter(|(_, turn)| !turn.is_running);
        let first = free.map(|(at, turn)| (turn.due(now_ms), at)).min();
        let Some((next_ms, at)) = first else { return Next::Idle };
        if next_ms > now_ms {
            return Next::Wait((next_ms - now_ms).unsigned_abs());
        }
        let turn = &mut self.0[at];
        let late = (now_ms - next_ms) / turn.interval_ms;
        let turn_ms = next_ms + late * turn.interval_ms;
        turn.next_ms = turn_ms + turn.interval_ms;
        turn.is_running = true;
        Next::Run { at, turn_ms, skipped: late.unsigned_abs() }
    }

    /// The check has ended.
    pub fn done(&mut self, at: usize) {
        self.0[at].is_running = false;
    }
}

impl Turn {
    fn due(&mut self, now_ms: i64) -> i64 {
        if self.next_ms - now_ms > 2 * self.interval_ms {
            self.next_ms = self.at_or_after(now_ms);
        }
        self.next_ms
    }

    fn at_or_after(&self, now_ms: i64) -> i64 {
        (now_ms - self.offset_ms - 1).div_euclid(self.interval_ms) * self.interval_ms
            + self.interval_ms
            + self.offset_ms
    }
}

/// The same number for the same name on every machine (FNV-1a, then SplitMix64's mixing, so that names that differ at their
/// ends only are far apart).
fn hash(name: &str) -> u64 {
    let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    stdx::random::Random::from_seed(mixed).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_on_multiples_plus_an_offset_that_stays() {
        let offset = (hash("a") % 60_000) as i64;
        for start in [0, 1, offset - 1, offset, offset + 1, 1_700_000_000_123] {
            let mut turns = Turns::new([("a", 60_000)], start);
            let Next::Wait(wait) = turns.next(start - 1) else { panic!("too early") };
            assert!((1..=60_000).contains(&wait));
            let now = start - 1 + wait as i64;
            assert_eq!((now - offset).rem_euclid(60_000), 0);
            assert_eq!(turns.next(now), Next::Run { at: 0, turn_ms: now, skipped: 0 });
            assert_eq!(turns.next(now + 600_000), Next::Idle, "it still runs");
            turns.done(0);
            assert_eq!(turns.next(now + 59_999), Next::Wait(1));
            assert_eq!(turns.next(now + 200_000), Next::Run { at: 0, turn_ms: now + 180_000, skipped: 2 });
        }
    }

    #[test]
    fn a_clock_that_jumps_back_is_followed_and_a_step_is_waited_for() {
        let mut turns = Turns::new([("a", 1000)], 1_000_000);
        let Next::Wait(wait) = turns.next(999_999) else { panic!() };
        let first = 999_999 + wait as i64;
        assert!(matches!(turns.next(first), Next::Run { .. }));
        turns.done(0);
        assert_eq!(turns.next(first - 500), Next::Wait(1500), "no turn is had twice");
        let Next::Wait(wait) = turns.next(first - 1_000_001) else { panic!() };
        assert!(wait <= 1000);
        assert_eq!((wait as i64 - 1) % 1000, 0);
    }

    #[test]
    fn many_checks_are_spread_and_served_in_order() {
        let names: Vec<String> = (0..500).map(|n| format!("https://host{n}.example/")).collect();
        let mut turns = Turns::new(names.iter().map(|name| (name.as_str(), 60_000)), 1);
        let (mut now, mut seen) = (1, Vec::new());
        while seen.len() < 500 {
            match turns.next(now) {
                Next::Run { turn_ms, .. } => seen.push(turn_ms),
                Next::Wait(wait) => now += wait as i64,
                Next::Idle => panic!("one is left"),
            }
        }
        assert!(seen.is_sorted());
        let mut by_second = [0; 61];
        seen.iter().for_each(|turn| by_second[(turn / 1000) as usize] += 1);
        assert!(by_second.iter().all(|&n| n < 25), "{by_second:?}");
        assert_eq!(turns.next(now + 600_000), Next::Idle);
    }
}
