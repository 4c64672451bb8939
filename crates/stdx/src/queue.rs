//! A bounded first-in first-out queue between threads: full means "not now", and the sender decides what to do.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Why an item was not taken. The item comes back.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused<T> {
    /// The queue holds as many items as it may.
    Full(T),
    /// The queue was closed.
    Closed(T),
}

/// What waiting for an item ended in.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// The oldest item.
    Item(T),
    /// Nothing came in time.
    TimedOut,
    /// The queue is closed and empty.
    Closed,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

/// A bounded queue; share it by `Arc`.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

impl<T> Queue<T> {
    /// A queue of at most `capacity` items (at least one).
    pub fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity: capacity.max(1) }
    }

    /// Puts `item` at the end, or hands it back.
    pub fn try_push(&self, item: T) -> Result<(), Refused<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(item));
        }
        if state.items.len() >= self.capacity {
            return Err(Refused::Full(item));
        }
        state.items.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits up to `wait` for the oldest item.
    pub fn pop(&self, wait: Duration) -> Taken<T> {
        let deadline = Instant::now() + wait;
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                self.changed.notify_all();
                return Taken::Item(item);
            }
            if state.closed {
                return Taken::Closed;
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|d| !d.is_zero()) else {
                return Taken::TimedOut;
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Refuses new items from now on; those inside can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Items inside.
    pub fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Items it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    // A holder of this lock cannot leave the queue half changed, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_closed_hand_the_item_back() {
        let queue = Queue::new(1);
        assert_eq!(queue.try_push(1), Ok(()));
        assert_eq!(queue.try_push(2), Err(Refused::Full(2)));
        queue.close();
        assert_eq!(queue.try_push(3), Err(Refused::Closed(3)));
        assert_eq!(queue.pop(Duration::ZERO), Taken::Item(1));
        assert_eq!(queue.pop(Duration::from_secs(60)), Taken::Closed);
    }

    #[test]
    fn an_empty_queue_times_out() {
        assert_eq!(Queue::<u8>::new(1).pop(Duration::from_millis(1)), Taken::TimedOut);
    }
}
