//! What is in memory, while the log is read back.

use crate::block::set::BlockSet;
use crate::describe::Descriptions;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::options::millis;
use crate::series::SeriesTable;
use crate::stats::Counters;
use crate::wal::Position;
use crate::wal::record::Decoded;
use crate::{Event, Options};
use model::{Kind, Series, SeriesId};
use std::collections::HashMap;
use std::sync::Arc;

/// The memory of a store in the making.
pub(super) struct Memory {
    pub(super) series: SeriesTable,
    pub(super) head: Head,
    pub(super) descriptions: Descriptions,
    pub(super) next_id: u64,
    /// Samples older than the boundary.
    pub(super) old_samples: u64,
    boundary_ms: i64,
    /// Samples before this in records before `covered` are in blocks.
    until_ms: i64,
    covered: Position,
    blocks: Arc<BlockSet>,
    counters: Arc<Counters>,
    /// Further ids of series: one whose samples were all deleted comes back with a new one.
    aliases: HashMap<SeriesId, SeriesId>,
}

impl Memory {
    /// Empty, behind these blocks.
    pub(super) fn new(
        options: &Options,
        counters: Arc<Counters>,
        blocks: Arc<BlockSet>,
        manifest: &Manifest,
    ) -> Self {
        Self {
            series: SeriesTable::default(),
            head: Head::new(millis(options.block_span)),
            descriptions: Descriptions::default(),
            next_id: manifest.next_id,
            old_samples: 0,
            boundary_ms: manifest.boundary_ms,
            until_ms: manifest.old_log.map_or(manifest.boundary_ms, |log| log.boundary_ms),
            covered: manifest.old_log.map_or_else(Position::default, |log| log.covered),
            blocks,
            counters,
            aliases: HashMap::new(),
        }
    }

    /// Takes what a record of the log says, except samples that are in blocks.
    pub(super) fn take(&mut self, position: Position, decoded: &Decoded) {
        for (id, kind, labels) in &decoded.definitions {
            self.define(Series { id: *id, labels: labels.clone(), kind: *kind });
        }
        for description in &decoded.descriptions {
            self.descriptions.learn(description.clone());
        }
        let is_covered = position < self.covered;
        let (mut replayed, mut lost) = (0, 0);
        for (id, sample) in &decoded.samples {
            // An id is never given out again, not even when its labels were lost.
            self.next_id = self.next_id.max(id.0.saturating_add(1));
            let is_old = sample.time_ms < self.boundary_ms;
            if sample.time_ms < self.until_ms && is_covered {
                continue;
            }
            let Some(ordinal) = self.ordinal(*id) else {
                lost += 1;
                continue;
            };
            self.head.insert(ordinal, sample.time_ms, sample.value);
            replayed += 1;
            self.old_samples += u64::from(is_old);
        }
        self.counters.replayed.add(replayed);
        self.counters.lost.add(lost);
    }

    /// Where a series is in memory; when its labels are not in the log, a block may have them.
    fn ordinal(&mut self, id: SeriesId) -> Option<u32> {
        let id = self.aliases.get(&id).copied().unwrap_or(id);
        if let Some(ordinal) = self.series.ordinal(id) {
            return Some(ordinal);
        }
        let block = self.blocks.all().iter().rev().find(|block| block.index.ordinal(id).is_some())?;
        let series = block.series(block.index.ordinal(id)?).ok()?;
        self.define(series);
        self.series.ordinal(id)
    }

    fn define(&mut self, series: Series) {
        self.next_id = self.next_id.max(series.id.0.saturating_add(1));
        match self.series.ordinal(series.id) {
            Some(ordinal) if series.kind != Kind::Unknown => self.series.set_kind(ordinal, series.kind),
            Some(_) => {}
            None if self.series.find(series.labels.key()).is_some() => {
                let ordinal = self.series.find(series.labels.key()).unwrap_or_default();
                self.aliases.insert(series.id, self.series.get(ordinal).id);
            }
            None => {
                self.series.add(series.id, series.labels.key(), series.kind);
                self.head.grow(self.series.len());
            }
        }
    }

    /// Ends the reading: series without samples are forgotten again.
    pub(super) fn finish(&mut self, options: &Options) {
        let samples = self.counters.lost.get();
        if samples > 0 {
            (options.tell)(Event::SamplesLost { samples });
        }
        let has_samples = |ordinal: &u32| self.head.column(*ordinal).is_some_and(|c| !c.is_empty());
        let kept: Vec<u32> = (0..self.series.len() as u32).filter(has_samples).collect();
        self.series.keep(&kept);
        self.head.keep(&kept);
    }
}
