//! How many series are new, by hour and metric name. Ids are given out in order, so new series are those whose id is
//! above all that were there when somebody looked last.

use crate::shard::Shard;
use crate::store::Shared;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Time between two looks, in milliseconds.
const EVERY_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// Hours that are remembered.
const HOURS: i64 = 24;
/// Most metric names counted by themselves in an hour; further ones are counted in the sum only.
const NAMES_MAX: usize = 10_000;

/// New series since the store was opened, as far back as a day.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    /// Ids below were there at the last look.
    next_id: u64,
    looked_ms: i64,
    /// By hour since 1970.
    hours: BTreeMap<i64, Hour>,
}

#[derive(Debug, Default)]
struct Hour {
    all: u64,
    by_name: HashMap<Box<str>, u64>,
}

impl Growth {
    /// Ids below this are not new.
    pub(crate) fn new(next_id: u64) -> Self {
        Self { next_id, looked_ms: i64::MIN, hours: BTreeMap::new() }
    }

    fn look(&mut self, shards: &[Shard], next_id: u64, now_ms: i64) {
        self.looked_ms = now_ms;
        let hour = now_ms.div_euclid(HOUR_MS);
        if next_id > self.next_id {
            let this = self.hours.entry(hour).or_default();
            this.all += next_id - self.next_id;
            for shard in shards {
                let series = shard.series();
                let is_new = |o: &u32| (self.next_id..next_id).contains(&series.id(*o).0);
                let new = (0..series.len() as u32).filter(is_new);
                new.for_each(|ordinal| this.add(series.get(ordinal).labels.name()));
            }
            self.next_id = next_id;
        }
        self.hours.retain(|known, _| (hour - HOURS..=hour).contains(known));
    }

    /// New series of a metric name in the last hour and the last day, in whole hours begun.
    pub(super) fn created(&self, name: &str, now_ms: i64) -> (u64, u64) {
        self.sum(now_ms, |hour| hour.by_name.get(name).copied().unwrap_or(0))
    }

    /// The same of all.
    pub(super) fn created_in_all(&self, now_ms: i64) -> (u64, u64) {
        self.sum(now_ms, |hour| hour.all)
    }

    fn sum(&self, now_ms: i64, of: impl Fn(&Hour) -> u64) -> (u64, u64) {
        let now = now_ms.div_euclid(HOUR_MS);
        let since = |hours: i64| self.hours.range(now - hours..=now).map(|(_, hour)| of(hour)).sum();
        (since(1), since(HOURS - 1))
    }

    /// The metric names with most new series in the last day.
    pub(super) fn most(&self, now_ms: i64, limit: usize) -> Vec<String> {
        let now = now_ms.div_euclid(HOUR_MS);
        let mut sums: HashMap<&str, u64> = HashMap::new();
        for hour in self.hours.range(now - HOURS + 1..=now).map(|(_, hour)| hour) {
            hour.by_name.iter().for_each(|(name, count)| *sums.entry(name).or_insert(0) += count);
        }
        let mut top = super::top::Top::new(limit);
        sums.into_iter().for_each(|(name, count)| top.add(name, count));
        top.into_vec().into_iter().map(|row| row.name).collect()
    }
}

impl Hour {
    fn add(&mut self, name: &str) {
        if let Some(count) = self.by_name.get_mut(name) {
            *count += 1;
        } else if self.by_name.len() < NAMES_MAX {
            self.by_name.insert(name.into(), 1);
        }
    }
}

impl Shared {
    /// Looks for new series, when the last look was some time ago.
    pub(crate) fn watch_growth(&self, now_ms: i64) {
        let looked_ms = self.growth.lock().unwrap_or_else(PoisonError::into_inner).looked_ms;
        if !(0..EVERY_MS).contains(&now_ms.saturating_sub(looked_ms)) {
            self.observe_growth(now_ms);
        }
    }

    pub(super) fn observe_growth(&self, now_ms: i64) {
        let next_id = self.next_id.load(Ordering::SeqCst);
        let mut growth = self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        growth.look(&self.shards, next_id, now_ms);
    }
}
