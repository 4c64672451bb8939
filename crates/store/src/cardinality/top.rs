//! The largest of many, in bounded memory.

use hashbrown::HashMap;
use model::keeper::Count;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keeps the largest; of equal ones, the first by name.
pub(super) struct Top {
    limit: usize,
    /// The smallest is on top.
    heap: BinaryHeap<Reverse<(u64, Reverse<String>)>>,
}

impl Top {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    /// The largest of some counts.
    pub(super) fn of(counts: &HashMap<String, u64>, limit: usize) -> Vec<Count> {
        let mut top = Self::new(limit);
        counts.iter().for_each(|(name, count)| top.add(name, *count));
        top.into_vec()
    }

    pub(super) fn add(&mut self, name: &str, count: u64) {
        self.add_with(count, || name.to_owned());
    }

    /// Adds one whose name is only made when it may be among the largest.
    pub(super) fn add_with(&mut self, count: u64, name: impl FnOnce() -> String) {
        let is_full = self.heap.len() >= self.limit;
        if is_full && self.heap.peek().is_none_or(|Reverse((least, _))| count < *least) {
            return;
        }
        self.heap.push(Reverse((count, Reverse(name()))));
        if is_full {
            self.heap.pop();
        }
    }

    /// Largest first.
    pub(super) fn into_vec(self) -> Vec<Count> {
        let sorted = self.heap.into_sorted_vec();
        sorted.into_iter().map(|Reverse((count, Reverse(name)))| Count { name, count }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_kept_in_order() {
        let mut top = Top::new(3);
        for (name, count) in [("d", 1), ("a", 2), ("b", 5), ("c", 2), ("e", 2)] {
            top.add(name, count);
        }
        let rows: Vec<_> = top.into_vec().into_iter().map(|row| (row.name, row.count)).collect();
        assert_eq!(rows, [("b".to_owned(), 5), ("a".to_owned(), 2), ("c".to_owned(), 2)]);
        let mut none = Top::new(0);
        none.add("a", 1);
        assert_eq!(none.into_vec(), []);
    }
}
