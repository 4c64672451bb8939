//! The read path: samples from memory and disk as one. Which series there are is found in `list.rs`.
//!
//! Memory is always looked at before blocks: what is written out meanwhile is then seen twice and not missed.

mod tiers;

use crate::block::BlockError;
use crate::head::buffer::Buffer;
use crate::head::column::Newest;
use crate::index::matcher::Question;
use crate::list::Wanted;
use crate::merge::{LoadError, Loader, Piece, RANK_FROZEN, RANK_LIVE, Rank, weave};
use crate::names;
use crate::series::SeriesTable;
use crate::shard::Shard;
use crate::store::{Shared, Store};
use model::{
    Chunk, Description, Detail, Matcher, Node, ReadError, Reading, Rolled, Sample, Selection, SeriesId,
    Source, TimeRange,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::RwLockReadGuard;
use std::sync::atomic::Ordering;
use tiers::TierReader;

/// Series looked at while a shard's locks are held: some dozen microseconds.
const LOCKED_MAX: usize = 512;

impl Shared {
    /// A block could not be read: when it is damaged nobody gets to see it again.
    pub(crate) fn read_failed(&self, LoadError { sequence, error }: LoadError) -> ReadError {
        if let BlockError::Damaged(reason) = &error {
            self.report_damage(sequence, reason);
        }
        ReadError::Storage(format!("block {}: {error}", names::block_name(sequence)))
    }

    /// What there is of a series in `range`. Open samples are copied into buffers of `spare` while there are any.
    fn pieces(
        &self,
        id: SeriesId,
        range: TimeRange,
        spare: &mut Vec<Buffer>,
    ) -> Result<Vec<Piece>, LoadError> {
        let mut pieces = self.pieces_in_memory(id, range, spare);
        for block in self.blocks().of_tier(0, range) {
            pieces.extend(Piece::in_block(block, id, range)?);
        }
        Ok(pieces)
    }

    fn pieces_in_memory(&self, id: SeriesId, range: TimeRange, spare: &mut Vec<Buffer>) -> Vec<Piece> {
        let Some((shard, _series, ordinal)) = self.find(id) else { return Vec::new() };
        let head = shard.head();
        let Some(column) = head.column(ordinal) else { return Vec::new() };
        let mut pieces = Vec::new();
        column.runs(range.start_ms, range.end_ms, spare, |run, is_live| {
            pieces.push(Piece::of_run(run, if is_live { RANK_LIVE } else { RANK_FROZEN }));
        });
        pieces
    }

    /// Where a series is in memory; ordinals mean something as long as the table is held.
    fn find(&self, id: SeriesId) -> Option<(&Shard, RwLockReadGuard<'_, SeriesTable>, u32)> {
        self.shards.iter().find_map(|shard| {
            let series = shard.series();
            let ordinal = series.ordinal(id)?;
            Some((shard, series, ordinal))
        })
    }

    /// What memory knows about the newest samples of some series. Locks are taken once for all of them.
    fn newest_in_memory(&self, ids: &[SeriesId], range: TimeRange) -> Vec<Newest> {
        let gone_ms = self.gone_ms.load(Ordering::SeqCst);
        let mut newest = vec![None; ids.len()];
        for shard in &self.shards {
            let (series, head) = (shard.series(), shard.head());
            for (newest, id) in newest.iter_mut().zip(ids).filter(|(newest, _)| newest.is_none()) {
                let column = series.ordinal(*id).and_then(|ordinal| head.column(ordinal));
                *newest = column.map(|column| column.newest(range.start_ms, range.end_ms, gone_ms));
            }
        }
        newest.into_iter().map(|newest| newest.unwrap_or(Newest::Unknown)).collect()
    }

    /// Adds the newest sample of each of some series.
    fn newest(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        loader: &mut Loader,
        newest: &mut Vec<Option<Sample>>,
    ) -> Result<(), LoadError> {
        let sample = |(time_ms, value): (i64, f64)| Sample { time_ms, value };
        let in_memory = self.newest_in_memory(ids, range);
        let in_blocks_ms = self.blocks().of_tier(0, range).map(|block| block.meta.last_ms).max();
        for (&id, in_memory) in ids.iter().zip(in_memory) {
            newest.push(match in_memory {
                Newest::Known(known) => known.map(sample),
                // A tail is newer than the rest of its series in memory, and nearly always than all blocks.
                Newest::UnlessStored(known) if in_blocks_ms.is_none_or(|last_ms| last_ms <= known.0) => {
                    Some(sample(known))
                }
                _ => self.last(id, range, loader)?,
            });
        }
        Ok(())
    }

    /// The newest sample of a series, wherever it is.
    fn last(&self, id: SeriesId, range: TimeRange, loader: &mut Loader) -> Result<Option<Sample>, LoadError> {
        let mut pieces = self.pieces(id, range, &mut loader.spare)?;
        pieces.sort_by_key(|piece| std::cmp::Reverse((piece.last_ms, piece.rank)));
        let mut best: Option<(i64, Rank, f64)> = None;
        for piece in &pieces {
            if best.is_some_and(|(time_ms, _, _)| piece.last_ms < time_ms) {
                break;
            }
            if let Some((time_ms, value)) = loader.last(piece, range)?
                && best.is_none_or(|(t, rank, _)| (time_ms, piece.rank) > (t, rank))
            {
                best = Some((time_ms, piece.rank, value));
            }
        }
        Ok(best.map(|(time_ms, _, value)| Sample { time_ms, value }))
    }
}

impl Source for Store {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        if range.is_empty() {
            return Ok(Selection::default());
        }
        let selection =
            self.shared().list_series(&Wanted::Matching(Question::new(matchers)), range, limit)?;
        // Without a condition it is everything: nobody asked for any of them.
        if !matchers.is_empty() {
            self.shared().note_query(&selection.series);
        }
        Ok(selection)
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        if range.is_empty() {
            return Ok(());
        }
        let failed = |error| self.shared().read_failed(error);
        let mut loader = Loader::default();
        for &id in ids {
            let mut pieces = self.shared().pieces(id, range, &mut loader.spare).map_err(failed)?;
            let mut visit = |piece: Rolled<'_>| match piece {
                Rolled::Samples { times_ms, values } => visit(id, Chunk::Samples { times_ms, values }),
                Rolled::Rows(_) | Rolled::Table(_) => ControlFlow::Continue(()), // none without a detail
            };
            if weave(&mut pieces, range, None, &mut loader, &mut visit).map_err(failed)?.is_break() {
                break;
            }
            loader.recycle(pieces);
        }
        Ok(())
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        let mut reader = TierReader::new(self.shared());
        for &id in ids.iter().filter(|_| !range.is_empty()) {
            let flow = reader.series(id, range, detail, &mut |piece| visit(id, piece));
            if flow.map_err(|error| self.shared().read_failed(error))?.is_break() {
                break;
            }
        }
        Ok(reader.finish())
    }

    fn tiers_ms(&self) -> Option<Vec<u32>> {
        let (policies, set) = (self.shared().policies(), self.shared().blocks());
        let wanted = policies.used().flat_map(|policy| policy.levels().map(|(tier_ms, _)| tier_ms));
        let there = set.levels().values().flat_map(|policy| policy.levels.keys().copied());
        Some(wanted.chain(there).collect::<BTreeSet<u32>>().into_iter().collect())
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        if range.is_empty() {
            return Ok(vec![None; ids.len()]);
        }
        let (mut loader, mut newest) = (Loader::default(), Vec::with_capacity(ids.len()));
        let mut parts = ids.chunks(LOCKED_MAX);
        let read = parts.try_for_each(|ids| self.shared().newest(ids, range, &mut loader, &mut newest));
        read.map_err(|error| self.shared().read_failed(error))?;
        Ok(newest)
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        self.shared().list_names(matchers, range, limit)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        self.shared().list_values(name, matchers, range, limit)
    }

    fn nodes(
        &self,
        label: &str,
        prefix: &str,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Node>, ReadError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        self.shared().list_nodes(label, prefix, range, limit)
    }

    fn select_beside(
        &self,
        label: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        if range.is_empty() {
            return Ok(Selection::default());
        }
        let wanted = Wanted::Matching(Question::new(matchers).beside(label));
        let selection = self.shared().list_series(&wanted, range, limit)?;
        self.shared().note_query(&selection.series);
        Ok(selection)
    }

    fn select_only(
        &self,
        label: &str,
        values: &[String],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        if range.is_empty() {
            return Ok(Selection::default());
        }
        let selection = self.shared().list_series(&Wanted::Only { label, values }, range, limit)?;
        self.shared().note_query(&selection.series);
        Ok(selection)
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.shared().descriptions().get(metric).cloned()
    }
}
