//! Which series, names and values there are. Limits are kept while looking, so that a short answer about millions of
//! series stays cheap.
//!
//! Memory is always looked at before blocks: what is written out meanwhile is then seen twice and not missed.

use crate::block::BlockError;
use crate::block::reader::Block;
use crate::index::matcher::{self, Question};
use crate::index::{Index, Set};
use crate::merge::LoadError;
use crate::series::SeriesTable;
use crate::store::Shared;
use model::{Matcher, ReadError, Selection, Series, SeriesId, TimeRange};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Up to so many series are asked for their labels, one by one; of more, every value is asked for its series.
const ONE_BY_ONE_MAX: u64 = 1000;

/// Where a series was found.
enum Found {
    Memory(Series),
    /// Place in the list of blocks, and ordinal there.
    Block(usize, u32),
}

/// Puts two lists in order of ids together; the first `enough` are kept.
fn merge(found: &mut Vec<(SeriesId, Found)>, new: Vec<(SeriesId, Found)>, enough: usize) {
    if found.is_empty() {
        *found = new;
    } else if !new.is_empty() {
        found.extend(new);
        found.sort_by_key(|(id, _)| *id); // sees that there are two lists in order
        found.dedup_by_key(|(id, _)| *id);
    }
    found.truncate(enough);
}

impl Shared {
    /// See [`model::Source::select`].
    pub(crate) fn list_series(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        let enough = limit.saturating_add(1);
        let mut found = self.series_in_memory(matchers, range, enough);
        let question = Question::new(matchers);
        let set = self.blocks();
        let blocks: Vec<_> = set.overlapping(range).collect();
        for (at, block) in blocks.iter().enumerate() {
            let failed = |error| self.read_failed(LoadError { sequence: block.meta.sequence, error });
            let mut reader = block.index.reader();
            let (mut new, mut known) = (Vec::new(), found.iter().map(|(id, _)| *id).peekable());
            for ordinal in block.index.matching(&question) {
                let Some(id) = block.index.id(ordinal) else { continue };
                // Ids ascend: those that follow cannot be among the first either.
                if new.len() >= enough || (found.len() >= enough && found.last().is_some_and(|l| id > l.0)) {
                    break;
                }
                while known.next_if(|known| *known < id).is_some() {}
                if known.peek() != Some(&id) && block.touches(&mut reader, ordinal, range).map_err(failed)? {
                    new.push((id, Found::Block(at, ordinal)));
                }
            }
            merge(&mut found, new, enough);
        }
        let mut readers: Vec<_> = blocks.iter().map(|block| block.index.reader()).collect();
        let mut selection = Selection { series: Vec::new(), truncated: found.len() > limit };
        for (_, found) in found.into_iter().take(limit) {
            selection.series.push(match found {
                Found::Memory(series) => series,
                Found::Block(at, ordinal) => {
                    blocks[at].series_by(&mut readers[at], ordinal).map_err(|error| {
                        self.read_failed(LoadError { sequence: blocks[at].meta.sequence, error })
                    })?
                }
            });
        }
        Ok(selection)
    }

    fn series_in_memory(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        enough: usize,
    ) -> Vec<(SeriesId, Found)> {
        let mut found = Vec::new();
        self.in_memory(matchers, range, |table, ordinals| {
            let mut ids: Vec<_> = ordinals.iter().map(|ordinal| (table.id(ordinal), ordinal)).collect();
            ids.sort_unstable();
            ids.truncate(enough);
            let mut key = Vec::new();
            let new =
                ids.into_iter().map(|(id, ordinal)| (id, Found::Memory(table.get_by(ordinal, &mut key))));
            merge(&mut found, new.collect(), enough);
        });
        found
    }

