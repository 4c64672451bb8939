//! Computes rows: of a minute from samples, of an hour from rows of a minute, and so on, window by window.
//!
//! Rows are a function of the blocks they were computed from. When a late block arrives for a window, its rows are
//! computed anew, and the new ones hide the old ones. Where samples are gone already, what comes later is added to the old
//! rows as far as they cannot have seen it; the rest is counted and told, and nothing ever counts twice.

use super::chain::Chain;
use super::load;
use super::making::{Late, Making, find, with_late};
use super::rows;
use super::spans::Spans;
use crate::Event;
use crate::block::meta::{Origin, Part};
use crate::block::reader::Block;
use crate::block::writer::BlockWriter;
use crate::compact::join::JoinError;
use crate::compact::pace::Pace;
use crate::compact::plan;
use crate::merge::{Body, LoadError, Loader, Piece, weave};
use crate::store::Shared;
use crate::work::Work;
use model::{Kind, Rolled, Row, SeriesId, TimeRange};
use std::cell::Cell;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A window in which rows of a tier are to be computed.
struct Job {
    policy: String,
    /// One window of the tier, or several next to each other.
    window: TimeRange,
    window_ms: i64,
    tier_ms: u32,
    /// What they are computed from.
    source: Vec<Arc<Block>>,
    /// What there is of the tier in this window.
    rows: Vec<Arc<Block>>,
    /// Samples that came when those beside them were gone, and that may be in rows already.
    left_out: Cell<u64>,
}

impl Shared {
    /// Computes all rows that are due.
    pub(crate) fn roll(&self, work: &mut Work, now_ms: i64) -> io::Result<()> {
        let closed_ms = plan::closed_ms(now_ms, self.options.late_window, self.options.block_span);
        while self.stopped.get().is_none() {
            let Some((job, behind)) = self.next_job(now_ms, closed_ms) else { break };
            let mut pace = self.pace(now_ms, behind);
            let sequence = work.next_sequence();
            if let Err(error) = self.write_rows(sequence, &job, &mut pace) {
                self.remove_blocks(&[sequence]);
                if !self.join_failed(work, error)? {
                    break;
                }
                continue;
            }
            self.commit(work, &[], &[sequence], None)?;
            self.counters.windows_rolled.add(1);
            if job.left_out.get() > 0 {
                self.counters.left_out.add(job.left_out.get());
                self.tell(Event::LeftOut {
                    samples: job.left_out.get(),
                    tier_ms: job.tier_ms,
                    range: job.window,
                });
            }
        }
        Ok(())
    }

    /// The next windows, and how many there are in all.
    fn next_job(&self, now_ms: i64, closed_ms: i64) -> Option<(Job, usize)> {
        let (set, policies, block_span) = (self.blocks(), self.policies(), self.options.block_span);
        let mut first = None;
        let mut behind = 0;
        for (name, levels) in set.levels() {
            let policy = policies.named(name);
            for due in Chain::new(policy, levels, block_span, now_ms).due(block_span, closed_ms) {
                behind += due.starts_ms.len();
                if first.is_some() {
                    continue;
                }
                let spans = plan::spans_of(block_span, policy.keep_ms(due.tier_ms), due.tier_ms);
                let known =
                    levels.levels.get(&due.tier_ms).map_or_else(Spans::default, |l| l.windows.clone());
                let Some(window) = due.run(&spans, &known) else { continue };
                let blocks = |tier_ms| in_window(set.all(), name, tier_ms, window);
                let (source, rows) = (blocks(due.from_tier_ms), blocks(due.tier_ms));
                let (policy, tier_ms, window_ms) = (name.clone(), due.tier_ms, due.window_ms);
                first =
                    Some(Job { policy, window, window_ms, tier_ms, source, rows, left_out: Cell::new(0) });
            }
        }
        first.map(|job| (job, behind))
    }

    fn write_rows(&self, sequence: u64, job: &Job, pace: &mut Pace<'_>) -> Result<(), JoinError> {
        let mut writer = BlockWriter::create(Arc::clone(&self.block_store), sequence, job.window)?;
        let mut ids: Vec<SeriesId> = job.source.iter().flat_map(|block| block.index.ids()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut loader = Loader::default();
        for id in ids {
            pace.step()?;
            let (kind, rows) = job.compute(id, &mut loader)?;
            writer.rows(&rows, kind)?;
            if let Some(block) = job.source.iter().rev().find(|block| block.index.ordinal(id).is_some()) {
                let failed = |error| LoadError { sequence: block.meta.sequence, error };
                let ordinal = block.index.ordinal(id).unwrap_or_default(); // found just now
                let series = block.series(ordinal).map_err(failed)?;
                writer.end_series(id, series.labels.key(), series.kind);
            }
        }
        writer.finish(Vec::new(), job.origin())?;
        Ok(())
    }
}

fn in_window(blocks: &[Arc<Block>], policy: &str, tier_ms: u32, window: TimeRange) -> Vec<Arc<Block>> {
    let is_wanted = |block: &&Arc<Block>| {
        let origin = &block.meta.origin;
        origin.policy == policy && origin.tier_ms == tier_ms && overlapping(block, window).next().is_some()
    };
    blocks.iter().filter(is_wanted).cloned().collect()
}

fn overlapping(block: &Block, window: TimeRange) -> impl Iterator<Item = Part> {
    block.meta.parts().into_iter().filter(move |part| part.window.overlaps(window))
}

fn newest_part(blocks: &[Arc<Block>], window: TimeRange) -> u64 {
    let parts = blocks.iter().flat_map(|block| overlapping(block, window));
    parts.map(|part| part.sequence).max().unwrap_or(0)
}

impl Job {
    fn origin(&self) -> Origin {
        let origins = || self.source.iter().map(|block| &block.meta.origin);
        Origin {
            from_offset: origins().map(|origin| origin.from_offset).min().unwrap_or(0),
            to_offset: origins().map(|origin| origin.to_offset).max().unwrap_or(0),
            tier_ms: self.tier_ms,
            policy: self.policy.clone(),
            parts: vec![Part { window: self.window, sequence: newest_part(&self.source, self.window) }],
        }
    }

