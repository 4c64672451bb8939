//! The write path: one batch, from labels to ids, into the log, into memory.
//!
//! Log first, then show. Whoever holds the [`Appender`] is the only one who changes what is in memory, so readers see
//! a batch after it is safe from the death of this process, and a batch that could not be logged leaves no trace.

mod admit;
mod places;

use crate::head::column::Outcome;
use crate::store::Shared;
use crate::wal::record::Encoder;
use crate::wal::writer::{WriteError, Writer};
use crate::{Event, Sync};
use model::{Batch, Description, PushError, Receipt, SeriesId};
use places::PlaceCache;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

/// Which samples are too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Those before the late window.
    Recent,
    /// Only those that would be forgotten at once.
    Any,
}

/// A sample that will be taken.
#[derive(Debug, Clone, Copy)]
struct Row {
    ordinal: u32,
    /// Its place in the batch, from 1.
    item: u32,
    value: f64,
}

/// Rows of one time; they end at `end` and start where the group before ends.
#[derive(Debug, Clone, Copy)]
struct Group {
    time_ms: i64,
    end: usize,
}

/// What the log has of a series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logged {
    id: SeriesId,
    /// Under this number of [`Writer::definition_epoch`] its labels were written.
    defined: u32,
    /// Under this number of [`Writer::value_epoch`] its value was written.
    valued: u32,
    bits: u64,
}

impl Logged {
    fn new(id: SeriesId) -> Self {
        Self { id, defined: 0, valued: 0, bits: 0 }
    }
}

/// Everything needed to take a batch; one at a time.
pub(crate) struct Appender {
    pub(crate) log: Writer,
    pub(crate) next_id: u64,
    /// Everything older is in blocks, except what was imported since.
    pub(crate) boundary_ms: i64,
    /// Samples older than the boundary taken since the last freeze.
    pub(crate) old_samples: u64,
    /// By ordinal.
    logged: Vec<Logged>,
    places: PlaceCache,
    encoder: Encoder,
    key: Vec<u8>,
    rows: Vec<Row>,
    groups: Vec<Group>,
    coded: Vec<(SeriesId, u64, u64)>,
}

impl Appender {
    pub(crate) fn new(
        log: Writer,
        next_id: u64,
        boundary_ms: i64,
        ids: impl Iterator<Item = SeriesId>,
    ) -> Self {
        Self {
            log,
            next_id,
            boundary_ms,
            old_samples: 0,
            logged: ids.map(Logged::new).collect(),
            places: PlaceCache::default(),
            encoder: Encoder::default(),
            key: Vec::new(),
            rows: Vec::new(),
            groups: Vec::new(),
            coded: Vec::new(),
        }
    }

    /// Keeps the series named, in this order; see [`crate::series::SeriesTable::keep`].
    pub(crate) fn keep(&mut self, kept: &[u32]) {
        self.logged = kept.iter().map(|&ordinal| self.logged[ordinal as usize]).collect();
        self.places.clear();
    }

    /// About how many bytes are remembered.
    pub(crate) fn len_bytes(&self) -> usize {
        self.logged.capacity() * size_of::<Logged>() + self.places.len_bytes()
    }
}

impl Shared {
    /// Takes a batch; see [`model::Sink::push`].
    pub(crate) fn push(&self, batch: &Batch, age: Age) -> Result<Receipt, PushError> {
        if self.is_full.load(Ordering::Relaxed) {
            let floor = self.options.free_bytes_min;
            return Err(PushError::Busy(format!("the disk has less than {floor} bytes free")));
        }
        let mut appender = self.lock_appender()?;
        let mut receipt = Receipt::default();
        let series_before = self.series().len();
        let news = appender.admit(self, batch, age, &mut receipt);
        if appender.rows.is_empty() && news.is_empty() {
            return Ok(receipt);
        }
        let written = match appender.write(self, &news) {
            Ok(written) => written,
            Err(error) => {
                appender.take_back(self, batch, series_before);
                return Err(self.refuse(error));
            }
        };
        self.busy.store(false, Ordering::Relaxed);
        appender.show(self, &mut receipt);
        self.learn(news);
        drop(appender);
        self.settle(written)?;
        Ok(receipt)
    }

