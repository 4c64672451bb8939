//! The series of one shard in memory, or of one block, that match. Whether they have samples in the range asked for is
//! looked at as late as possible: often one series of thousands tells enough.

use crate::block::BlockError;
use crate::block::index::SeriesReader;
use crate::block::reader::Block;
use crate::index::matcher::Question;
use crate::index::postings::List;
use crate::index::{Index, Set};
use crate::series::SeriesTable;
use crate::shard::Shard;
use model::TimeRange;

/// Where the series are.
enum Place<'a> {
    Memory { shard: &'a Shard, table: &'a SeriesTable },
    Block { block: &'a Block, reader: Box<SeriesReader<'a>> },
}

/// Series that match.
pub(super) struct Part<'a> {
    pub(super) index: &'a dyn Index,
    /// They, whether they have samples in the range or not.
    pub(super) found: Set,
    /// `found` is every series there is.
    pub(super) is_all: bool,
    /// All of them have samples in the range.
    is_within: bool,
    place: Place<'a>,
    range: TimeRange,
    /// Why something could not be told.
    failed: Option<BlockError>,
}

impl<'a> Part<'a> {
    pub(super) fn in_memory(
        shard: &'a Shard,
        table: &'a SeriesTable,
        question: &Question<'_>,
        range: TimeRange,
    ) -> Self {
        let (index, found) = (table.postings(), table.matching(question));
        Self::new(index, found, false, Place::Memory { shard, table }, range)
    }

    pub(super) fn in_block(block: &'a Block, question: &Question<'_>, range: TimeRange) -> Self {
        let reader = Box::new(block.index.reader());
        let found = block.index.matching(question);
        Self::new(&block.index, found, block.shows_all(range), Place::Block { block, reader }, range)
    }

    fn new(index: &'a dyn Index, found: Set, is_within: bool, place: Place<'a>, range: TimeRange) -> Self {
        let is_all = found.len() == u64::from(index.series_count());
        Self { index, found, is_all, is_within, place, range, failed: None }
    }

    /// Forgets the others.
    pub(super) fn keep(&mut self, kept: Set) {
        self.found = if self.is_all { kept } else { kept & &self.found };
        self.is_all = self.found.len() == u64::from(self.index.series_count());
    }

    /// Every series of the index is wanted and has samples in the range: there is nothing to look at.
    pub(super) fn is_certain(&self) -> bool {
        self.is_all && self.is_within
    }

    /// Whether one of a list matches and has samples in the range.
    pub(super) fn has(&mut self, list: List<'_>) -> bool {
        self.is_certain() || self.has_any(list.to_set())
    }

    /// Whether one of a set matches and has samples in the range.
    pub(super) fn has_any(&mut self, set: Set) -> bool {
        match (self.is_all, self.is_within) {
            (true, true) => !set.is_empty(),
            (false, true) => !set.is_disjoint(&self.found),
            (true, false) => set.iter().any(|ordinal| self.touches(ordinal)),
            (false, false) => (set & &self.found).iter().any(|ordinal| self.touches(ordinal)),
        }
    }

    /// Visits names and values of those that match and have samples in the range.
    pub(super) fn labels(&mut self, visit: &mut dyn FnMut(&str, &str)) {
        for ordinal in std::mem::take(&mut self.found) {
            if !self.is_within && !self.touches(ordinal) {
                continue;
            }
            match &mut self.place {
                Place::Memory { table, .. } => table.labels(ordinal).for_each(|(n, v)| visit(n, v)),
                Place::Block { block, reader } => match block.series_by(reader, ordinal) {
                    Ok(series) => series.labels.iter().for_each(|(n, v)| visit(n, v)),
                    Err(error) => self.failed = Some(error),
                },
            }
        }
    }

    fn touches(&mut self, ordinal: u32) -> bool {
        match &mut self.place {
            Place::Memory { shard, .. } => shard.touches(ordinal, self.range),
            Place::Block { block, reader } => match block.touches(reader, ordinal, self.range) {
                Ok(touches) => touches,
                Err(error) => {
                    self.failed = Some(error);
                    false
                }
            },
        }
    }

    /// What went wrong on the way.
    pub(super) fn error(self) -> Option<BlockError> {
        self.failed
    }
}
