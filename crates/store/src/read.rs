//! The read path: samples from memory and disk as one. Which series there are is found in `list.rs`.
//!
//! Memory is always looked at before blocks: what is written out meanwhile is then seen twice and not missed.

mod tiers;

use crate::block::BlockError;
use crate::head::column::Newest;
use crate::merge::{LoadError, Loader, Piece, RANK_FROZEN, RANK_LIVE, Rank, weave};
use crate::names;
use crate::series::SeriesTable;
use crate::shard::Shard;
use crate::store::{Shared, Store};
use model::{
    Chunk, Description, Detail, Matcher, ReadError, Reading, Rolled, Sample, Selection, SeriesId, Source,
    TimeRange,
};
use std::ops::ControlFlow;
use std::sync::RwLockReadGuard;
use std::sync::atomic::Ordering;
use tiers::TierReader;

impl Shared {
    /// A block could not be read: when it is damaged nobody gets to see it again.
    pub(crate) fn read_failed(&self, LoadError { sequence, error }: LoadError) -> ReadError {
        if let BlockError::Damaged(reason) = &error {
            self.report_damage(sequence, reason);
        }
        ReadError::Storage(format!("block {}: {error}", names::block_name(sequence)))
    }

    /// What there is of a series in `range`.
    pub(crate) fn pieces(&self, id: SeriesId, range: TimeRange) -> Result<Vec<Piece>, LoadError> {
        let mut pieces = self.pieces_in_memory(id, range);
        for block in self.blocks().of_tier(0, range) {
            pieces.extend(Piece::in_block(block, id, range)?);
        }
        Ok(pieces)
    }

    pub(crate) fn pieces_in_memory(&self, id: SeriesId, range: TimeRange) -> Vec<Piece> {
        let Some((shard, _series, ordinal)) = self.find(id) else { return Vec::new() };
        let head = shard.head();
        let Some(column) = head.column(ordinal) else { return Vec::new() };
        let (frozen, live) = column.runs(range.start_ms, range.end_ms);
        let frozen = frozen.into_iter().map(|run| Piece::of_run(run, RANK_FROZEN));
        frozen.chain(live.into_iter().map(|run| Piece::of_run(run, RANK_LIVE))).collect()
    }

    /// Where a series is in memory; ordinals mean something as long as the table is held.
    fn find(&self, id: SeriesId) -> Option<(&Shard, RwLockReadGuard<'_, SeriesTable>, u32)> {
        self.shards.iter().find_map(|shard| {
            let series = shard.series();
            let ordinal = series.ordinal(id)?;
            Some((shard, series, ordinal))
        })
    }

    /// What memory knows about the newest sample.
    fn newest_in_memory(&self, id: SeriesId, range: TimeRange) -> Newest {
        let gone_ms = self.gone_ms.load(Ordering::SeqCst);
        let Some((shard, _series, ordinal)) = self.find(id) else { return Newest::Unknown };
        let head = shard.head();
        let newest = head.column(ordinal).map(|column| column.newest(range.start_ms, range.end_ms, gone_ms));
        newest.unwrap_or(Newest::Unknown)
    }

    fn last(&self, id: SeriesId, range: TimeRange, loader: &mut Loader) -> Result<Option<Sample>, LoadError> {
        let sample = |(time_ms, value): (i64, f64)| Sample { time_ms, value };
        match self.newest_in_memory(id, range) {
            Newest::Known(newest) => return Ok(newest.map(sample)),
            // A tail is newer than the rest of its series in memory, and nearly always than all blocks.
            Newest::UnlessStored(newest)
                if self.blocks().of_tier(0, range).all(|block| block.meta.last_ms <= newest.0) =>
            {
                return Ok(Some(sample(newest)));
            }
            _ => {}
        }
        let mut pieces = self.pieces(id, range)?;
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
        Ok(best.map(|(time_ms, _, value)| sample((time_ms, value))))
    }
}

impl Source for Store {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        if range.is_empty() {
            return Ok(Selection::default());
        }
        let selection = self.shared().list_series(matchers, range, limit)?;
        self.shared().note_query(matchers, &selection.series);
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
            let mut pieces = self.shared().pieces(id, range).map_err(failed)?;
            let mut visit = |piece: Rolled<'_>| match piece {
                Rolled::Samples { times_ms, values } => visit(id, Chunk::Samples { times_ms, values }),
                Rolled::Rows(_) => ControlFlow::Continue(()), // none without a detail
            };
            if weave(&mut pieces, range, None, &mut loader, &mut visit).map_err(failed)?.is_break() {
                break;
            }
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

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        if range.is_empty() {
            return Ok(vec![None; ids.len()]);
        }
        let mut loader = Loader::default();
        let last = |&id: &SeriesId| self.shared().last(id, range, &mut loader);
        ids.iter().map(last).collect::<Result<_, _>>().map_err(|error| self.shared().read_failed(error))
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

    fn describe(&self, metric: &str) -> Option<Description> {
        self.shared().descriptions().get(metric).cloned()
    }
}
