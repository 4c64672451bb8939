//! The write path: one batch, from labels to ids, into the log, into memory, shard by shard.
//!
//! Log first, then show. Whoever holds the [`Appender`] of a shard is the only one who changes what the shard has in
//! memory, so readers see a batch after it is safe from the death of this process. Each shard that a batch touches gets a
//! record of its own: when the log refuses one of them, what went before stays, and the sender, who is told, sends all
//! again, which does no harm.

mod admit;
mod epochs;
mod places;
mod write;

use crate::compact::plan;
use crate::log::record::Encoder;
use crate::shard::{Route, Shard};
use crate::store::Shared;
use crate::{AppendError, Event, Offset, Sync};
use admit::Window;
use epochs::Epochs;
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

/// The part of a batch that one shard takes.
struct Part<'a> {
    batch: &'a Batch,
    route: &'a Route,
    shard: usize,
    /// No other shard takes anything of the batch.
    is_only: bool,
    /// The one that also takes what belongs to no series.
    is_first: bool,
}

impl Part<'_> {
    /// Whether a slot is of this shard.
    #[inline]
    fn has(&self, slot: u32) -> bool {
        self.is_only || self.route.of(slot) == self.shard
    }
}

/// A sample that will be taken.
#[derive(Debug, Clone, Copy, Default)]
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
    /// Under this number of [`Epochs::definitions`] its labels were written.
    defined: u32,
    /// Under this number of [`Epochs::values`] its value was written.
    valued: u32,
    /// Its labels were written twice.
    is_copied: bool,
    bits: u64,
}

impl Logged {
    fn new(id: SeriesId) -> Self {
        Self { id, defined: 0, valued: 0, is_copied: false, bits: 0 }
    }
}

/// Everything needed to take a batch in a shard; one at a time.
#[derive(Default)]
pub(crate) struct Appender {
    /// Samples from long ago (imports) taken since the last seal.
    pub(crate) old_samples: u64,
    epochs: Epochs,
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
    pub(crate) fn new(old_samples: u64, ids: impl Iterator<Item = SeriesId>) -> Self {
        Self { old_samples, logged: ids.map(Logged::new).collect(), ..Self::default() }
    }

    /// Keeps the series named, in this order; see [`crate::series::SeriesTable::keep`].
    pub(crate) fn keep(&mut self, kept: &[u32]) {
        self.logged = kept.iter().map(|&ordinal| self.logged[ordinal as usize]).collect();
        self.places.clear();
    }

    /// What was written before is sealed: the next record needs nothing from before it.
    pub(crate) fn start_over(&mut self) {
        self.epochs.start_over();
        self.old_samples = 0;
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
            return Err(PushError::Busy(format!(
                "the disk has less than {floor} bytes free (store.free_bytes_min)"
            )));
        }
        let mut receipt = Receipt::default();
        let window = Window::new(self, age);
        let route = self.routes.of(&batch.dictionary, self.shards.len());
        let mut written = None;
        for (at, shard) in route.shards().enumerate() {
            let part = Part { batch, route: &route, shard, is_only: route.is_one(), is_first: at == 0 };
            written = self.push_part(&part, &window, &mut receipt)?.or(written);
        }
        if !route.is_one() {
            receipt.report.reasons.sort_by_key(|reason| reason.position);
        }
        if let Some(written) = written {
            self.busy.store(false, Ordering::Relaxed);
            self.settle(written)?;
        }
        Ok(receipt)
    }

    /// Takes what is of one shard; gives the offset of its record, when there is one.
    fn push_part(
        &self,
        part: &Part<'_>,
        window: &Window,
        receipt: &mut Receipt,
    ) -> Result<Option<Offset>, PushError> {
        let shard = &self.shards[part.shard];
        let mut appender = self.lock_appender(shard)?;
        let series_before = shard.series().len();
        let news = appender.admit(self, part, window, receipt);
        if appender.rows.is_empty() && news.is_empty() {
            return Ok(None);
        }
        let written = match appender.write(self, part.shard, &news) {
            Ok(written) => written,
            Err(error) => {
                appender.take_back(self, part, series_before);
                return Err(self.refuse(error));
            }
        };
        appender.show(self, shard, receipt);
        self.learn(news);
        Ok(Some(written))
    }

    /// The appender of a shard, unless writing was stopped.
    fn lock_appender<'a>(&self, shard: &'a Shard) -> Result<MutexGuard<'a, Appender>, PushError> {
        let appender = shard.appender.lock().map_err(|_| {
            // Whoever panicked may have left log and memory in disagreement.
            PushError::Failed("an earlier write ended in a panic".to_owned())
        })?;
        match self.stopped.get() {
            Some(reason) => Err(PushError::Failed(reason.clone())),
            None => Ok(appender),
        }
    }

    fn refuse(&self, error: AppendError) -> PushError {
        match error {
            AppendError::Full(error) | AppendError::MaybeStored(error) => {
                self.counters.busy.add(1);
                if !self.busy.swap(true, Ordering::Relaxed) {
                    self.tell(Event::Busy { reason: error.to_string() });
                }
                PushError::Busy(error.to_string())
            }
            AppendError::TooLarge { .. } => PushError::Failed(error.to_string()),
            AppendError::Broken(error) => {
                self.stop_writing(&error.to_string());
                PushError::Failed(error.to_string())
            }
        }
    }

    /// Waits until a record is on the medium, when the options want that, or sees to it that it will be soon.
    fn settle(&self, written: Offset) -> Result<(), PushError> {
        match self.options.sync {
            Sync::Always => self.sync_to(written + 1).map_err(PushError::Failed),
            Sync::Interval(_) => {
                self.bell.ring();
                Ok(())
            }
        }
    }

    /// Returns when all records before an offset are on the medium; a failure stops all writing.
    pub(crate) fn sync_to(&self, before: Offset) -> Result<(), String> {
        self.log.sync(PARTITION, before).map_err(|error| {
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

    /// Samples before this time are from long ago: they are not of the block that is written next.
    pub(crate) fn old_before_ms(&self) -> i64 {
        let (span, late) = (self.options.block_span, self.options.late_window);
        plan::old_before_ms(self.options.clock.now_ms(), late, span)
    }
}

/// The partition of the log that a store writes.
pub(crate) const PARTITION: u32 = 0;