    /// The appender, unless writing was stopped.
    pub(crate) fn lock_appender(&self) -> Result<MutexGuard<'_, Appender>, PushError> {
        let appender = self.appender.lock().map_err(|_| {
            // Whoever panicked may have left log and memory in disagreement.
            PushError::Failed("an earlier write ended in a panic".to_owned())
        })?;
        match self.stopped.get() {
            Some(reason) => Err(PushError::Failed(reason.clone())),
            None => Ok(appender),
        }
    }

    fn refuse(&self, error: WriteError) -> PushError {
        match error {
            WriteError::Refused(error) => {
                self.counters.busy.add(1);
                if !self.busy.swap(true, Ordering::Relaxed) {
                    self.tell(Event::Busy { reason: error.to_string() });
                }
                PushError::Busy(error.to_string())
            }
            WriteError::Broken(error) => {
                self.stop_writing(&error.to_string());
                PushError::Failed(error.to_string())
            }
        }
    }

    /// Waits until a record is on the medium, when the options want that, or sees to it that it will be soon.
    fn settle(&self, written: u64) -> Result<(), PushError> {
        match self.options.sync {
            Sync::Always => self.sync_to(written).map_err(PushError::Failed),
            Sync::Interval(_) => {
                self.bell.ring();
                Ok(())
            }
        }
    }

    /// Returns when a record is on the medium; a failure stops all writing.
    pub(crate) fn sync_to(&self, written: u64) -> Result<(), String> {
        self.syncer.sync_to(written).map_err(|error| {
            let reason = format!("the log could not be synced: {error}");
            self.stop_writing(&reason);
            reason
        })?;
        // A sync that failed before this one means that this one proves nothing.
        match self.stopped.get() {
            Some(reason) if self.failed.load(Ordering::SeqCst) => Err(reason.clone()),
            _ => Ok(()),
        }
    }

    /// Remembers what was said about metrics.
    fn learn(&self, news: Vec<Description>) {
        if !news.is_empty() {
            let mut known = self.descriptions.write().unwrap_or_else(PoisonError::into_inner);
            news.into_iter().for_each(|description| known.learn(description));
        }
    }
}

impl Appender {
    /// Writes the admitted rows to the log.
    fn write(&mut self, shared: &Shared, news: &[Description]) -> Result<u64, WriteError> {
        let fresh = self.log.prepare(shared.options.clock.now_ms())?;
        let (definitions, values) = (self.log.definition_epoch(), self.log.value_epoch());
        self.encoder.clear();
        news.iter().for_each(|description| self.encoder.describe(description));
        let series = shared.series();
        let (mut start, mut newest_ms) = (0, i64::MIN);
        for group in &self.groups {
            self.coded.clear();
            for row in &self.rows[start..group.end] {
                let logged = &mut self.logged[row.ordinal as usize];
                if logged.defined != definitions {
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
            newest_ms = newest_ms.max(group.time_ms);
        }
        drop(series);
        self.log.append(self.encoder.finish(fresh), newest_ms)
    }

    /// Lets readers see the admitted rows.
    fn show(&mut self, shared: &Shared, receipt: &mut Receipt) {
        let (mut new, mut late, mut duplicates, mut conflicts) = (0, 0, 0, 0);
        let mut head = shared.head_mut();
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
            if group.time_ms < self.boundary_ms {
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
    fn take_back(&mut self, shared: &Shared, batch: &Batch, series_before: usize) {
        self.places.forget(batch.dictionary.id());
        let mut series = shared.series_mut();
        if series.len() > series_before {
            series.shrink(series_before);
            shared.head_mut().shrink(series_before);
            self.logged.truncate(series_before);
        }
    }
}
