//! Reads series from whichever tiers answer best; `rollup/choice.rs` says which.

use crate::block::meta::Part;
use crate::block::set::BlockSet;
use crate::merge::{LoadError, Loader, Piece, Visit, weave};
use crate::rollup::choice::{self, Segment, segments, tells};
use crate::rollup::levels::{PolicyLevels, unseen};
use crate::rollup::making::{Late, add_late};
use crate::rollup::proof::{self, Bounds, Proofs};
use crate::rollup::spans::Spans;
use crate::rollup::{load, rows};
use crate::store::Shared;
use model::{Aspects, Detail, Kind, Reading, Rolled, Row, SeriesId, Table, TierChoice, TimeRange};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Reads one series after the other.
pub(super) struct TierReader<'a> {
    shared: &'a Shared,
    loader: Loader,
    reading: Reading,
    /// Worked out last: series that are scraped together have the same parts, and working them out costs more than
    /// reading a few rows.
    known: Option<(Facts, Vec<Segment>)>,
    proofs: Proofs,
    /// Rows on their way.
    table: Table,
}

/// What decides, for one range and detail, which tier answers which part.
struct Facts {
    set: Arc<BlockSet>,
    kind: Kind,
    /// Places among the policies of the blocks.
    policies: Vec<usize>,
    memory: Spans,
    deleted: Spans,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.set, &other.set)
            && (self.kind, &self.policies) == (other.kind, &other.policies)
            && (&self.memory, &self.deleted) == (&other.memory, &other.deleted)
    }
}

