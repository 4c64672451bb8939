//! From memory into blocks: samples of windows that are over are frozen, written, and forgotten in memory.
//!
//! Freezing notes the place in the log up to which this is true: *samples before the boundary in records before that
//! place are in blocks*. The manifest says so once the blocks are there, and reading the log back relies on it. What
//! arrives for old windows later (imports) is frozen again some time after.

use crate::block::meta::Origin;
use crate::block::writer::BlockWriter;
use crate::compact::plan;
use crate::head::chunk::Chunk;
use crate::policy::Policies;
use crate::store::Shared;
use crate::work::{Frozen, Work};
use model::{Series, TimeRange};
use std::collections::BTreeSet;
use std::io;
use std::sync::PoisonError;

/// Series frozen before writers get their turn.
const FREEZE_AT_ONCE: usize = 512;
/// Imported samples wait this long for more, in milliseconds.
const OLD_WAIT_MS: i64 = 10 * 60_000;

impl Shared {
    /// Writes out what is due at `now_ms`; first what was frozen by an earlier call that failed.
    pub(crate) fn seal(&self, work: &mut Work, now_ms: i64) -> io::Result<()> {
        loop {
            if work.frozen.is_none() {
                work.frozen = self.freeze_due(work, now_ms);
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
        if self.head().samples() == 0 {
            return Ok(());
        }
        let frozen = {
            let mut appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner);
            // Series will be forgotten here whose last values the log still knows.
            appender.log.start_over();
            Frozen { boundary_ms: appender.boundary_ms, until_ms: i64::MAX, covered: appender.log.position() }
        };
        self.freeze(frozen.until_ms);
        work.frozen = Some(frozen);
        self.write_frozen(work, frozen)
    }

    fn write_frozen(&self, work: &mut Work, frozen: Frozen) -> io::Result<()> {
        let policies = self.policies();
        let spans = plan::spans_of(self.options.block_span, policies.raw_keep_ms_min(), 0);
        let mut written = Vec::new();
        for window in self.windows(&spans, frozen.boundary_ms) {
            for policy in policies.used() {
                match self.write_window(work, window, &policies, &policy.name) {
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
        // Readers look at memory first and then at blocks, so there is no moment at which they see neither.
        self.head_mut().thaw();
        work.frozen = None;
        self.sweep();
        let mut appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner);
        appender.log.forget(frozen.covered, frozen.until_ms)
    }

    /// Freezes what is older than the boundary, when there is enough of it.
    fn freeze_due(&self, work: &mut Work, now_ms: i64) -> Option<Frozen> {
        let boundary_ms = plan::boundary_ms(now_ms, self.options.late_window, self.options.block_span);
        if self.head().oldest_ms() >= boundary_ms {
            work.old_since_ms = None;
            return None;
        }
        let frozen = {
            let mut appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner);
            let boundary_ms = boundary_ms.max(appender.boundary_ms);
            let moved_on = boundary_ms > appender.boundary_ms;
            let since = *work.old_since_ms.get_or_insert(now_ms);
            let waited = now_ms.saturating_sub(since) >= OLD_WAIT_MS;
            if !moved_on && !waited && appender.old_samples < self.options.old_samples_max {
                return None;
            }
            appender.boundary_ms = boundary_ms;
            appender.old_samples = 0;
            // Once everything was written out, what is covered can only be said of everything.
            let is_all = work.manifest.old_log.is_some_and(|old| old.boundary_ms == i64::MAX);
            let until_ms = if is_all { i64::MAX } else { boundary_ms };
            if is_all {
                appender.log.start_over();
            }
            Frozen { boundary_ms, until_ms, covered: appender.log.position() }
        };
        work.old_since_ms = None;
        self.freeze(frozen.until_ms);
        Some(frozen)
    }

    /// Batches may be taken in between: what they bring for before the boundary is after the place noted in the log,
    /// so it does no harm on which side it ends up.
    fn freeze(&self, boundary_ms: i64) {
        let mut next = 0;
        loop {
            let mut head = self.head_mut();
            if next >= head.len() {
                head.froze();
                return;
            }
            head.freeze(next..next + FREEZE_AT_ONCE, boundary_ms);
            next += FREEZE_AT_ONCE;
        }
    }

    /// The windows that frozen samples belong to.
    fn windows(&self, spans: &[i64], closed_ms: i64) -> Vec<TimeRange> {
        let head = self.head();
        let mut starts = BTreeSet::new();
        let mut add = |time_ms: i64| {
            let window = plan::closed_window(time_ms, spans, closed_ms);
            starts.insert((window.start_ms, window.end_ms));
            window
        };
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
        starts.into_iter().map(|(start_ms, end_ms)| TimeRange::new(start_ms, end_ms)).collect()
    }

    /// Writes the frozen samples of one window, of the series that one policy holds for.
    fn write_window(
        &self,
        work: &mut Work,
        window: TimeRange,
        policies: &Policies,
        policy: &str,
    ) -> io::Result<Option<u64>> {
        let sequence = work.next_sequence();
        let written = self.try_write_window(sequence, window, policies, policy);
        if !matches!(written, Ok(true)) {
            self.remove_blocks(&[sequence]);
        }
        Ok(written?.then_some(sequence))
    }

    fn try_write_window(
        &self,
        sequence: u64,
        window: TimeRange,
        policies: &Policies,
        policy: &str,
    ) -> io::Result<bool> {
        let store = std::sync::Arc::clone(&self.block_store);
        let mut writer = BlockWriter::create(store, sequence, window)?;
        let mut order: Vec<u32> = (0..self.series().len() as u32).collect();
        order.sort_unstable_by_key({
            let series = self.series();
            move |&ordinal| series.id(ordinal)
        });
        let (mut times_ms, mut values) = (Vec::new(), Vec::new());
        for ordinal in order {
            let (series, chunks) = self.frozen_in(ordinal, window);
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
        let origin = Origin { policy: policy.to_owned(), ..Origin::raw(0, 0) };
        writer.finish(Vec::new(), origin)?;
        Ok(true)
    }

    fn frozen_in(&self, ordinal: u32, window: TimeRange) -> (Series, Vec<Chunk>) {
        let series = self.series().get(ordinal);
        let head = self.head();
        let frozen = head.column(ordinal).map_or(&[][..], |column| column.frozen());
        let meets = |c: &&Chunk| c.first_ms < window.end_ms && window.start_ms <= c.last_ms;
        (series, frozen.iter().filter(meets).cloned().collect())
    }

    /// Forgets the series that have nothing in memory any more.
    fn sweep(&self) {
        let mut appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner);
        let mut series = self.series_mut();
        let mut head = self.head_mut();
        let is_used = |ordinal: &u32| head.column(*ordinal).is_some_and(|column| !column.is_empty());
        let kept: Vec<u32> = (0..series.len() as u32).filter(is_used).collect();
        if kept.len() < series.len() {
            series.keep(&kept);
            head.keep(&kept);
            appender.keep(&kept);
        }
    }
}