    /// The rows of a series.
    fn compute(&self, id: SeriesId, loader: &mut Loader) -> Result<(Kind, Vec<Row>), LoadError> {
        let (_, before) = load::rows(self.rows.iter(), id, self.window, rows::every_aspect(), loader)?;
        if before.is_empty() {
            return self.sum_up(&self.source, self.window, id, loader);
        }
        let (mut kind, mut rows) = (Kind::Unknown, Vec::new());
        let mut start_ms = self.window.start_ms;
        while start_ms < self.window.end_ms {
            // What rows have seen is said of such a window.
            let window = TimeRange::new(start_ms, start_ms.saturating_add(self.window_ms));
            let from = before.partition_point(|row| row.span.start_ms < window.start_ms);
            let to = before.partition_point(|row| row.span.start_ms < window.end_ms);
            let (known, found) = self.compute_anew(window, &before[from..to], id, loader)?;
            kind = if known == Kind::Unknown { kind } else { known };
            rows.extend(found);
            start_ms = window.end_ms;
        }
        Ok((kind, rows))
    }

    /// The rows of a series in a window that had some.
    fn compute_anew(
        &self,
        window: TimeRange,
        before: &[Row],
        id: SeriesId,
        loader: &mut Loader,
    ) -> Result<(Kind, Vec<Row>), LoadError> {
        let (kind, rows) = self.sum_up(&self.source, window, id, loader)?;
        let seen = newest_part(&self.rows, window);
        // A block that replaces others has what these had, and less where something was deleted.
        let is_new = |block: &&Arc<Block>| {
            block.meta.replaces.is_empty() && overlapping(block, window).all(|part| part.sequence > seen)
        };
        let new: Vec<Arc<Block>> = self.source.iter().filter(is_new).cloned().collect();
        let old: Vec<Arc<Block>> = self.source.iter().filter(|block| !is_new(block)).cloned().collect();
        if new.is_empty() || before.is_empty() {
            return Ok((kind, rows));
        }
        let (_, still) = self.sum_up(&old, window, id, loader)?;
        let mut late = Late::new(self.tier_ms, kind);
        self.add_late(&new, window, id, (&mut late, before), loader)?;
        let (late, unseen) = (late.all.finish(), late.unseen.finish());
        let rows = rows.into_iter().map(|row| {
            let count = |rows: &[Row]| find(rows, row.span).map_or(0, |row| row.count);
            if count(&still) >= count(before) {
                return row;
            }
            // What the old row was computed from is gone.
            match (find(before, row.span), find(&late, row.span)) {
                (Some(before), Some(late)) => {
                    let (row, left_out) = with_late(before, late, find(&unseen, row.span), kind);
                    self.left_out.set(self.left_out.get() + left_out);
                    row
                }
                (Some(before), None) => *before,
                (None, _) => row,
            }
        });
        Ok((kind, rows.collect()))
    }

    /// Adds what came late to rows that were there before.
    fn add_late(
        &self,
        blocks: &[Arc<Block>],
        window: TimeRange,
        id: SeriesId,
        (late, before): (&mut Late, &[Row]),
        loader: &mut Loader,
    ) -> Result<(), LoadError> {
        if blocks.first().is_some_and(|block| block.meta.origin.tier_ms > 0) {
            let (_, rows) = load::rows(blocks.iter(), id, window, rows::every_aspect(), loader)?;
            rows.iter().for_each(|row| late.add_row(row, before));
            return Ok(());
        }
        let mut pieces = Vec::new();
        for block in blocks {
            pieces.extend(Piece::in_block(block, id, window)?);
        }
        let mut visit = |piece: Rolled<'_>| {
            if let Rolled::Samples { times_ms, values } = piece {
                late.add_samples(times_ms, values, before);
            }
            ControlFlow::Continue(())
        };
        let _ = weave(&mut pieces, window, None, loader, &mut visit)?; // it always goes on
        Ok(())
    }

    fn sum_up(
        &self,
        blocks: &[Arc<Block>],
        window: TimeRange,
        id: SeriesId,
        loader: &mut Loader,
    ) -> Result<(Kind, Vec<Row>), LoadError> {
        let mut making = Making::new(self.tier_ms, Kind::Unknown);
        if blocks.first().is_some_and(|block| block.meta.origin.tier_ms > 0) {
            let (kind, rows) = load::rows(blocks.iter(), id, window, rows::every_aspect(), loader)?;
            making.kind = kind;
            for row in &rows {
                making.at(row.span.start_ms).add_row(row);
            }
            return Ok((kind, making.finish()));
        }
        let mut pieces = Vec::new();
        for block in blocks {
            let own = Piece::in_block(block, id, window)?;
            if let Some(Piece { body: Body::Stored(_, chunk), .. }) = own.first() {
                making.kind = chunk.kind; // of the newest block in the end
            }
            pieces.extend(own);
        }
        let mut visit = |piece: Rolled<'_>| {
            if let Rolled::Samples { times_ms, values } = piece {
                making.add_samples(times_ms, values);
            }
            ControlFlow::Continue(())
        };
        let _ = weave(&mut pieces, window, None, loader, &mut visit)?; // it always goes on
        Ok((making.kind, making.finish()))
    }
}