impl<'a> TierReader<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            loader: Loader::default(),
            reading: Reading::default(),
            known: None,
            proofs: Proofs::default(),
            table: Table::default(),
        }
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
        let levels = || set.levels().values().enumerate().filter(|(_, levels)| levels.has(set.all(), id));
        let (places, policies): (Vec<usize>, Vec<&PolicyLevels>) =
            if is_plain { Default::default() } else { levels().unzip() };
        let parts = if is_plain {
            vec![Segment::of_samples(range)]
        } else {
            let memory = in_memory.iter().map(|p| TimeRange::new(p.first_ms, p.last_ms.saturating_add(1)));
            // Rounded as the finest rows are, so that series whose samples differ by moments have the same.
            let tiers = policies.iter().flat_map(|policy| policy.levels.keys());
            let finest_ms = tiers.copied().filter(|tier_ms| *tier_ms > 0).min().unwrap_or(1);
            let memory = Spans::new(memory).outward(i64::from(finest_ms));
            // Rows with deleted samples in them are not used where samples tell what is left.
            let deleted = set.overlapping(range).filter_map(|b| b.hidden(b.index.ordinal(id)?));
            let deleted = Spans::new(deleted.flat_map(|hidden| hidden.to_vec()));
            let facts = Facts { set: Arc::clone(&set), kind, policies: places, memory, deleted };
            self.segments(facts, range, detail, &policies)
        };
        let mut in_memory = Some(in_memory).filter(|pieces| !pieces.is_empty());
        let last = parts.iter().rposition(|part| part.tier_ms == 0 || part.lost || part.doubted);
        for (at, part) in parts.iter().enumerate() {
            // Pieces that reach over several parts are clipped to each.
            let own = if Some(at) == last { in_memory.take() } else { in_memory.clone() }.unwrap_or_default();
            let flow = if part.doubted {
                self.doubted(&set, id, part, own, detail, visit)?
            } else if part.tier_ms == 0 {
                self.samples(&set, id, part, own, detail, visit)?
            } else if tells(part.tier_ms, kind, detail.aspects) {
                let late = if part.lost { self.late(&set, &policies, id, part, own)? } else { Vec::new() };
                self.rows(&set, id, part, detail.aspects, (kind, late), visit)?
            } else {
                ControlFlow::Continue(())
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn segments(
        &mut self,
        facts: Facts,
        range: TimeRange,
        detail: &Detail<'_>,
        policies: &[&PolicyLevels],
    ) -> Vec<Segment> {
        if let Some((known, found)) = &self.known
            && *known == facts
        {
            return found.clone();
        }
        let found = segments(range, detail, facts.kind, policies, &facts.memory, &facts.deleted);
        self.known = Some((facts, found.clone()));
        found
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
        self.woven(pieces, part.range, detail, visit)
    }

    fn woven(
        &mut self,
        mut pieces: Vec<Piece>,
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        pieces.retain(|piece| piece.meets(range));
        if !pieces.is_empty() {
            self.reading.used(0);
        }
        let flow = weave(&mut pieces, range, Some(detail), &mut self.loader, visit);
        self.loader.recycle(pieces);
        flow
    }

    /// Rows if they are as good as the samples, else these.
    fn doubted(
        &mut self,
        set: &BlockSet,
        id: SeriesId,
        part: &Segment,
        in_memory: Vec<Piece>,
        detail: &Detail<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        let shift_ms = choice::shift_ms(detail, part.tier_ms);
        // A sample at the very end is in no row of the part, and yet in its last bucket.
        let around = TimeRange::new(part.range.start_ms, part.range.end_ms.saturating_add(1));
        let mut pieces: Vec<Piece> = in_memory.into_iter().filter(|piece| piece.meets(around)).collect();
        for block in set.of_tier(0, around) {
            pieces.extend(Piece::in_block(block, id, around)?);
        }
        let bounds = Bounds { range: part.range, tier_ms: part.tier_ms, shift_ms, edges_ms: detail.edges_ms };
        if let Some(counts) = self.proofs.counts(&pieces, &bounds, &mut self.loader)? {
            let blocks = || set.of_tier(part.tier_ms, part.range);
            let (range, aspects) = (part.range, detail.aspects);
            let is_table = load::table(blocks(), id, range, aspects, &mut self.loader, &mut self.table)?;
            let mut rows = Vec::new();
            let holds = if is_table {
                proof::holds_for(&counts, &bounds, &mut self.table)
            } else {
                rows = load::rows(blocks(), id, range, aspects, &mut self.loader)?.1;
                proof::holds(&counts, &bounds, &mut rows)
            };
            if holds {
                self.reading.used(part.tier_ms);
                self.loader.recycle(pieces);
                let found = if is_table { Rolled::Table(&self.table) } else { Rolled::Rows(&rows) };
                return Ok(if found.is_empty() { ControlFlow::Continue(()) } else { visit(found) });
            }
        }
        let range = choice::moved(part.range, shift_ms);
        self.woven(pieces, range, detail, visit)
    }

    /// What arrived when the samples beside it were gone, and has not been taken into account by rows.
    fn late(
        &mut self,
        set: &BlockSet,
        policies: &[&PolicyLevels],
        id: SeriesId,
        part: &Segment,
        in_memory: Vec<Piece>,
    ) -> Result<Vec<Piece>, LoadError> {
        let levels = policies.iter().filter_map(|policy| policy.levels.get(&part.tier_ms));
        let rows: Vec<Part> = levels.flat_map(|level| level.parts.iter().copied()).collect();
        let here = Spans::new([part.range]);
        let mut pieces = in_memory;
        for block in set.of_tier(0, part.range).filter(|block| block.meta.replaces.is_empty()) {
            let is_new = |own: &Part| !unseen(&rows, own).intersect(&here).is_empty();
            if block.meta.parts().iter().any(is_new) {
                pieces.extend(Piece::in_block(block, id, part.range)?);
            }
        }
        Ok(pieces)
    }

    /// Rows with what came late.
    fn add_late(
        &mut self,
        rows: Vec<Row>,
        mut pieces: Vec<Piece>,
        part: &Segment,
        kind: Kind,
    ) -> Result<Vec<Row>, LoadError> {
        let mut late = Late::new(part.tier_ms, kind);
        let mut add = |piece: Rolled<'_>| {
            if let Rolled::Samples { times_ms, values } = piece {
                late.add_samples(times_ms, values, &rows);
            }
            ControlFlow::Continue(())
        };
        let _ = weave(&mut pieces, part.range, None, &mut self.loader, &mut add)?; // it always goes on
        Ok(add_late(rows, &mut late, kind))
    }

    fn rows(
        &mut self,
        set: &BlockSet,
        id: SeriesId,
        part: &Segment,
        wanted: Aspects,
        (kind, late): (Kind, Vec<Piece>),
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, LoadError> {
        // To put rows together takes all of them.
        let wanted = if late.is_empty() { wanted } else { rows::every_aspect() };
        let blocks = || set.of_tier(part.tier_ms, part.range);
        let is_table = late.is_empty()
            && load::table(blocks(), id, part.range, wanted, &mut self.loader, &mut self.table)?;
        let mut rows = Vec::new();
        if !is_table {
            rows = load::rows(blocks(), id, part.range, wanted, &mut self.loader)?.1;
            rows = if late.is_empty() { rows } else { self.add_late(rows, late, part, kind)? };
        }
        let found = if is_table { Rolled::Table(&self.table) } else { Rolled::Rows(&rows) };
        if found.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.reading.used(part.tier_ms);
        if part.gone {
            self.reading.note_gone(part.range, part.tier_ms);
        }
        Ok(visit(found))
    }
}

/// The kind of a series as the newest rows have it.
fn kind(set: &BlockSet, id: SeriesId) -> Kind {
    let blocks = set.all().iter().rev().filter(|block| block.meta.origin.tier_ms > 0);
    let newest = blocks.into_iter().find_map(|block| block.index.kind(block.index.ordinal(id)?));
    newest.unwrap_or_default()
}
