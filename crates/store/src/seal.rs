//! From memory into blocks: everything that records of the log up to an offset brought is frozen, written, and
//! forgotten in memory.
//!
//! The offset is taken while nobody appends, so what is frozen is exactly what the records before it say, and each record
//! is in one seal. The blocks and the offset become true with one swap of the manifest; reading the log back starts there.
//! A seal is one block of the window that has just ended, late samples included, and further ones only for samples from
//! long ago (imports), which may lie anywhere.

use crate::Offset;
use crate::append::PARTITION;
use crate::block::meta::Origin;
use crate::block::writer::BlockWriter;
use crate::compact::plan;
use crate::head::chunk::Chunk;
use crate::log::version_1;
use crate::options::millis;
use crate::policy::{self, Policies};
use crate::shard::Shard;
use crate::store::Shared;
use crate::work::{Frozen, Work};
use model::{Series, SeriesId, TimeRange};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Series frozen before writers get their turn.
const FREEZE_AT_ONCE: usize = 512;
/// What belongs to a window that has ended may arrive for this long before it is sealed, in milliseconds.
pub(crate) const SEAL_DELAY_MS: i64 = 60_000;

/// A series in memory, in order of id.
type Place = (SeriesId, usize, u32);

impl Shared {
    /// Writes out what is due at `now_ms`; first what was frozen by an earlier call that failed.
    pub(crate) fn seal(&self, work: &mut Work, now_ms: i64) -> io::Result<()> {
        loop {
            if work.frozen.is_none() {
                work.frozen = self.freeze_due(work, now_ms)?;
            }
            match work.frozen {
                Some(frozen) => self.write_frozen(work, frozen)?,
                None => return Ok(()),
            }
        }
    }

    /// Writes out everything that was pushed until now.
    pub(crate) fn seal_all(&self, work: &mut Work) -> io::Result<()> {
        if let Some(frozen) = work.frozen {
            self.write_frozen(work, frozen)?;
        }
        if self.shards.iter().all(|shard| shard.head().samples() == 0) {
            return Ok(());
        }
        let home_start_ms = plan::window_start_ms(self.options.clock.now_ms(), self.options.block_span);
        work.frozen = self.freeze(work, work.boundary_ms, home_start_ms)?;
        match work.frozen {
            Some(frozen) => self.write_frozen(work, frozen),
            None => Err(io::Error::other("an earlier write ended in a panic")),
        }
    }

    fn write_frozen(&self, work: &mut Work, frozen: Frozen) -> io::Result<()> {
        let mut written = Vec::new();
        let policies = self.policies();
        for window in self.windows(frozen) {
            for policy in policies.used() {
                match self.write_window(work, window, frozen, (&policies, &policy.name)) {
                    Ok(sequence) => written.extend(sequence),
                    Err(error) => {
                        self.remove_blocks(&written);
                        return Err(error);
                    }
                }
            }
        }
        self.save_descriptions().inspect_err(|_| self.remove_blocks(&written))?;
        self.commit(work, &[], &written, Some(frozen))?;
        self.counters.blocks_written.add(written.len() as u64);
        work.frozen = None;
        // Readers look at memory first and then at blocks, so there is no moment at which they see neither.
        self.thaw();
        self.copy_manifest(work)?;
        self.log.trim(PARTITION, frozen.to)?;
        let old = std::mem::take(&mut work.old_segments);
        version_1::remove(&self.options, &old).inspect_err(|_| work.old_segments = old)
    }

    /// Freezes all there is when a window has ended, or when there is too much.
    fn freeze_due(&self, work: &mut Work, now_ms: i64) -> io::Result<Option<Frozen>> {
        let span = self.options.block_span;
        let ended_ms = plan::window_start_ms(now_ms.saturating_sub(self.delay_ms()), span);
        let is_over = ended_ms > work.boundary_ms;
        let oldest_ms = self.shards.iter().map(|shard| shard.head().oldest_ms()).min().unwrap_or(i64::MAX);
        if is_over && oldest_ms >= ended_ms {
            work.boundary_ms = ended_ms;
            if oldest_ms == i64::MAX {
                self.thaw();
            }
            return Ok(None);
        }
        if !is_over && !self.is_crowded(work, oldest_ms)? {
            return Ok(None);
        }
        let home_start_ms =
            if is_over { ended_ms - millis(span) } else { plan::window_start_ms(now_ms, span) };
        let boundary_ms = ended_ms.max(work.boundary_ms);
        self.freeze(work, boundary_ms, home_start_ms)
    }

