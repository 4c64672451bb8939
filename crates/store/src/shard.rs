//! A part of the series in memory, with its own writer: pushes to different shards run side by side. A series' shard
//! is a function of its labels, so that what one host sends usually falls into one.

mod route;

pub(crate) use route::{Route, Routes};

use crate::append::Appender;
use crate::head::Head;
use crate::series::SeriesTable;
use model::TimeRange;
use model::labels::Iter;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use stdx::crc::crc32;

/// Most shards of a store.
pub(crate) const SHARDS_MAX: usize = 64;

/// Series, their samples in memory, and whoever adds to them. Locks are taken in the order of the fields.
pub(crate) struct Shard {
    /// Held by whoever changes what is in memory.
    pub(crate) appender: Mutex<Appender>,
    series: RwLock<SeriesTable>,
    head: RwLock<Head>,
}

impl Shard {
    pub(crate) fn new(appender: Appender, series: SeriesTable, head: Head) -> Self {
        Self { appender: Mutex::new(appender), series: RwLock::new(series), head: RwLock::new(head) }
    }

    // Readers go on after a panic elsewhere: what they see is at worst a batch shown in part. Writers do not; see
    // `lock_appender`.
    pub(crate) fn series(&self) -> RwLockReadGuard<'_, SeriesTable> {
        self.series.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn series_mut(&self) -> RwLockWriteGuard<'_, SeriesTable> {
        self.series.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn head(&self) -> RwLockReadGuard<'_, Head> {
        self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn head_mut(&self) -> RwLockWriteGuard<'_, Head> {
        self.head.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a series may have samples in memory within `range`. Whoever asks holds the series.
    pub(crate) fn touches(&self, ordinal: u32, range: TimeRange) -> bool {
        self.head().column(ordinal).is_some_and(|column| column.touches(range.start_ms, range.end_ms))
    }

    /// The appender also after a panic, for what cannot make things worse.
    pub(crate) fn any_appender(&self) -> MutexGuard<'_, Appender> {
        self.appender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shard of encoded labels, of so many: by the label `host`, else `instance`, else all labels.
pub(crate) fn of_key(key: &[u8], shards: usize) -> usize {
    if shards <= 1 {
        return 0;
    }
    let value = |wanted: &str| Iter::over_key(key).find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let told = value("host").or_else(|| value("instance")).map_or(key, str::as_bytes);
    crc32(told) as usize % shards
}
