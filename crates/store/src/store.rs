//! A store's life: open, push and read (`append.rs`, `read.rs`), flush, close.

use crate::append::{Age, PARTITION};
use crate::block::set::BlockSet;
use crate::blockstore::BlockStore;
use crate::cardinality::{Growth, Queried};
use crate::compact::pace::Waiting;
use crate::describe::Descriptions;
use crate::log::Log;
use crate::policy::{Policies, Policy};
use crate::shard::{Routes, Shard};
use crate::stats::{Counters, Stats};
use crate::work::Work;
use crate::worker::{Bell, Workers};
use crate::{Error, Event, Options, open};
use model::{Batch, PushError, Receipt, Sink};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use stdx::disk::Lock;

/// What all threads of a store share. Locks are taken in the order of the fields: the work, the appenders of shards in
/// their order, in each shard series before head, then blocks, what is damaged, descriptions. Only drawing the line of a
/// seal holds the appenders of several shards, and only counting series reads the tables of all; nobody else holds locks of two
/// shards at once.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) counters: Arc<Counters>,
    /// Held by whoever seals, compacts or forgets.
    pub(crate) work: Mutex<Work>,
    /// Which shard a sender's series belong to; locked on its own.
    pub(crate) routes: Routes,
    pub(crate) shards: Vec<Shard>,
    /// The next new series gets this id.
    pub(crate) next_id: AtomicU64,
    /// Series in memory.
    pub(crate) series_count: AtomicUsize,
    pub(crate) log: Arc<dyn Log>,
    /// Names this life of the store in the log …
    pub(crate) producer: u128,
    /// … and the records it has made.
    pub(crate) records: AtomicU64,
    pub(crate) block_store: Arc<dyn BlockStore>,
    pub(crate) blocks: RwLock<Arc<BlockSet>>,
    /// What was remembered of samples in blocks up to this time may be gone from them.
    pub(crate) gone_ms: AtomicI64,
    /// Taken away from readers, and to be moved into the quarantine.
    pub(crate) damaged: Mutex<Vec<u64>>,
    pub(crate) descriptions: RwLock<Descriptions>,
    pub(crate) growth: Mutex<Growth>,
    pub(crate) queried: Mutex<Queried>,
    /// Wakes the thread that syncs.
    pub(crate) bell: Bell,
    /// Why nothing is taken any more.
    pub(crate) stopped: OnceLock<String>,
    /// It was stopped by a failure and not by closing.
    pub(crate) failed: AtomicBool,
    /// The last batch was handed back, which was told.
    pub(crate) busy: AtomicBool,
    /// The disk has less free space than is to stay free …
    pub(crate) is_short: AtomicBool,
    /// … and there is nothing left to forget.
    pub(crate) is_full: AtomicBool,
    pub(crate) policies: RwLock<Arc<Policies>>,
    /// Who waits for `work`.
    pub(crate) waiting: Waiting,
}

impl Shared {
    /// The blocks of this moment.
    pub(crate) fn blocks(&self) -> Arc<BlockSet> {
        Arc::clone(&self.blocks.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The policies of this moment.
    pub(crate) fn policies(&self) -> Arc<Policies> {
        Arc::clone(&self.policies.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn descriptions(&self) -> RwLockReadGuard<'_, Descriptions> {
        self.descriptions.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.options.tell)(event);
    }

    /// Takes nothing more until the store is opened again.
    pub(crate) fn stop_writing(&self, reason: &str) {
        if !self.failed.swap(true, Ordering::SeqCst) {
            let _ = self.stopped.set(reason.to_owned()); // closed already: the first reason stays
            self.tell(Event::WritingStopped { reason: reason.to_owned() });
        }
    }

    /// Returns when everything pushed so far is on the medium.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let end = self.log.bounds(PARTITION)?.end;
        self.sync_to(end).map_err(Error::Stopped)
    }

    pub(crate) fn stats(&self) -> Stats {
        let blocks = self.blocks();
        let metas = || blocks.all().iter().map(|block| &block.meta);
        let mut stats = Stats {
            head_series: self.series_count.load(Ordering::Relaxed) as u64,
            log_bytes: self.log.health().len_bytes,
            blocks: metas().count() as u64,
            block_bytes: metas().map(|meta| meta.len_bytes()).sum(),
            block_samples: metas().map(|meta| meta.samples).sum(),
            ..Stats::default()
        };
        for shard in &self.shards {
            let head = shard.head();
            stats.head_samples += head.samples();
            stats.head_bytes += head.len_bytes() as u64;
        }
        stats.count(&self.counters)
    }
}

/// A folder of samples, open. It is a [`Sink`] and a [`model::Source`].
pub struct Store {
    shared: Arc<Shared>,
    workers: Mutex<Option<Workers>>,
    lock: Mutex<Option<Box<dyn Lock>>>,
}

impl Store {
    /// Opens the store in a folder, reading back what the log holds.
    ///
    /// # Errors
    /// The folder is in use, was written by a newer version, or the disk refuses.
    pub fn open(options: Options) -> Result<Self, Error> {
        options.check()?;
        let (shared, lock) = open::open(options)?;
        let shared = Arc::new(shared);
        let workers = shared.options.background.then(|| Workers::start(&shared)).transpose()?;
        Ok(Self { shared, workers: Mutex::new(workers), lock: Mutex::new(Some(lock)) })
    }

