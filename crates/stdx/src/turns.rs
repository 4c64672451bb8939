//! What is due when. Pure: the wall clock is an argument, and it may jump.
//!
//! The turns of a task are at the whole multiples of its interval plus an offset of its own that follows from its name, so
//! that many tasks with one interval are spread over it and each keeps its place over restarts. [`crate::pool`] has the
//! threads that take them.

use crate::random::Random;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// A jump of the clock back by more than this is followed, in milliseconds.
const JUMP_MS: i64 = 10_000;

/// Names a task for as long as there is one.
pub type Id = u64;

/// The turns of all tasks.
#[derive(Debug, Default)]
pub struct Turns {
    due: BinaryHeap<Reverse<(i64, Id)>>,
    tasks: HashMap<Id, Task>,
    last_now_ms: i64,
}

#[derive(Debug, Clone, Copy)]
struct Task {
    interval_ms: i64,
    offset_ms: i64,
    /// The turn it waits for; the heap may have others that no longer count.
    next_ms: i64,
    is_running: bool,
}

/// What to do at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A task's turn, which is taken.
    Run {
        /// Whose.
        id: Id,
        /// The turn, in Unix milliseconds.
        turn_ms: i64,
        /// Turns that passed unused before it.
        skipped: u64,
    },
    /// Nobody's turn for so long, in milliseconds.
    Wait(u64),
    /// Nobody's turn before something that runs has ended.
    Idle,
}

impl Turns {
    /// Adds a task whose first turn comes within an interval (at least 1 ms).
    pub fn add(&mut self, id: Id, name: &str, interval_ms: u64, now_ms: i64) {
        let interval_ms = i64::try_from(interval_ms.max(1)).unwrap_or(i64::MAX);
        let offset_ms = (hash(name) % interval_ms.unsigned_abs()) as i64;
        let mut task = Task { interval_ms, offset_ms, next_ms: 0, is_running: false };
        task.next_ms = task.after(now_ms - 1);
        self.due.push(Reverse((task.next_ms, id)));
        self.tasks.insert(id, task);
    }

    /// Adds a task whose first turn is now.
    pub fn add_now(&mut self, id: Id, interval_ms: u64, now_ms: i64) {
        let interval_ms = i64::try_from(interval_ms.max(1)).unwrap_or(i64::MAX);
        let task = Task {
            interval_ms,
            offset_ms: now_ms.rem_euclid(interval_ms),
            next_ms: now_ms,
            is_running: false,
        };
        self.due.push(Reverse((now_ms, id)));
        self.tasks.insert(id, task);
    }

    /// Forgets a task, also one that runs.
    pub fn remove(&mut self, id: Id) {
        self.tasks.remove(&id);
    }

    /// What to do at `now_ms`. Turns that passed are skipped and not made up for.
    pub fn next(&mut self, now_ms: i64) -> Next {
        if now_ms < self.last_now_ms - JUMP_MS {
            self.start_again(now_ms);
        }
        self.last_now_ms = now_ms;
        while let Some(&Reverse((due_ms, id))) = self.due.peek() {
            let Some(task) =
                self.tasks.get_mut(&id).filter(|task| task.next_ms == due_ms && !task.is_running)
            else {
                self.due.pop();
                continue;
            };
            if due_ms > now_ms {
                return Next::Wait((due_ms - now_ms).unsigned_abs());
            }
            self.due.pop();
            let late = (now_ms - due_ms) / task.interval_ms;
            let turn_ms = due_ms + late * task.interval_ms;
            task.next_ms = turn_ms + task.interval_ms;
            task.is_running = true;
            return Next::Run { id, turn_ms, skipped: late.unsigned_abs() };
        }
        Next::Idle
    }

    /// The task has ended its turn.
    pub fn done(&mut self, id: Id) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.is_running = false;
            self.due.push(Reverse((task.next_ms, id)));
        }
    }

    fn start_again(&mut self, now_ms: i64) {
        self.due.clear();
        for (id, task) in &mut self.tasks {
            task.next_ms = task.after(now_ms);
            self.due.extend((!task.is_running).then_some(Reverse((task.next_ms, *id))));
        }
    }
}

impl Task {
    /// The first turn after an instant.
    fn after(&self, ms: i64) -> i64 {
        (ms - self.offset_ms).div_euclid(self.interval_ms) * self.interval_ms
            + self.interval_ms
            + self.offset_ms
    }
}

/// The same number for the same name on every machine (FNV-1a, then SplitMix64's mixing, so that names that differ at
/// their ends only are far apart).
fn hash(name: &str) -> u64 {
    let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    Random::from_seed(mixed).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(interval_ms: u64, now_ms: i64) -> Turns {
        let mut turns = Turns::default();
        turns.add(0, "a", interval_ms, now_ms);
        turns
    }

    #[test]
    fn turns_are_on_multiples_plus_an_offset_that_stays() {
        let offset = (hash("a") % 60_000) as i64;
        for start in [0, 1, offset - 1, offset, offset + 1, 1_700_000_000_123] {
            let mut turns = one(60_000, start);
            let Next::Wait(wait) = turns.next(start - 1) else { panic!("too early") };
            assert!((1..=60_000).contains(&wait));
            let now = start - 1 + wait as i64;
            assert_eq!((now - offset).rem_euclid(60_000), 0);
            assert_eq!(turns.next(now), Next::Run { id: 0, turn_ms: now, skipped: 0 });
            assert_eq!(turns.next(now + 600_000), Next::Idle, "it still runs");
            turns.done(0);
            assert_eq!(
                turns.next(now + 600_000 - JUMP_MS),
                Next::Run { id: 0, turn_ms: now + 540_000, skipped: 8 }
            );
        }
    }

    #[test]
    fn a_step_of_the_clock_back_is_waited_for() {
        let mut turns = one(1000, 1_000_000);
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
    fn turns_are_spread_kept_and_not_made_up_for() {
        let mut turns = Turns::default();
        (0..500).for_each(|id| turns.add(id, &format!("http://host{id}/"), 60_000, 1_000_000));
        let (mut now, mut seen, mut by_second) = (1_000_000, 0, [0; 61]);
        while seen < 500 {
            match turns.next(now) {
                Next::Run { turn_ms, .. } => {
                    seen += 1;
                    by_second[((turn_ms - 1_000_000) / 1000) as usize] += 1;
                }
                Next::Wait(ms) => now += ms as i64,
                Next::Idle => panic!("some are left"),
            }
        }
        assert!(now <= 1_060_000 && by_second.iter().all(|n| *n < 25), "{by_second:?}");
        assert_eq!(turns.next(now + 120_000), Next::Idle, "all run");
        turns.done(7);
        assert!(matches!(turns.next(now + 180_000), Next::Run { id: 7, skipped: 1 | 2, .. }));
    }

    #[test]
    fn a_clock_that_jumps_back_is_followed_and_what_is_removed_is_gone() {
        let mut turns = Turns::default();
        turns.add(1, "a", 1000, 5_000_000);
        turns.add(2, "b", 1000, 5_000_000);
        assert!(matches!(turns.next(5_001_000), Next::Run { .. }));
        turns.remove(1);
        turns.remove(2);
        turns.done(1);
        assert_eq!(turns.next(5_002_000), Next::Idle);
        turns.add(3, "c", 1000, 5_002_000);
        assert!(matches!(turns.next(1_000_000), Next::Wait(1..=1000)), "it does not wait for the old time");
    }
}
