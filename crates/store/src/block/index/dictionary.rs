//! Names, values and shapes of the series of a block in the making, with the postings of every value.

use super::labels;
use super::rows::Row;
use crate::index::postings::Growing;
use hashbrown::HashMap;
use model::{Kind, labels::Iter};
use stdx::varint;

/// Grows series by series. Numbers are given out as names and values come.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    names: HashMap<Box<str>, u32>,
    by_name: Vec<Values>,
    shapes: HashMap<Box<[u32]>, u32>,
    /// The key of the series before and what it became.
    key: Vec<u8>,
    pairs: Vec<(u32, u32)>,
}

/// The values of one name.
#[derive(Debug, Default)]
struct Values {
    numbers: HashMap<Box<str>, u32>,
    postings: Vec<Growing>,
    present: Growing,
}

/// Everything in order.
pub(super) struct Sorted {
    /// The section of labels.
    pub(super) labels: Vec<u8>,
    /// The section of shapes.
    pub(super) shapes: Vec<u8>,
    /// By provisional number of a shape: provisional numbers of its names.
    pub(super) provisional: Vec<Vec<u32>>,
    /// By provisional numbers of a name and a value: the place of the value.
    pub(super) value_ranks: Vec<Vec<u32>>,
}

impl Dictionary {
    /// The next series as a row.
    pub(super) fn row(&mut self, key: &[u8], kind: Kind, ordinal: u32) -> Row {
        let before = std::mem::take(&mut self.key);
        let known = std::mem::take(&mut self.pairs);
        let mut before_pairs = Iter::over_key(&before).zip(known);
        for (name, value) in Iter::over_key(key) {
            // Neighbours have most labels in common, which then need no look-up.
            let pair = match before_pairs.next() {
                Some((pair, numbers)) if pair == (name, value) => numbers,
                Some(((other, _), (number, _))) if other == name => (number, self.value(number, value)),
                _ => {
                    let number = self.name(name);
                    (number, self.value(number, value))
                }
            };
            self.pairs.push(pair);
        }
        drop(before_pairs);
        for &(name, value) in &self.pairs {
            let values = &mut self.by_name[name as usize];
            values.postings[value as usize].push(ordinal);
            values.present.push(ordinal);
        }
        self.key = before;
        self.key.clear();
        self.key.extend_from_slice(key);
        let shape: Box<[u32]> = self.pairs.iter().map(|(name, _)| *name).collect();
        let next = self.shapes.len() as u32;
        let shape = *self.shapes.entry(shape).or_insert(next);
        Row { shape, kind, values: self.pairs.iter().map(|(_, value)| *value).collect() }
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.names.get(name) {
            return number;
        }
        let number = self.by_name.len() as u32;
        self.by_name.push(Values::default());
        self.names.insert(name.into(), number);
        number
    }

    fn value(&mut self, name: u32, value: &str) -> u32 {
        let values = &mut self.by_name[name as usize];
        if let Some(&number) = values.numbers.get(value) {
            return number;
        }
        let number = values.postings.len() as u32;
        values.postings.push(Growing::default());
        values.numbers.insert(value.into(), number);
        number
    }

    /// Sorts and codes everything, for `count` series.
    pub(super) fn finish(mut self, count: u32) -> Sorted {
        let mut names: Vec<(Box<str>, u32)> = self.names.drain().collect();
        names.sort_unstable();
        let mut name_ranks = vec![0; names.len()];
        let mut value_ranks = vec![Vec::new(); names.len()];
        let mut coded = Vec::new();
        let mut section = Vec::new();
        for (rank, (name, number)) in names.iter().enumerate() {
            name_ranks[*number as usize] = rank as u32;
            let values = std::mem::take(&mut self.by_name[*number as usize]);
            coded.clear();
            value_ranks[*number as usize] = values.write(&mut coded, count);
            varint::write_bytes(&mut section, name.as_bytes());
            varint::write_bytes(&mut section, &coded);
        }
        let mut provisional = vec![Vec::new(); self.shapes.len()];
        for (shape, number) in self.shapes.drain() {
            provisional[number as usize] = shape.into_vec();
        }
        let mut shapes = Vec::new();
        for shape in &provisional {
            varint::write_u64(&mut shapes, shape.len() as u64);
            shape
                .iter()
                .for_each(|name| varint::write_u64(&mut shapes, u64::from(name_ranks[*name as usize])));
        }
        Sorted { labels: section, shapes, provisional, value_ranks }
    }
}

impl Values {
    /// Appends the values and gives the place of each by its number.
    fn write(mut self, out: &mut Vec<u8>, count: u32) -> Vec<u32> {
        let mut sorted: Vec<(Box<str>, u32)> = self.numbers.drain().collect();
        sorted.sort_unstable();
        let mut ranks = vec![0; sorted.len()];
        for (rank, (_, number)) in sorted.iter().enumerate() {
            ranks[*number as usize] = rank as u32;
        }
        let mut postings = self.postings;
        let coded = sorted.iter().map(|(value, number)| {
            let growing = std::mem::take(&mut postings[*number as usize]);
            (&**value, growing.finish(count))
        });
        labels::write_values(out, &self.present.finish(count), coded);
        ranks
    }
}
