//! The first texts in order, of many that come list by list.

use std::ops::ControlFlow;

/// Texts in order, each once, at most `limit`.
pub(super) struct First {
    texts: Vec<String>,
    limit: usize,
    /// Of the list that is being added: how many of `texts` are before its last text …
    passed: usize,
    /// … and those that are new.
    new: Vec<String>,
}

impl First {
    pub(super) fn new(limit: usize) -> Self {
        Self { texts: Vec::new(), limit, passed: 0, new: Vec::new() }
    }

    /// Adds the next text of a list, which is after those before. `Break` says that it is not among the first, and neither
    /// is what follows.
    pub(super) fn add(&mut self, text: &str) -> ControlFlow<()> {
        let known = loop {
            match self.texts.get(self.passed) {
                Some(known) if known.as_str() < text => self.passed += 1,
                known => break known.is_some_and(|known| known == text),
            }
        };
        if !known && self.passed + self.new.len() >= self.limit {
            return ControlFlow::Break(());
        }
        if !known {
            self.new.push(text.to_owned());
        }
        ControlFlow::Continue(())
    }

    /// A list is over.
    pub(super) fn end(&mut self) {
        self.passed = 0;
        if self.texts.is_empty() {
            self.texts = std::mem::take(&mut self.new);
        } else if !self.new.is_empty() {
            self.texts.append(&mut self.new);
            self.texts.sort(); // sees that there are two lists in order
        }
        self.texts.truncate(self.limit);
    }

    /// Adds a list that is in no order.
    pub(super) fn add_all(&mut self, mut texts: Vec<String>) {
        texts.sort_unstable();
        texts.dedup();
        let _ = texts.iter().try_for_each(|text| self.add(text)); // stopping early is no failure
        self.end();
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use stdx::random::Random;

    #[test]
    fn lists_become_one() {
        for seed in 0..200 {
            let mut random = Random::from_seed(seed);
            let limit = [0, 1, 5, 1000][seed as usize % 4];
            let (mut first, mut all) = (First::new(limit), BTreeSet::new());
            for _ in 0..random.below(5) {
                let list: Vec<String> = (0..random.below(20)).map(|_| random.below(60).to_string()).collect();
                all.extend(list.iter().cloned());
                match random.below(2) {
                    0 => first.add_all(list),
                    _ => {
                        let list: BTreeSet<&String> = list.iter().collect();
                        let _ = list.into_iter().try_for_each(|text| first.add(text));
                        first.end();
                    }
                }
            }
            assert!(first.into_vec().iter().eq(all.iter().take(limit)), "seed {seed}");
        }
    }
}
