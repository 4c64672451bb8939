//! Postings of the series in memory.

use super::postings::{Gathered, List};
use super::{Index, Set, VisitValue};
use model::labels::Iter;
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

/// Postings that grow.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    names: BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<u32>>>,
    count: u32,
}

impl Postings {
    /// Adds the next series; its ordinal is the number of series before it.
    pub(crate) fn add(&mut self, key: &[u8]) {
        let ordinal = self.count;
        self.count += 1;
        for (name, value) in Iter::over_key(key) {
            let values = match self.names.get_mut(name) {
                Some(values) => values,
                None => self.names.entry(name.into()).or_default(),
            };
            match values.get_mut(value) {
                Some(list) => list.push(ordinal),
                None => drop(values.insert(value.into(), vec![ordinal])),
            }
        }
    }

    /// About how many bytes are taken.
    pub(crate) fn len_bytes(&self) -> usize {
        let values = self.names.values().flatten();
        values.map(|(value, list)| 40 + value.len() + list.capacity() * size_of::<u32>()).sum()
    }

    /// Takes back the series added last, which has this key.
    pub(crate) fn remove_last(&mut self, key: &[u8]) {
        self.count -= 1;
        for (name, value) in Iter::over_key(key) {
            let Some(values) = self.names.get_mut(name) else { continue };
            if let Some(list) = values.get_mut(value) {
                debug_assert_eq!(list.last(), Some(&self.count));
                list.pop();
                if list.is_empty() {
                    values.remove(value);
                }
            }
            if values.is_empty() {
                self.names.remove(name);
            }
        }
    }
}

impl Index for Postings {
    fn series_count(&self) -> u32 {
        self.count
    }

    fn exact(&self, name: &str, value: &str) -> Set {
        let list = self.names.get(name).and_then(|values| values.get(value));
        list.map_or_else(Set::new, |list| List::Plain(list).to_set())
    }

    fn present(&self, name: &str) -> Set {
        let mut gathered = Gathered::default();
        self.names.get(name).into_iter().flatten().for_each(|(_, list)| gathered.add(List::Plain(list)));
        gathered.into_set()
    }

    fn values(&self, name: &str, prefix: &str, visit: &mut VisitValue<'_>) {
        let Some(values) = self.names.get(name) else { return };
        let from = (Bound::Included(prefix), Bound::Unbounded);
        for (value, list) in values.range::<str, _>(from).take_while(|(value, _)| value.starts_with(prefix)) {
            if visit(value, List::Plain(list)).is_break() {
                return;
            }
        }
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> ControlFlow<()>) {
        let _ = self.names.keys().try_for_each(|name| visit(name)); // stopping early is no failure
    }
}
