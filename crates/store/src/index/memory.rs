//! The labels of the series in memory. Each name and value is kept once and has a number, a series is a few such
//! numbers ([`crate::series`]), and each number has its postings.

mod order;
pub(crate) mod ordinals;
pub(crate) mod texts;

use super::postings::List;
use super::{Index, Set, Step, VisitValue};
use hashbrown::{DefaultHashBuilder, HashTable};
use model::labels::Iter;
use order::Order;
use ordinals::Ordinals;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::ControlFlow;
use stdx::varint;
use texts::{Place, Texts};

/// Labels and postings that grow.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// By number.
    labels: Vec<Label>,
    by_text: HashTable<u32>,
    /// Encoded labels: `varint(len) name varint(len) value`.
    texts: Texts,
    names: Vec<Name>,
    by_name: BTreeMap<Box<str>, u32>,
    /// Numbers of the labels of the series added last, of which the next often has most.
    last: Vec<u32>,
    count: u32,
    hasher: DefaultHashBuilder,
}

/// A name with a value.
#[derive(Debug)]
struct Label {
    text: Place,
    name: u32,
    ordinals: Ordinals,
}

#[derive(Debug, Default)]
struct Name {
    /// Its labels.
    order: Order,
    /// Series that have it.
    present: Ordinals,
    /// Series that have no other.
    only: Ordinals,
}

impl Postings {
    /// Adds the next series; its ordinal is the number of series before it. Returns the numbers of its labels.
    pub(crate) fn add(&mut self, key: &[u8]) -> &[u32] {
        let ordinal = self.count;
        self.count += 1;
        let mut numbers = std::mem::take(&mut self.last);
        let (mut rest, mut at) = (key, 0);
        while let Some(text) = next_label(&mut rest) {
            let number = match numbers.get(at) {
                Some(&before) if self.text(before) == text => before,
                _ => self.number(text),
            };
            let label = &mut self.labels[number as usize];
            label.ordinals.push(ordinal);
            self.names[label.name as usize].present.push(ordinal);
            match numbers.get_mut(at) {
                Some(place) => *place = number,
                None => numbers.push(number),
            }
            at += 1;
        }
        numbers.truncate(at);
        if let [number] = numbers[..] {
            self.names[self.labels[number as usize].name as usize].only.push(ordinal);
        }
        self.last = numbers;
        &self.last
    }

    /// The encoded label of a number.
    #[inline]
    pub(crate) fn text(&self, number: u32) -> &[u8] {
        self.texts.get(self.labels[number as usize].text)
    }

    /// Takes back the series from ordinal `count` on, which had the labels of these numbers.
    pub(crate) fn truncate(&mut self, count: u32, numbers: impl Iterator<Item = u32>) {
        self.count = count;
        self.last.clear();
        let mut numbers: Vec<u32> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut names: Vec<u32> = numbers.iter().map(|&n| self.labels[n as usize].name).collect();
        names.sort_unstable();
        names.dedup();
        numbers.iter().for_each(|&n| self.labels[n as usize].ordinals.truncate(count));
        for &name in &names {
            self.names[name as usize].present.truncate(count);
            self.names[name as usize].only.truncate(count);
        }
        self.forget_last_labels(&names);
    }

    /// Forgets the labels added last that no series has; they have these names.
    fn forget_last_labels(&mut self, names: &[u32]) {
        while let Some(label) = self.labels.pop_if(|label| label.ordinals.is_empty()) {
            let number = self.labels.len() as u32;
            let hash = self.hasher.hash_one(self.texts.get(label.text));
            if let Ok(entry) = self.by_text.find_entry(hash, |&other| other == number) {
                entry.remove();
            }
            self.texts.truncate(label.text);
        }
        let end = self.labels.len() as u32;
        for &name in names {
            self.names[name as usize].order.truncate(end);
        }
        while self.names.pop_if(|name| name.order.is_empty()).is_some() {
            let end = self.names.len() as u32;
            self.by_name.retain(|_, number| *number != end);
        }
    }

    /// About how many bytes are taken.
    pub(crate) fn len_bytes(&self) -> usize {
        let ordinals: usize = self.labels.iter().map(|label| label.ordinals.len_bytes()).sum();
        let names = self.names.iter().map(|name| {
            name.order.len_bytes() + name.present.len_bytes() + name.only.len_bytes() + size_of::<Name>()
        });
        self.labels.capacity() * size_of::<Label>()
            + self.by_text.capacity() * 6
            + self.texts.len_bytes()
            + ordinals
            + names.sum::<usize>()
    }

    /// The number of an encoded label, which is added when it is new.
    fn number(&mut self, text: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(text);
        if let Some(number) = self.find(hash, text) {
            return number;
        }
        let number = self.labels.len() as u32;
        let name = Iter::over_key(text).next().map_or("", |(name, _)| name);
        let name = self.name(name);
        let text = self.texts.push(text);
        self.labels.push(Label { text, name, ordinals: Ordinals::default() });
        let Self { by_text, labels, texts, names, hasher, .. } = self;
        names[name as usize].order.push(number, &|number| value(texts.get(labels[number as usize].text)));
        by_text.insert_unique(hash, number, |&n| hasher.hash_one(texts.get(labels[n as usize].text)));
        number
    }

    fn find(&self, hash: u64, text: &[u8]) -> Option<u32> {
        self.by_text.find(hash, |&number| self.text(number) == text).copied()
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.by_name.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(Name::default());
        self.by_name.insert(name.into(), number);
        number
    }
}

/// The value of an encoded label.
fn value(label: &[u8]) -> &str {
    Iter::over_key(label).next().map_or("", |(_, value)| value)
}

/// Takes an encoded label off the front of a key.
fn next_label<'a>(key: &mut &'a [u8]) -> Option<&'a [u8]> {
    let whole = *key;
    varint::read_bytes(key)?;
    varint::read_bytes(key)?;
    Some(&whole[..whole.len() - key.len()])
}

impl Index for Postings {
    fn series_count(&self) -> u32 {
        self.count
    }

    fn exact(&self, name: &str, value: &str) -> Set {
        let mut text = Vec::with_capacity(name.len() + value.len() + 4);
        varint::write_bytes(&mut text, name.as_bytes());
        varint::write_bytes(&mut text, value.as_bytes());
        let number = self.find(self.hasher.hash_one(text.as_slice()), &text);
        number.map_or_else(Set::new, |number| self.labels[number as usize].ordinals.to_set())
    }

    fn present(&self, name: &str) -> Set {
        let number = self.by_name.get(name);
        number.map_or_else(Set::new, |&number| self.names[number as usize].present.to_set())
    }

    fn only(&self, name: &str) -> Set {
        let number = self.by_name.get(name);
        number.map_or_else(Set::new, |&number| self.names[number as usize].only.to_set())
    }

    fn values(&self, name: &str, prefix: &str, visit: &mut VisitValue<'_>) {
        let Some(&name) = self.by_name.get(name) else { return };
        let order = &self.names[name as usize].order;
        order.walk(prefix, &|number| value(self.text(number)), &mut |number, value| {
            let ordinals = &self.labels[number as usize].ordinals;
            match value.starts_with(prefix) {
                false => Step::Stop,
                true if ordinals.is_empty() => Step::Next,
                true => visit(value, List::Memory(ordinals)),
            }
        });
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> ControlFlow<()>) {
        let names =
            self.by_name.iter().filter(|(_, number)| !self.names[**number as usize].present.is_empty());
        let _ = names.map(|(name, _)| name).try_for_each(|name| visit(name)); // stopping early is no failure
    }
}
