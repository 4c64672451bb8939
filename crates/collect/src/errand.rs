//! Work that may block or take long, done in a thread of its own while the ticks go on. There is a thread only while
//! there is work: what runs once a minute holds none.

use rustix::process::setpriority_process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Enough for a conversation or for starting a program; only what is used of it counts.
const STACK_BYTES: usize = 256 << 10;
/// Errands give way to everything else. Programs they start inherit it.
const NICENESS: i32 = 10;

/// A piece of work that is done again and again.
#[derive(Debug)]
pub struct Errand<T> {
    name: &'static str,
    every_ms: i64,
    /// Done within the pass: the files of a recorded machine never block.
    is_at_once: bool,
    last_ms: Option<i64>,
    slot: Arc<Slot<T>>,
}

#[derive(Debug)]
struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Idle,
    Away,
    Back(T),
}

impl<T: Send + 'static> Errand<T> {
    /// Work that is due once in `every_ms`. `name` is the thread's; `is_at_once` has it done without one.
    pub fn new(name: &'static str, every_ms: i64, is_at_once: bool) -> Self {
        let slot = Arc::new(Slot { state: Mutex::new(State::Idle), changed: Condvar::new() });
        Self { name, every_ms, is_at_once, last_ms: None, slot }
    }

    /// Whether it is time to set out and nobody is under way.
    pub fn is_due(&self, now_ms: i64) -> bool {
        let period = |time_ms: i64| time_ms.div_euclid(self.every_ms);
        let is_time = self.last_ms.is_none_or(|last_ms| period(last_ms) != period(now_ms));
        is_time && matches!(*self.slot.lock(), State::Idle)
    }

    /// Sets out. Without a thread nothing is done, and it is due again at the next pass.
    pub fn start(&mut self, now_ms: i64, work: impl FnOnce() -> T + Send + 'static) {
        if self.is_at_once {
            self.last_ms = Some(now_ms);
            *self.slot.lock() = State::Back(work());
            return;
        }
        *self.slot.lock() = State::Away;
        let slot = self.slot.clone();
        let run = move || {
            // The kernel's priorities are those of threads. If it refuses, the work is done all the same.
            let _ = setpriority_process(Some(rustix::thread::gettid()), NICENESS);
            // A panic must not leave it under way for ever.
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            *slot.lock() = done.map_or(State::Idle, State::Back);
            slot.changed.notify_all();
        };
        let builder = std::thread::Builder::new().name(self.name.to_owned()).stack_size(STACK_BYTES);
        match builder.spawn(run) {
            Ok(_) => self.last_ms = Some(now_ms),
            Err(_) => *self.slot.lock() = State::Idle,
        }
    }

    /// What it brought back, once.
    pub fn take(&mut self) -> Option<T> {
        self.take_within(Duration::ZERO)
    }

    /// As [`Errand::take`], waiting for it so long at most.
    pub fn take_within(&mut self, within: Duration) -> Option<T> {
        let deadline = Instant::now() + within;
        let mut state = self.slot.lock();
        loop {
            match std::mem::replace(&mut *state, State::Idle) {
                State::Back(what) => return Some(what),
                State::Idle => return None,
                State::Away => *state = State::Away,
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.slot.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How long it has been under way, in milliseconds.
    pub fn away_ms(&self, now_ms: i64) -> Option<i64> {
        let is_away = matches!(*self.slot.lock(), State::Away);
        self.last_ms.filter(|_| is_away).map(|last_ms| (now_ms - last_ms).max(0))
    }
}

impl<T> Slot<T> {
    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn one_is_under_way_at_a_time_and_comes_back_once() {
        let mut errand = Errand::new("test", 10_000, false);
        let (release, wait) = mpsc::channel::<u32>();
        assert!(errand.is_due(1000));
        errand.start(1000, move || wait.recv().unwrap());
        assert!(!errand.is_due(1000) && !errand.is_due(99_000));
        assert_eq!((errand.take(), errand.away_ms(5000)), (None, Some(4000)));
        release.send(7).unwrap();
        assert_eq!(errand.take_within(Duration::from_secs(60)), Some(7));
        assert_eq!((errand.take(), errand.away_ms(5000)), (None, None));
        assert!(!errand.is_due(9000) && errand.is_due(10_000));
    }

    #[test]
    fn a_panic_does_not_end_it_for_good() {
        let mut errand = Errand::<u32>::new("test", 10_000, false);
        errand.start(1000, || panic!("a defect, on purpose"));
        assert_eq!(errand.take_within(Duration::from_secs(60)), None);
        assert!(errand.is_due(10_000));
        errand.start(10_000, || 1);
        assert_eq!(errand.take_within(Duration::from_secs(60)), Some(1));
    }

    #[test]
    fn recorded_machines_are_asked_at_once() {
        let mut errand = Errand::new("test", 10_000, true);
        errand.start(0, || 3);
        assert_eq!(errand.take(), Some(3));
    }
}
