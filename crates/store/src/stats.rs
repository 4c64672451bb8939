//! What the store counts about itself: per store for [`crate::Store::stats`], and for the whole process in
//! [`TELEMETRY`].

use std::sync::atomic::{AtomicU64, Ordering};
use stdx::telemetry::{Counter, Gauge, Item};

/// A number of one store that also counts in the process's telemetry.
pub(crate) struct Count {
    here: AtomicU64,
    everywhere: &'static Counter,
}

impl Count {
    fn new(everywhere: &'static Counter) -> Self {
        Self { here: AtomicU64::new(0), everywhere }
    }

    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.here.fetch_add(n, Ordering::Relaxed);
        self.everywhere.add(n);
    }

    pub(crate) fn get(&self) -> u64 {
        self.here.load(Ordering::Relaxed)
    }
}

/// Declares the counters once: the static, the field of [`Counters`], and the row in [`TELEMETRY`].
macro_rules! counters {
    ($($field:ident: $static:ident = $name:literal, $help:literal $(, $label:literal)?;)*) => {
        $(static $static: Counter = Counter::labelled($name, $help, &[$(("reason", $label))?]);)*

        /// The counters of one store.
        pub(crate) struct Counters {
            $(pub(crate) $field: Count,)*
        }

        impl Counters {
            pub(crate) fn new() -> Self {
                Self { $($field: Count::new(&$static),)* }
            }
        }

        /// Every number of this crate.
        pub static TELEMETRY: &[Item] = &[
            $(Item::Counter(&$static),)*
            Item::Gauge(&SERIES),
            Item::Gauge(&HEAD_BYTES),
            Item::Gauge(&LOG_BYTES_HELD),
            Item::Gauge(&BLOCKS),
            Item::Gauge(&BLOCK_BYTES),
        ];
    };
}

counters! {
    appended: APPENDED = "windhover_store_samples_total", "Samples taken that were new.";
    duplicates: DUPLICATES = "windhover_store_duplicates_total",
        "Samples that were in memory already with the same value.";
    conflicts: CONFLICTS = "windhover_store_conflicts_total",
        "Samples that replaced another value of the same time.";
    late: LATE = "windhover_store_late_samples_total", "Samples taken that were older than their series' newest.";
    refused_late: REFUSED_LATE = "windhover_store_refused_samples_total", "Samples refused.", "late";
    refused_future: REFUSED_FUTURE = "windhover_store_refused_samples_total", "Samples refused.", "future";
    refused_expired: REFUSED_EXPIRED = "windhover_store_refused_samples_total", "Samples refused.", "expired";
    refused_series: REFUSED_SERIES = "windhover_store_refused_samples_total", "Samples refused.", "series_limit";
    refused_batch: REFUSED_BATCH = "windhover_store_refused_samples_total", "Samples refused.", "batch_limit";
    busy: BUSY = "windhover_store_busy_total", "Batches handed back because the disk was full.";
    log_bytes: LOG_BYTES = "windhover_store_log_written_bytes_total", "Bytes written to the log.";
    log_syncs: LOG_SYNCS = "windhover_store_log_syncs_total", "Times the log was forced onto the medium.";
    log_sync_us: LOG_SYNC_US = "windhover_store_log_sync_microseconds_total",
        "Time spent forcing the log onto the medium.";
    replayed: REPLAYED = "windhover_store_replayed_samples_total", "Samples read back from the log at start.";
    lost: LOST = "windhover_store_lost_samples_total",
        "Samples in the log whose series is not known any more.";
    blocks_written: BLOCKS_WRITTEN = "windhover_store_blocks_written_total", "Blocks written from memory.";
    compactions: COMPACTIONS = "windhover_store_compactions_total", "Blocks made by joining others.";
    blocks_forgotten: BLOCKS_FORGOTTEN = "windhover_store_blocks_forgotten_total", "Blocks removed by retention.";
    blocks_forgotten_for_space: BLOCKS_FORGOTTEN_FOR_SPACE = "windhover_store_blocks_forgotten_for_space_total",
        "Blocks removed because the disk had less free space than is to stay free.";
    windows_rolled: WINDOWS_ROLLED = "windhover_store_windows_rolled_total",
        "Windows of time of which rows of a coarser tier were computed.";
    left_out: LEFT_OUT = "windhover_store_left_out_samples_total",
        "Samples left out of rows: those beside them are gone, and they may be counted there already.";
    quarantined: QUARANTINED = "windhover_store_quarantined_blocks_total",
        "Damaged blocks that were set aside.";
    work_failed: WORK_FAILED = "windhover_store_work_failures_total",
        "Background work that failed and will be tried again.";
}

