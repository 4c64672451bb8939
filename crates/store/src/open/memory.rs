//! What is in memory, while the log is read back.

use crate::append::Appender;
use crate::block::set::BlockSet;
use crate::compact::plan;
use crate::describe::Descriptions;
use crate::head::Head;
use crate::log::Position;
use crate::log::record::{Decoded, Decoder, Unreadable};
use crate::manifest::{Manifest, OldLog};
use crate::options::millis;
use crate::series::SeriesTable;
use crate::shard::{self, Shard};
use crate::stats::Counters;
use crate::{Damage, Event, Item, Options};
use hashbrown::HashMap;
use model::{Kind, Series, SeriesId};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The memory of a store in the making.
pub(super) struct Memory<'a> {
    options: &'a Options,
    parts: Vec<Part>,
    /// Shard and ordinal of each series.
    places: HashMap<SeriesId, (u32, u32)>,
    pub(super) descriptions: Descriptions,
    pub(super) next_id: u64,
    old_before_ms: i64,
    old_log: Option<OldLog>,
    blocks: Arc<BlockSet>,
    counters: Arc<Counters>,
    decoder: Decoder,
    /// The damage crossed last, and the records behind it that mean nothing without it.
    damage: Option<(Damage, u64)>,
}

/// A shard in the making.
struct Part {
    series: SeriesTable,
    head: Head,
    /// Samples from long ago.
    old_samples: u64,
}

impl<'a> Memory<'a> {
    /// Empty, behind these blocks.
    pub(super) fn new(
        options: &'a Options,
        counters: Arc<Counters>,
        blocks: Arc<BlockSet>,
        manifest: &Manifest,
    ) -> Self {
        let span_ms = millis(options.block_span);
        let part = || Part { series: SeriesTable::default(), head: Head::new(span_ms), old_samples: 0 };
        let now_ms = options.clock.now_ms();
        Self {
            options,
            parts: (0..options.shards).map(|_| part()).collect(),
            places: HashMap::new(),
            descriptions: Descriptions::default(),
            next_id: manifest.next_id,
            old_before_ms: plan::old_before_ms(now_ms, options.late_window, options.block_span),
            old_log: manifest.old_log,
            blocks,
            counters,
            decoder: Decoder::default(),
            damage: None,
        }
    }

    /// Takes what a record of a log of version 1 says, except samples that are in blocks.
    pub(super) fn take_old(&mut self, position: Position, decoded: &Decoded) {
        let covered = self.old_log.filter(|log| position < log.covered);
        self.take(decoded, covered.map_or(i64::MIN, |log| log.boundary_ms));
    }

    /// Takes what comes next in the log.
    pub(super) fn take_item(&mut self, item: Item<'_>, decoded: &mut Decoded) -> ControlFlow<()> {
        match item {
            Item::Lost(damage) => {
                self.decoder.lose();
                self.tell_damage();
                self.damage = Some((damage, 0));
            }
            Item::Record(record) => {
                let read = self.decoder.decode(record.body, decoded);
                if read == Err(Unreadable::Malformed) && self.damage.is_none() {
                    let place = format!("record {}", record.offset);
                    let offsets = record.offset..record.offset + 1;
                    self.damage =
                        Some((Damage { place, at: 0, len_bytes: record.body.len() as u64, offsets }, 0));
                } else if read.is_err()
                    && let Some((_, behind)) = &mut self.damage
                {
                    *behind += 1;
                }
                self.take(decoded, i64::MIN);
            }
        }
        ControlFlow::Continue(())
    }

    /// Tells the damage crossed last.
    fn tell_damage(&mut self) {
        if let Some((damage, behind)) = self.damage.take() {
            let Damage { place: file, at: offset, len_bytes, offsets } = damage;
            let records_lost = offsets.end - offsets.start + behind;
            (self.options.tell)(Event::LogDamaged { file, offset, len_bytes, records_lost });
        }
    }

    /// Takes what a record says, except samples before `from_ms`.
    fn take(&mut self, decoded: &Decoded, from_ms: i64) {
        for (id, kind, labels) in &decoded.definitions {
            self.define(Series { id: *id, labels: labels.clone(), kind: *kind });
        }
        for description in &decoded.descriptions {
            self.descriptions.learn(description.clone());
        }
        let (mut replayed, mut lost) = (0, 0);
        for (id, sample) in &decoded.samples {
            // An id is never given out again, not even when its labels were lost.
            self.next_id = self.next_id.max(id.0.saturating_add(1));
            if sample.time_ms < from_ms {
                continue;
            }
            let Some((shard, ordinal)) = self.place(*id) else {
                lost += 1;
                continue;
            };
            let part = &mut self.parts[shard as usize];
            part.head.insert(ordinal, sample.time_ms, sample.value);
            part.old_samples += u64::from(sample.time_ms < self.old_before_ms);
            replayed += 1;
        }
        self.counters.replayed.add(replayed);
        self.counters.lost.add(lost);
    }

    /// Where a series is in memory; when its labels are not in the log, a block may have them.
    #[inline]
    fn place(&mut self, id: SeriesId) -> Option<(u32, u32)> {
        if let Some(place) = self.places.get(&id) {
            return Some(*place);
        }
        let block = self.blocks.all().iter().rev().find(|block| block.index.ordinal(id).is_some())?;
        let series = block.series(block.index.ordinal(id)?).ok()?;
        self.define(series);
        self.places.get(&id).copied()
    }

    fn define(&mut self, series: Series) {
        self.next_id = self.next_id.max(series.id.0.saturating_add(1));
        if let Some(&(shard, ordinal)) = self.places.get(&series.id) {
            if series.kind != Kind::Unknown {
                self.parts[shard as usize].series.set_kind(ordinal, series.kind);
            }
            return;
        }
        let shard = shard::of_key(series.labels.key(), self.parts.len());
        let part = &mut self.parts[shard];
        // Two ids have the same labels when all samples were deleted and the series came back: the first one stays.
        let ordinal = part.series.find(series.labels.key()).unwrap_or_else(|| {
            let ordinal = part.series.add(series.id, series.labels.key(), series.kind);
            part.head.grow(part.series.len());
            ordinal
        });
        self.places.insert(series.id, (shard as u32, ordinal));
    }

    /// Ends the reading: series without samples are forgotten again.
    pub(super) fn finish(mut self) -> (Vec<Shard>, Descriptions, u64) {
        self.tell_damage();
        let samples = self.counters.lost.get();
        if samples > 0 {
            (self.options.tell)(Event::SamplesLost { samples });
        }
        let shards = self.parts.into_iter().map(Part::finish).collect();
        (shards, self.descriptions, self.next_id)
    }
}

impl Part {
    fn finish(mut self) -> Shard {
        let has_samples = |ordinal: &u32| self.head.column(*ordinal).is_some_and(|c| !c.is_empty());
        let kept: Vec<u32> = (0..self.series.len() as u32).filter(has_samples).collect();
        if kept.len() < self.series.len() {
            self.series.keep(&kept);
            self.head.keep(&kept);
        }
        let ids = (0..self.series.len() as u32).map(|ordinal| self.series.id(ordinal));
        let appender = Appender::new(self.old_samples, ids);
        Shard::new(appender, self.series, self.head)
    }
}