    /// Freezes all there is. `None` when memory may lack what the log has.
    fn freeze(&self, work: &mut Work, boundary_ms: i64, home_start_ms: i64) -> io::Result<Option<Frozen>> {
        let Some(to) = self.cut()? else { return Ok(None) };
        work.sealed_log_bytes = self.counters.log_bytes.get();
        self.shards.iter().for_each(freeze_shard);
        Ok(Some(Frozen { from: work.manifest.next_offset.min(to), to, boundary_ms, home_start_ms }))
    }

    fn delay_ms(&self) -> i64 {
        SEAL_DELAY_MS.min(millis(self.options.block_span) / 60)
    }

    /// Whether there is so much that it must not wait for its window to end.
    fn is_crowded(&self, work: &Work, oldest_ms: i64) -> io::Result<bool> {
        if oldest_ms == i64::MAX {
            return Ok(false);
        }
        let old: u64 = self.shards.iter().map(|shard| shard.any_appender().old_samples).sum();
        let log_bytes = self.counters.log_bytes.get() - work.sealed_log_bytes;
        Ok(old >= self.options.old_samples_max || log_bytes >= self.options.log_bytes_max)
    }

    /// Draws a line through the log and all heads while nobody appends; gives its offset. `None` when a writer ended in
    /// a panic: memory may lack what the log has.
    fn cut(&self) -> io::Result<Option<Offset>> {
        let locked: Result<Vec<_>, _> = self.shards.iter().map(|shard| shard.appender.lock()).collect();
        let Ok(mut appenders) = locked else { return Ok(None) };
        let to = self.log.bounds(PARTITION)?.end;
        appenders.iter_mut().for_each(|appender| appender.start_over());
        let stored_ms = self.blocks().of_tier(0, TimeRange::ALL).map(|block| block.meta.last_ms).max();
        self.shards.iter().for_each(|shard| shard.head_mut().cut(stored_ms.unwrap_or(i64::MIN)));
        Ok(Some(to))
    }

    /// The windows that frozen samples belong to: that of the recent block, and those of samples from long ago.
    fn windows(&self, frozen: Frozen) -> Vec<TimeRange> {
        let (policies, span) = (self.policies(), self.options.block_span);
        let spans = plan::spans_of(span, policies.raw_keep_ms_min(), 0);
        let old_before_ms = self.old_before(frozen);
        // What stays only until its rows are computed can lie in few blocks.
        let expired_ms = policy::oldest_ms(frozen.home_start_ms, policies.raw_keep_ms_max());
        let expired_ms = plan::floor_ms(expired_ms, &spans).min(old_before_ms);
        let expired_spans = plan::spans_expired(span);
        let mut starts = BTreeSet::new();
        let mut add = |time_ms: i64| {
            let window = if time_ms < expired_ms {
                plan::closed_window(time_ms, &expired_spans, expired_ms)
            } else if time_ms < old_before_ms {
                plan::closed_window(time_ms, &spans, old_before_ms)
            } else {
                TimeRange::new(old_before_ms, i64::MAX)
            };
            starts.insert((window.start_ms, window.end_ms));
            window
        };
        for shard in &self.shards {
            let head = shard.head();
            for ordinal in 0..head.len() as u32 {
                for chunk in head.column(ordinal).map_or(&[][..], |column| column.frozen()) {
                    let window = add(chunk.first_ms);
                    if chunk.last_ms >= window.end_ms {
                        for time_ms in chunk.decode().times_ms {
                            add(time_ms);
                        }
                    }
                }
            }
        }
        starts.into_iter().map(|(start_ms, end_ms)| TimeRange::new(start_ms, end_ms)).collect()
    }

    fn old_before(&self, frozen: Frozen) -> i64 {
        plan::before_late_ms(frozen.home_start_ms, self.options.late_window, self.options.block_span)
    }