    /// A store that takes nothing and has neither threads nor a lock.
    pub(crate) fn for_reading(shared: Shared) -> Self {
        let _ = shared.stopped.set("the store was opened for reading only".to_owned());
        Self { shared: Arc::new(shared), workers: Mutex::new(None), lock: Mutex::new(None) }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// A sink that takes samples of any age that is kept at all: for imports, and for senders that were cut off.
    pub fn importer(&self) -> Importer {
        Importer(Arc::clone(&self.shared))
    }

    /// Returns when everything pushed so far is on the medium.
    ///
    /// # Errors
    /// Writing failed, now or earlier.
    pub fn flush(&self) -> Result<(), Error> {
        self.shared.flush()
    }

    /// Writes everything that was pushed so far into blocks, so that whoever opens the folder next has no log to read.
    ///
    /// # Errors
    /// The disk refused; nothing is lost by that. Or the store is closed.
    pub fn seal(&self) -> Result<(), Error> {
        let mut work = self.shared.work.lock().unwrap_or_else(PoisonError::into_inner);
        match self.shared.stopped.get() {
            Some(reason) => Err(Error::Stopped(reason.clone())),
            None => Ok(self.shared.seal_all(&mut work)?),
        }
    }

    /// Does at once what the store's own thread does by and by: sets damaged blocks aside, writes blocks of windows
    /// that are over at `now_ms`, joins blocks, forgets old ones. What fails is tried again by calls some seconds later.
    /// A store that is closed or takes no more writes does nothing.
    ///
    /// # Errors
    /// The first failure.
    pub fn tick(&self, now_ms: i64) -> Result<(), Error> {
        Ok(self.shared.tick(now_ms)?)
    }

    /// From now on these policies hold. What is in blocks is kept as the policy of the same name says; series that
    /// another policy has now move when their blocks are written anew.
    ///
    /// # Errors
    /// A policy makes no sense; then those before go on holding.
    pub fn set_policies(&self, policies: Vec<Policy>) -> Result<(), Error> {
        let options = &self.shared.options;
        let policies = Policies::new(policies, options.retention_age, options.block_span)?;
        *self.shared.policies.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policies);
        Ok(())
    }

    /// The store's numbers.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Takes nothing more, stops the threads, forces the log onto the medium and gives the folder free. Reading what
    /// is in memory goes on working. Closing twice is fine; dropping closes too.
    ///
    /// # Errors
    /// The last sync failed: what was pushed since the sync before may be lost at a power cut.
    pub fn close(&self) -> Result<(), Error> {
        {
            // Whoever is pushing finishes first.
            let _appenders: Vec<_> = self.shared.shards.iter().map(|shard| shard.any_appender()).collect();
            let _ = self.shared.stopped.set("the store is closed".to_owned());
        }
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(workers) = workers {
            workers.stop(&self.shared);
        }
        let synced = self.shared.flush();
        // A tick called from elsewhere finishes before the folder is free.
        let _waiting = self.shared.waiting.wait();
        let _work = self.shared.work.lock();
        let _ = self.shared.save_queried(0, true); // worth a try, and nothing depends on it
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
        synced
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.close(); // a failed sync was told as an event
    }
}

impl Sink for Store {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.shared.push(batch, Age::Recent)
    }
}

/// Takes samples of any age; see [`Store::importer`].
pub struct Importer(Arc<Shared>);

impl Sink for Importer {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.0.push(batch, Age::Any)
    }
}
