//! Which series, names and values there are. Limits are kept while looking, so that a short answer about millions of
//! series stays cheap.
//!
//! Memory is always looked at before blocks: what is written out meanwhile is then seen twice and not missed.

mod first;
mod part;

use crate::block::reader::Block;
use crate::index::matcher::Question;
use crate::index::pattern::Pattern;
use crate::index::{Index, Set, Step};
use crate::merge::LoadError;
use crate::series::SeriesTable;
use crate::store::Shared;
use first::First;
use model::{MatchOp, Matcher, Node, ReadError, Selection, Series, SeriesId, TimeRange};
use part::Part;
use roaring::MultiOps;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Up to so many series are asked for their labels, one by one; of more, every value is asked for its series. Stores in tests
/// are small and have to show both.
const ONE_BY_ONE_MAX: u64 = if cfg!(test) { 3 } else { 1000 };

/// Where a series was found.
enum Found {
    Memory(Series),
    /// Place in the list of blocks, and ordinal there.
    Block(usize, u32),
}

/// Which series are meant.
pub(crate) enum Wanted<'a> {
    /// Those that matchers say.
    Matching(Question<'a>),
    /// Those with one of these values and no other label.
    Only { label: &'a str, values: &'a [String] },
}

impl Wanted<'_> {
    fn in_memory(&self, table: &SeriesTable) -> Set {
        match self {
            Self::Matching(question) => table.matching(question),
            Self::Only { label, values } => only_with(table.postings(), label, values),
        }
    }

    fn in_block(&self, block: &Block) -> Set {
        match self {
            Self::Matching(question) => block.index.matching(question),
            Self::Only { label, values } => only_with(&block.index, label, values),
        }
    }
}

fn only_with(index: &dyn Index, label: &str, values: &[String]) -> Set {
    let only = index.only(label);
    if only.is_empty() { only } else { only & values.iter().map(|value| index.exact(label, value)).union() }
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
        wanted: &Wanted<'_>,
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        let enough = limit.saturating_add(1);
        let mut found = self.series_in_memory(wanted, range, enough);
        let set = self.blocks();
        let blocks: Vec<_> = set.overlapping(range).collect();
        for (at, block) in blocks.iter().enumerate() {
            let failed = |error| self.read_failed(LoadError { sequence: block.meta.sequence, error });
            let mut reader = block.index.reader();
            let (mut new, mut known) = (Vec::new(), found.iter().map(|(id, _)| *id).peekable());
            for ordinal in wanted.in_block(block) {
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
        wanted: &Wanted<'_>,
        range: TimeRange,
        enough: usize,
    ) -> Vec<(SeriesId, Found)> {
        let mut found = Vec::new();
        for shard in &self.shards {
            let table = shard.series();
            let ordinals = wanted.in_memory(&table);
            let mut ids: Vec<_> = ordinals.iter().map(|ordinal| (table.id(ordinal), ordinal)).collect();
            ids.sort_unstable(); // most are in order
            let mut key = Vec::new();
            let there = ids.into_iter().filter(|(_, ordinal)| shard.touches(*ordinal, range)).take(enough);
            let new = there.map(|(id, ordinal)| (id, Found::Memory(table.get_by(ordinal, &mut key))));
            merge(&mut found, new.collect(), enough);
        }
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
        self.each_part(matchers, range, &mut |part| {
            if part.found.len() <= ONE_BY_ONE_MAX && !part.is_all {
                let mut list = Vec::new();
                part.labels(&mut |name, _| list.push(name.to_owned()));
                return names.add_all(list);
            }
            let index = part.index;
            index.names(&mut |name| {
                let is_there = part.is_certain() || part.has_any(index.present(name));
                if is_there { names.add(name) } else { ControlFlow::Continue(()) }
            });
            names.end();
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
        // What is asked of the label itself needs no series.
        let (own, others): (Vec<Matcher>, Vec<Matcher>) =
            matchers.iter().cloned().partition(|matcher| matcher.name == name);
        let prefix = common_prefix(&own);
        let is_wanted = |value: &str| own.iter().all(|matcher| matcher.accepts(value));
        self.each_part(&others, range, &mut |part| {
            if part.found.len() <= ONE_BY_ONE_MAX {
                let mut list = Vec::new();
                part.labels(&mut |of, value| {
                    if of == name && is_wanted(value) {
                        list.push(value.to_owned());
                    }
                });
                return values.add_all(list);
            }
            part.index.values(name, &prefix, &mut |value, list| match is_wanted(value) && part.has(list) {
                true => values.add(value).into(),
                false => Step::Next,
            });
            values.end();
        })?;
        Ok(values.into_vec())
    }

    /// See [`model::Source::nodes`].
    pub(crate) fn list_nodes(
        &self,
        label: &str,
        prefix: &str,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Node>, ReadError> {
        let mut nodes = Vec::new();
        self.each_part(&[], range, &mut |part| {
            part.keep(part.index.only(label));
            if part.found.len() <= ONE_BY_ONE_MAX {
                part.labels(&mut |_, value| {
                    nodes.extend(value.starts_with(prefix).then(|| Node::below(prefix, value)))
                });
                return Node::join(&mut nodes, limit);
            }
            // A place may be told twice, as a leaf and as a branch.
            let enough = nodes.len().saturating_add(limit.saturating_mul(2));
            part.index.values(label, prefix, &mut |value, list| {
                if !part.has(list) {
                    return Step::Next;
                }
                let node = Node::below(prefix, value);
                let step = if node.is_branch { Step::Past(node.path.len() + 1) } else { Step::Next };
                nodes.push(node);
                if nodes.len() < enough { step } else { Step::Stop }
            });
            Node::join(&mut nodes, limit);
        })?;
        Ok(nodes)
    }

    /// Gives, shard by shard and then block by block, the series that match.
    fn each_part(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        then: &mut dyn FnMut(&mut Part<'_>),
    ) -> Result<(), ReadError> {
        let question = Question::new(matchers);
        for shard in &self.shards {
            let table = shard.series();
            then(&mut Part::in_memory(shard, &table, &question, range));
        }
        for block in self.blocks().overlapping(range) {
            self.in_block(block, &question, range, then)?;
        }
        Ok(())
    }

    fn in_block(
        &self,
        block: &Arc<Block>,
        question: &Question<'_>,
        range: TimeRange,
        then: &mut dyn FnMut(&mut Part<'_>),
    ) -> Result<(), ReadError> {
        let mut part = Part::in_block(block, question, range);
        then(&mut part);
        match part.error() {
            None => Ok(()),
            Some(error) => Err(self.read_failed(LoadError { sequence: block.meta.sequence, error })),
        }
    }
}

/// What every value that satisfies the matchers starts with.
fn common_prefix(matchers: &[Matcher]) -> String {
    let positive = matchers.iter().filter(|m| matches!(m.op, MatchOp::Equal | MatchOp::Regex));
    let prefixes = positive.map(|matcher| match matcher.op {
        MatchOp::Equal => matcher.value.clone(),
        _ => Pattern::of(&matcher.value).prefix().to_owned(),
    });
    prefixes.max_by_key(String::len).unwrap_or_default()
}
