//! What is to happen, in the order of time; of the same instant, in the order in which it was said.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Events to come.
#[derive(Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    count: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at_us: i64,
    order: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_us, self.order).cmp(&(other.at_us, other.order))
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), count: 0 }
    }
}

impl<E> Queue<E> {
    /// Something is to happen then (microseconds of true time).
    pub fn push(&mut self, at_us: i64, event: E) {
        self.count += 1;
        self.heap.push(Reverse(Entry { at_us, order: self.count, event }));
    }

    /// What happens next, if that is before `until_us`.
    pub fn pop_before(&mut self, until_us: i64) -> Option<(i64, E)> {
        if self.heap.peek().is_none_or(|Reverse(next)| next.at_us >= until_us) {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| (entry.at_us, entry.event))
    }
}
