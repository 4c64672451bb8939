//! Reads series from whichever tiers answer best; `rollup/choice.rs` says which.

use crate::block::set::BlockSet;
use crate::merge::{LoadError, Loader, Piece, Visit, weave};
use crate::rollup::choice::{Segment, segments, tells};
use crate::rollup::levels::PolicyLevels;
use crate::rollup::load;
use crate::rollup::spans::Spans;
use crate::store::Shared;
use model::{Aspects, Detail, Kind, Reading, Rolled, SeriesId, TierChoice, TimeRange};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Reads one series after the other.
pub(super) struct TierReader<'a> {
    shared: &'a Shared,
    loader: Loader,
    reading: Reading,
}

impl<'a> TierReader<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, loader: Loader::default(), reading: Reading::default() }
    }

    /// Where all came from.
    pub(super) fn finish(self) -> Reading {
        self.reading
    }

    /// Visits what there is of a series.
    pub(super) fn series(
        &mut self,
        id: SeriesId,
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        // Memory before blocks, so that what is written out meanwhile is seen twice and not missed.
        let in_memory = self.shared.pieces_in_memory(id, range, &mut self.loader.spare);
        let set = self.shared.blocks();
        let is_plain = matches!(detail.tier, TierChoice::Auto | TierChoice::Only(0)) && !set.has_rows();
        let kind = if is_plain { Kind::Unknown } else { kind(&set, id) };
        let parts = if is_plain {
            vec![Segment { range, tier_ms: 0, gone: false }]
        } else {
            let policies: Vec<&PolicyLevels> =
                set.levels().values().filter(|levels| levels.has(set.all(), id)).collect();
            let memory = in_memory.iter().map(|p| TimeRange::new(p.first_ms, p.last_ms.saturating_add(1)));
            // Rows with deleted samples in them are not used where samples tell what is left.
            let deleted = set.overlapping(range).filter_map(|b| b.hidden(b.index.ordinal(id)?));
            let deleted: Vec<TimeRange> = deleted.flat_map(|hidden| hidden.to_vec()).collect();
            segments(range, detail, kind, &policies, &Spans::new(memory), &Spans::new(deleted))
        };
        let mut in_memory = Some(in_memory).filter(|pieces| !pieces.is_empty());
        let last = parts.iter().rposition(|part| part.tier_ms == 0);
        for (at, part) in parts.iter().enumerate() {
            let flow = if part.tier_ms == 0 {
                // Pieces that reach over several parts are clipped to each.
                let own = if Some(at) == last { in_memory.take() } else { in_memory.clone() };
                self.samples(&set, id, part, own.unwrap_or_default(), detail, visit)?
            } else {
                self.rows(&set, id, part, kind, detail.aspects, visit)?
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn samples(
        &mut self,
        set: &BlockSet,
        id: SeriesId,
        part: &Segment,
        in_memory: Vec<Piece>,
        detail: &Detail<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        let mut pieces = in_memory;
        for block in set.of_tier(0, part.range) {
            pieces.extend(Piece::in_block(block, id, part.range)?);
        }
        pieces.retain(|piece| piece.first_ms < part.range.end_ms && part.range.start_ms <= piece.last_ms);
        if !pieces.is_empty() {
            self.reading.used(0);
        }
        let flow = weave(&mut pieces, part.range, Some(detail), &mut self.loader, visit);
        self.loader.recycle(pieces);
        flow
    }

    fn rows(
        &mut self,
        set: &BlockSet,
        id: SeriesId,
        part: &Segment,
        kind: Kind,
        aspects: Aspects,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        if !tells(part.tier_ms, kind, aspects) {
            return Ok(ControlFlow::Continue(()));
        }
        let (_, rows) = load::rows(set.of_tier(part.tier_ms, part.range), id, part.range)?;
        if rows.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.reading.used(part.tier_ms);
        if part.gone {
            self.reading.note_gone(part.range, part.tier_ms);
        }
        Ok(visit(Rolled::Rows(&rows)))
    }
}

/// The kind of a series as the newest rows have it.
fn kind(set: &BlockSet, id: SeriesId) -> Kind {
    let blocks: Vec<&Arc<_>> = set.all().iter().filter(|block| block.meta.origin.tier_ms > 0).collect();
    let newest = blocks.into_iter().rev().find_map(|block| block.index.chunks(block.index.ordinal(id)?));
    newest.map_or(Kind::Unknown, |(kind, _)| kind)
}