    /// Writes the frozen samples of one window, of the series that one policy holds for.
    fn write_window(
        &self,
        work: &mut Work,
        window: TimeRange,
        frozen: Frozen,
        policy: (&Policies, &str),
    ) -> io::Result<Option<u64>> {
        let sequence = work.next_sequence();
        let written = self.try_write_window(sequence, window, frozen, policy);
        if !matches!(written, Ok(true)) {
            self.remove_blocks(&[sequence]);
        }
        Ok(written?.then_some(sequence))
    }

    fn try_write_window(
        &self,
        sequence: u64,
        window: TimeRange,
        frozen: Frozen,
        (policies, policy): (&Policies, &str),
    ) -> io::Result<bool> {
        // The recent block is at home in the window that has just ended, wherever its late samples lie.
        let home_end_ms = frozen.home_start_ms.saturating_add(millis(self.options.block_span));
        let home = match window.end_ms {
            i64::MAX => TimeRange::new(frozen.home_start_ms, home_end_ms),
            _ => window,
        };
        let mut writer = BlockWriter::create(Arc::clone(&self.block_store), sequence, home)?;
        let (mut times_ms, mut values) = (Vec::new(), Vec::new());
        for place in self.frozen_series() {
            let (series, chunks) = self.frozen_in(place, window);
            if !policies.is_single() && policies.of(&series.labels).name != policy {
                continue;
            }
            times_ms.clear();
            values.clear();
            for chunk in chunks {
                let mut samples = chunk.decode();
                let from = samples.count_before(window.start_ms);
                let to = samples.count_before(window.end_ms);
                times_ms.extend(samples.times_ms.drain(from..to));
                values.extend(samples.values.drain(from..to));
            }
            writer.samples(&times_ms, &values)?;
            writer.end_series(series.id, series.labels.key(), series.kind);
        }
        if writer.is_empty() {
            return Ok(false);
        }
        let origin = Origin { policy: policy.to_owned(), ..Origin::raw(frozen.from, frozen.to) };
        writer.finish(Vec::new(), origin)?;
        Ok(true)
    }

    /// The series that have something frozen, in order of id.
    fn frozen_series(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (at, shard) in self.shards.iter().enumerate() {
            let (series, head) = (shard.series(), shard.head());
            let is_frozen = |o: &u32| head.column(*o).is_some_and(|column| !column.frozen().is_empty());
            let ordinals = (0..series.len() as u32).filter(is_frozen);
            places.extend(ordinals.map(|ordinal| (series.id(ordinal), at, ordinal)));
        }
        places.sort_unstable();
        places
    }

    fn frozen_in(&self, (_, shard, ordinal): Place, window: TimeRange) -> (Series, Vec<Chunk>) {
        let shard = &self.shards[shard];
        let series = shard.series().get(ordinal);
        let head = shard.head();
        let frozen = head.column(ordinal).map_or(&[][..], |column| column.frozen());
        let meets = |c: &&Chunk| c.first_ms < window.end_ms && window.start_ms <= c.last_ms;
        (series, frozen.iter().filter(meets).cloned().collect())
    }

    /// Forgets what was frozen, and the series that had nothing in it and have nothing now: those that are still sent
    /// stay known, so that their senders' places stay good.
    fn thaw(&self) {
        for shard in &self.shards {
            let mut appender = shard.any_appender();
            let idle = shard.head_mut().thaw();
            let mut series = shard.series_mut();
            let mut head = shard.head_mut();
            let is_used = |ordinal: &u32| !idle.get(*ordinal as usize).copied().unwrap_or(false);
            let kept: Vec<u32> = (0..series.len() as u32).filter(is_used).collect();
            let gone = series.len() - kept.len();
            if gone > 0 {
                series.keep(&kept);
                head.keep(&kept);
                appender.keep(&kept);
                self.series_count.fetch_sub(gone, Ordering::Relaxed);
            }
        }
    }
}

/// Freezes what came before the line. Batches may be taken in between: a column that gets a new sample is frozen first.
fn freeze_shard(shard: &Shard) {
    let mut next = 0;
    loop {
        let mut head = shard.head_mut();
        if next >= head.len() {
            head.froze();
            return;
        }
        head.freeze(next..next + FREEZE_AT_ONCE);
        next += FREEZE_AT_ONCE;
    }
}
