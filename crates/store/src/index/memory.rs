//! Postings of the series in memory.

use super::Index;
use model::labels::Iter;
use std::collections::BTreeMap;

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

    /// Names, and their values with postings, in order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = (&str, &[u32])>)> {
        self.names.iter().map(|(name, values)| {
            let values = values.iter().map(|(value, list)| (&**value, list.as_slice()));
            (&**name, values)
        })
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

    fn exact(&self, name: &str, value: &str, out: &mut Vec<u32>) {
        if let Some(list) = self.names.get(name).and_then(|values| values.get(value)) {
            out.extend_from_slice(list);
        }
    }

    fn union(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, out: &mut Vec<u32>) {
        for (value, list) in self.names.get(name).into_iter().flatten() {
            if wanted(value) {
                out.extend_from_slice(list);
            }
        }
    }

    fn values(&self, name: &str, visit: &mut dyn FnMut(&str, &[u32])) {
        for (value, list) in self.names.get(name).into_iter().flatten() {
            visit(value, list);
        }
    }

    fn names(&self, visit: &mut dyn FnMut(&str)) {
        self.names.keys().for_each(|name| visit(name));
    }
}
