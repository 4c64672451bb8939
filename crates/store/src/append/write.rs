//! From admitted rows to a record in the log, and from there into memory.

use super::{Appender, PARTITION, Part};
use crate::head::column::Outcome;
use crate::shard::Shard;
use crate::store::Shared;
use crate::{AppendError, BatchId, Offset};
use model::{Description, Receipt};
use std::sync::atomic::Ordering;

/// A record that may have been stored is tried so often.
const TRIES_MAX: usize = 3;

impl Appender {
    /// Writes the admitted rows to the log; gives the offset of the record.
    pub(super) fn write(
        &mut self,
        shared: &Shared,
        shard: usize,
        news: &[Description],
    ) -> Result<Offset, AppendError> {
        let fresh = self.epochs.begin(shared.options.clock.now_ms(), self.logged.len());
        let (definitions, values) = (self.epochs.definitions(), self.epochs.values());
        self.encoder.clear();
        news.iter().for_each(|description| self.encoder.describe(description));
        let series = shared.shards[shard].series();
        let mut start = 0;
        for group in &self.groups {
            self.coded.clear();
            for row in &self.rows[start..group.end] {
                let logged = &mut self.logged[row.ordinal as usize];
                // The second time, so that one damaged record does not take a series with it.
                let is_copy = !logged.is_copied && logged.valued != values;
                if logged.defined != definitions || is_copy {
                    logged.is_copied = logged.defined == definitions;
                    logged.defined = definitions;
                    self.key.clear();
                    series.key(row.ordinal, &mut self.key);
                    self.encoder.define(logged.id, series.kind(row.ordinal), &self.key);
                }
                let before = if logged.valued == values { logged.bits } else { 0 };
                (logged.valued, logged.bits) = (values, row.value.to_bits());
                self.coded.push((logged.id, logged.bits, before));
            }
            self.encoder.group(group.time_ms, &self.coded);
            start = group.end;
        }
        drop(series);
        let defined_bytes = self.encoder.definition_bytes();
        let body = self.encoder.finish(shard as u32, fresh);
        let appended = append(shared, body);
        match &appended {
            Ok(_) => self.epochs.wrote(body.len() as u64, defined_bytes),
            // What this record said may not be referred to.
            Err(_) => self.epochs.start_over(),
        }
        appended
    }

    /// Lets readers see the admitted rows.
    pub(super) fn show(&mut self, shared: &Shared, shard: &Shard, receipt: &mut Receipt) {
        let (mut new, mut late, mut duplicates, mut conflicts) = (0, 0, 0, 0);
        let old_before_ms = shared.old_before_ms();
        let mut head = shard.head_mut();
        head.grow(self.logged.len());
        let mut start = 0;
        for group in &self.groups {
            for row in &self.rows[start..group.end] {
                match head.insert(row.ordinal, group.time_ms, row.value) {
                    Outcome::New => new += 1,
                    Outcome::Late => late += 1,
                    Outcome::Duplicate => duplicates += 1,
                    Outcome::Conflict => conflicts += 1,
                }
            }
            if group.time_ms < old_before_ms {
                self.old_samples += (group.end - start) as u64;
            }
            start = group.end;
        }
        drop(head);
        shared.counters.appended.add(new + late);
        shared.counters.late.add(late);
        shared.counters.duplicates.add(duplicates);
        shared.counters.conflicts.add(conflicts);
        receipt.report.accepted += self.rows.len() as u64;
        receipt.duplicates += duplicates;
    }

    /// Forgets the series that came with a batch which could not be logged.
    pub(super) fn take_back(&mut self, shared: &Shared, part: &Part<'_>, series_before: usize) {
        self.places.forget(part.batch.dictionary.id());
        let shard = &shared.shards[part.shard];
        let mut series = shard.series_mut();
        let gone = series.len().saturating_sub(series_before);
        if gone > 0 {
            series.shrink(series_before);
            shard.head_mut().shrink(series_before);
            self.logged.truncate(series_before);
            shared.series_count.fetch_sub(gone, Ordering::Relaxed);
        }
    }
}

/// Appends a record, again under the same name while nobody knows whether it was stored.
fn append(shared: &Shared, body: &[u8]) -> Result<Offset, AppendError> {
    let n = shared.records.fetch_add(1, Ordering::Relaxed);
    let id = BatchId { producer: shared.producer, n };
    let mut tries = 0;
    loop {
        tries += 1;
        match shared.log.append(PARTITION, id, body) {
            Err(AppendError::MaybeStored(_)) if tries < TRIES_MAX => {}
            appended => return appended,
        }
    }
}