    /// See [`model::Source::label_names`].
    pub(crate) fn list_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut names = First::new(limit);
        self.in_memory(matchers, range, |table, found| {
            if found.len() == u64::from(table.postings().series_count()) {
                return table.postings().names(&mut |name| names.add(name));
            }
            let labels = found.iter().flat_map(|ordinal| table.labels(ordinal));
            labels.for_each(|(name, _)| names.add_unordered(name));
        });
        self.in_blocks(matchers, range, |block, found| {
            let is_all = found.len() == block.meta.series;
            block.index.names(&mut |name| {
                let is_found = is_all || !block.index.present(name).is_disjoint(&found);
                if is_found { names.add(name) } else { ControlFlow::Continue(()) }
            });
            Ok(())
        })?;
        Ok(names.into_vec())
    }

    /// See [`model::Source::label_values`].
    pub(crate) fn list_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut values = First::new(limit);
        self.in_memory(matchers, range, |table, found| {
            if found.len() <= ONE_BY_ONE_MAX {
                let labels = found.iter().flat_map(|ordinal| table.labels(ordinal));
                return labels.filter(|l| l.0 == name).for_each(|(_, value)| values.add_unordered(value));
            }
            list_values_of(table.postings(), name, &found, &mut values);
        });
        self.in_blocks(matchers, range, |block, found| {
            if found.len() > ONE_BY_ONE_MAX {
                list_values_of(&block.index, name, &found, &mut values);
                return Ok(());
            }
            let mut reader = block.index.reader();
            for ordinal in found {
                if let Some(value) = block.series_by(&mut reader, ordinal)?.labels.get(name) {
                    values.add_unordered(value);
                }
            }
            Ok(())
        })?;
        Ok(values.into_vec())
    }

    /// Gives, shard by shard, the series in memory that match and may have samples in `range`.
    fn in_memory(&self, matchers: &[Matcher], range: TimeRange, mut then: impl FnMut(&SeriesTable, Set)) {
        for shard in &self.shards {
            let series = shard.series();
            let found = matcher::matching(series.postings(), matchers);
            let touching = {
                let head = shard.head();
                let touches =
                    |o: &u32| head.column(*o).is_some_and(|c| c.touches(range.start_ms, range.end_ms));
                Set::from_sorted_iter(found.into_iter().filter(touches)).unwrap_or_default()
            };
            then(&series, touching);
        }
    }

    /// Gives, block by block, the series that match and may have samples in `range`.
    fn in_blocks(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        mut then: impl FnMut(&Block, Set) -> Result<(), BlockError>,
    ) -> Result<(), ReadError> {
        let question = Question::new(matchers);
        for block in self.blocks().overlapping(range) {
            let failed = |error| self.read_failed(LoadError { sequence: block.meta.sequence, error });
            let found = block.touching(block.index.matching(&question), range).map_err(failed)?;
            then(block, found).map_err(failed)?;
        }
        Ok(())
    }
}

fn list_values_of(index: &dyn Index, name: &str, found: &Set, values: &mut First) {
    let is_all = found.len() == u64::from(index.series_count());
    index.values(name, "", &mut |value, list| {
        let is_found = is_all || !list.to_set().is_disjoint(found);
        if is_found { values.add(value) } else { ControlFlow::Continue(()) }
    });
}

/// The first texts in order, of many.
struct First {
    texts: BTreeSet<String>,
    limit: usize,
}

impl First {
    fn new(limit: usize) -> Self {
        Self { texts: BTreeSet::new(), limit }
    }

    /// Adds a text. `Break` says that it is not among the first, and neither is what comes after it in order.
    fn add(&mut self, text: &str) -> ControlFlow<()> {
        if self.texts.contains(text) {
            return ControlFlow::Continue(());
        }
        if self.texts.len() >= self.limit && self.texts.last().is_none_or(|last| text > last.as_str()) {
            return ControlFlow::Break(());
        }
        self.texts.insert(text.to_owned());
        if self.texts.len() > self.limit {
            self.texts.pop_last();
        }
        ControlFlow::Continue(())
    }

    /// Adds a text after which smaller ones may come.
    fn add_unordered(&mut self, text: &str) {
        let _ = self.add(text);
    }

    fn into_vec(self) -> Vec<String> {
        self.texts.into_iter().collect()
    }
}
