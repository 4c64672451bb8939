//! The labels of one name in order of their values, kept while new ones come. Most are in one long list; what came since is
//! a short one, put in order when somebody asks and into the long list when it has grown. So an answer never has to wait
//! until millions of values are in order, and a new value costs far less than finding its place in the long list.

use crate::index::Step;
use std::sync::OnceLock;

/// Putting so many in order takes a few milliseconds.
const FRESH_MAX: usize = 4096;

/// Numbers of labels, whose values are looked up by whoever holds them.
#[derive(Debug, Default)]
pub(crate) struct Order {
    sorted: Vec<u32>,
    /// In order as far as it was once asked for, then as they came.
    fresh: Vec<u32>,
    /// All of `fresh` in order, since somebody asked.
    asked: OnceLock<Vec<u32>>,
}

impl Order {
    /// Adds a number that is not there yet.
    pub(crate) fn push<'a>(&mut self, number: u32, value: &dyn Fn(u32) -> &'a str) {
        self.take_asked();
        self.fresh.push(number);
        if self.fresh.len() >= FRESH_MAX {
            self.merge(value);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty() && self.fresh.is_empty()
    }

    /// Keeps the numbers below `end`.
    pub(crate) fn truncate(&mut self, end: u32) {
        self.take_asked();
        self.sorted.retain(|&number| number < end);
        self.fresh.retain(|&number| number < end);
    }

    pub(crate) fn len_bytes(&self) -> usize {
        (self.sorted.capacity() + self.fresh.capacity() + self.asked.get().map_or(0, Vec::capacity)) * 4
    }

    /// Visits numbers in order of their values, from the first value that is not before `from` on.
    pub(crate) fn walk<'a>(
        &self,
        from: &str,
        value: &dyn Fn(u32) -> &'a str,
        visit: &mut dyn FnMut(u32, &'a str) -> Step,
    ) {
        let fresh = self.asked.get_or_init(|| {
            let mut fresh = self.fresh.clone();
            put_in_order(&mut fresh, value);
            fresh
        });
        let mut lists = [Cursor::new(&self.sorted, from, value), Cursor::new(fresh, from, value)];
        loop {
            let [long, short] = &lists;
            let at = match (long.now, short.now) {
                (Some((_, long)), Some((_, short))) => usize::from(short < long),
                (Some(_), None) => 0,
                (None, Some(_)) => 1,
                (None, None) => return,
            };
            let Some((number, text)) = lists[at].now else { return };
            match visit(number, text) {
                Step::Next => lists[at].forward(1, value),
                Step::Past(len) => {
                    lists.iter_mut().for_each(|list| list.pass(&text.as_bytes()[..len], value))
                }
                Step::Stop => return,
            }
        }
    }

    /// Keeps the order that somebody asked for as a start for the next, before numbers come or go.
    fn take_asked(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.fresh = asked;
        }
    }

    /// Puts the short list into the long one, from the back, so that each number is moved once.
    fn merge<'a>(&mut self, value: &dyn Fn(u32) -> &'a str) {
        let mut fresh = std::mem::take(&mut self.fresh);
        put_in_order(&mut fresh, value);
        let mut end = self.sorted.len();
        self.sorted.resize(end + fresh.len(), 0);
        for (at, &number) in fresh.iter().enumerate().rev() {
            let text = value(number);
            let place = first_after(&self.sorted[..end], &|known| value(known) > text);
            self.sorted.copy_within(place..end, place + at + 1);
            self.sorted[place + at] = number;
            end = place;
        }
        fresh.clear();
        self.fresh = fresh;
    }
}

/// Quick where much is in order already.
fn put_in_order<'a>(numbers: &mut [u32], value: &dyn Fn(u32) -> &'a str) {
    numbers.sort_by(|a, b| value(*a).cmp(value(*b)));
}

/// The first place from which on all are after, looked for from the end in growing steps: it is not far, usually.
fn first_after(numbers: &[u32], is_after: &dyn Fn(u32) -> bool) -> usize {
    let (mut end, mut step) = (numbers.len(), 1);
    while end > 0 {
        let from = end.saturating_sub(step);
        if !is_after(numbers[from]) {
            return from + 1 + numbers[from + 1..end].partition_point(|&number| !is_after(number));
        }
        (end, step) = (from, step * 2);
    }
    0
}

/// A place in one of the lists.
struct Cursor<'l, 'a> {
    rest: &'l [u32],
    /// The first of the rest, and its value.
    now: Option<(u32, &'a str)>,
}

impl<'l, 'a> Cursor<'l, 'a> {
    fn new(list: &'l [u32], from: &str, value: &dyn Fn(u32) -> &'a str) -> Self {
        let skipped = if from.is_empty() { 0 } else { list.partition_point(|&number| value(number) < from) };
        let mut cursor = Self { rest: list, now: None };
        cursor.forward(skipped, value);
        cursor
    }

    fn forward(&mut self, count: usize, value: &dyn Fn(u32) -> &'a str) {
        self.rest = &self.rest[count..];
        self.now = self.rest.first().map(|&number| (number, value(number)));
    }

    /// Goes on behind all values that start so; none before them is left. Steps grow, as most of the time there are few.
    fn pass(&mut self, start: &[u8], value: &dyn Fn(u32) -> &'a str) {
        let is_passed = |number: u32| value(number).as_bytes().starts_with(start);
        let (mut passed, mut step) = (0, 1);
        while passed + step <= self.rest.len() && is_passed(self.rest[passed + step - 1]) {
            passed += step;
            step *= 2;
        }
        let end = (passed + step).min(self.rest.len());
        passed += self.rest[passed..end].partition_point(|&number| is_passed(number));
        if passed > 0 {
            self.forward(passed, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    /// All values from `from` on; of those that share a first letter and a dot with one before only every `skip`th letter's.
    fn walked(order: &Order, texts: &[String], from: &str, passes: bool) -> Vec<String> {
        let mut found = Vec::new();
        let value = |number: u32| texts[number as usize].as_str();
        order.walk(from, &value, &mut |_, text| {
            found.push(text.to_owned());
            match text.find('.').filter(|_| passes) {
                Some(dot) => Step::Past(dot + 1),
                None => Step::Next,
            }
        });
        found
    }

    #[test]
    fn values_are_in_order_however_they_came() {
        for seed in 0..12 {
            let mut random = Random::from_seed(seed);
            let count = [20, 3000, FRESH_MAX * 2 + 77][seed as usize % 3];
            let mut texts: Vec<String> = (0..count)
                .map(|at| format!("{}.{}", random.below(300), random.below(50) * 100_000 + at as u64))
                .collect();
            if seed % 4 == 0 {
                texts.sort();
            }
            let mut order = Order::default();
            for number in 0..count as u32 {
                order.push(number, &|number| texts[number as usize].as_str());
                if random.below(500) == 0 {
                    walked(&order, &texts, "zz", false);
                }
            }
            for end in [count, count * 3 / 4] {
                order.truncate(end as u32);
                let mut wanted = texts[..end].to_vec();
                wanted.sort();
                assert_eq!(walked(&order, &texts, "", false), wanted, "seed {seed}");
                let from = format!("{}", random.below(300));
                assert!(
                    walked(&order, &texts, &from, false)
                        .iter()
                        .eq(wanted.iter().filter(|text| **text >= from))
                );
                wanted.dedup_by_key(|text| text.split('.').next().unwrap_or("").to_owned());
                assert_eq!(walked(&order, &texts, "", true), wanted, "seed {seed}");
            }
        }
    }
}