static SERIES: Gauge = Gauge::new("windhover_store_head_series", "Series with samples in memory.");
static HEAD_BYTES: Gauge = Gauge::new("windhover_store_head_bytes", "Bytes of samples in memory.");
static LOG_BYTES_HELD: Gauge = Gauge::new("windhover_store_log_bytes", "Bytes of log segments on disk.");
static BLOCKS: Gauge = Gauge::new("windhover_store_blocks", "Blocks on disk.");
static BLOCK_BYTES: Gauge = Gauge::new("windhover_store_block_bytes", "Bytes of blocks on disk.");

/// A store's numbers. Counts are since it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Series with samples in memory.
    pub head_series: u64,
    /// Samples in memory.
    pub head_samples: u64,
    /// About how many bytes the samples in memory take.
    pub head_bytes: u64,
    /// Samples taken that were new.
    pub appended: u64,
    /// Samples that were in memory already with the same value.
    pub duplicates: u64,
    /// Samples that replaced another value of the same time.
    pub conflicts: u64,
    /// Samples taken that were older than their series' newest.
    pub late: u64,
    /// Samples refused because they were older than the late window.
    pub refused_late: u64,
    /// Samples refused because they were too far in the future.
    pub refused_future: u64,
    /// Samples refused because they were older than what is kept.
    pub refused_expired: u64,
    /// Samples refused because there were too many series.
    pub refused_series: u64,
    /// Samples refused because their batch was too large.
    pub refused_batch: u64,
    /// Batches handed back because the disk was full.
    pub busy: u64,
    /// Bytes of log segments on disk.
    pub log_bytes: u64,
    /// Bytes written to the log.
    pub log_written_bytes: u64,
    /// Times the log was forced onto the medium.
    pub log_syncs: u64,
    /// Microseconds spent on that.
    pub log_sync_us: u64,
    /// Samples read back from the log at start.
    pub replayed: u64,
    /// Samples in the log whose series was not known any more.
    pub lost: u64,
    /// Blocks on disk.
    pub blocks: u64,
    /// Bytes of blocks on disk.
    pub block_bytes: u64,
    /// Samples in blocks.
    pub block_samples: u64,
    /// Blocks written from memory.
    pub blocks_written: u64,
    /// Blocks made by joining others.
    pub compactions: u64,
    /// Blocks removed by retention.
    pub blocks_forgotten: u64,
    /// Blocks removed because the disk had less free space than is to stay free.
    pub blocks_forgotten_for_space: u64,
    /// Windows of time of which rows of a coarser tier were computed.
    pub windows_rolled: u64,
    /// Samples left out of rows: those beside them are gone, and they may be counted there already.
    pub left_out: u64,
    /// Damaged blocks that were set aside.
    pub quarantined: u64,
    /// Background work that failed and will be tried again.
    pub work_failed: u64,
}

impl Stats {
    /// Fills in what the counters know.
    pub(crate) fn count(mut self, counters: &Counters) -> Self {
        self.appended = counters.appended.get();
        self.duplicates = counters.duplicates.get();
        self.conflicts = counters.conflicts.get();
        self.late = counters.late.get();
        self.refused_late = counters.refused_late.get();
        self.refused_future = counters.refused_future.get();
        self.refused_expired = counters.refused_expired.get();
        self.refused_series = counters.refused_series.get();
        self.refused_batch = counters.refused_batch.get();
        self.busy = counters.busy.get();
        self.log_written_bytes = counters.log_bytes.get();
        self.log_syncs = counters.log_syncs.get();
        self.log_sync_us = counters.log_sync_us.get();
        self.replayed = counters.replayed.get();
        self.lost = counters.lost.get();
        self.blocks_written = counters.blocks_written.get();
        self.compactions = counters.compactions.get();
        self.blocks_forgotten = counters.blocks_forgotten.get();
        self.blocks_forgotten_for_space = counters.blocks_forgotten_for_space.get();
        self.windows_rolled = counters.windows_rolled.get();
        self.left_out = counters.left_out.get();
        self.quarantined = counters.quarantined.get();
        self.work_failed = counters.work_failed.get();
        self
    }

    /// Shows the levels to the process's telemetry.
    pub(crate) fn publish(&self) {
        SERIES.set(self.head_series as f64);
        HEAD_BYTES.set(self.head_bytes as f64);
        LOG_BYTES_HELD.set(self.log_bytes as f64);
        BLOCKS.set(self.blocks as f64);
        BLOCK_BYTES.set(self.block_bytes as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_numbers_have_names_of_their_own_and_are_explained() {
        let mut seen = HashSet::new();
        for item in TELEMETRY {
            assert!(item.name().starts_with("windhover_store_"), "{}", item.name());
            assert_eq!(item.name().ends_with("_total"), item.is_counter(), "{}", item.name());
            assert!(item.help().ends_with('.'), "{}", item.name());
            assert!(seen.insert((item.name(), item.labels())), "{} twice", item.name());
        }
    }
}
