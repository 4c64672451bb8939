//! The work behind the scenes: set damaged blocks aside, seal, join, forget. One piece after the other, by whoever
//! calls [`Shared::tick`].

use crate::Offset;
use crate::block::reader::Block;
use crate::block::set::BlockSet;
use crate::blockstore::{SwapError, Version};
use crate::manifest::{Entry, Manifest, copy};
use crate::store::Shared;
use crate::{Event, names};
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use stdx::random::Random;

/// Samples on their way into blocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frozen {
    /// They are from records of the log from here …
    pub(crate) from: Offset,
    /// … to before here.
    pub(crate) to: Offset,
    /// Windows that end by this instant are sealed.
    pub(crate) boundary_ms: i64,
    /// Start of the window of the recent block.
    pub(crate) home_start_ms: i64,
}

/// What is known between one piece of work and the next.
pub(crate) struct Work {
    /// As it was swapped last.
    pub(crate) manifest: Manifest,
    /// Of the pointer that holds the manifest; `None` when there is none yet.
    version: Option<Version>,
    /// This life of the store has swapped the manifest.
    is_claimed: bool,
    /// The copy of the manifest may say what is no longer so; nothing it may name can be removed.
    is_copy_stale: bool,
    /// Nonces of manifests whose swap failed: one of them may be there all the same.
    tried: Vec<u64>,
    random: Random,
    /// Blocks of newer formats: left where they are, and named in the manifest.
    foreign: Vec<u64>,
    /// Frozen but not yet in blocks.
    pub(crate) frozen: Option<Frozen>,
    /// Windows that end by this instant are sealed, or had nothing in them.
    pub(crate) boundary_ms: i64,
    /// Bytes that were written to the log by the last seal.
    pub(crate) sealed_log_bytes: u64,
    /// Segments of a log of version 1, to be removed with the next seal.
    pub(crate) old_segments: Vec<u64>,
    /// Blocks that nothing names any more and that are still there; removed once nobody reads them.
    leftovers: Vec<(u64, Weak<Block>)>,
    /// Blocks written for a manifest whose swap failed: the one on disk may name them or not.
    doubtful: Vec<u64>,
    /// By job: when what failed is tried again.
    retry_at_ms: [i64; JOBS.len()],
    published_ms: i64,
}

/// Levels are shown this often, in milliseconds.
const PUBLISH_MS: i64 = 5_000;

/// What failed is tried again after this time, in milliseconds.
const RETRY_MS: i64 = 10_000;

impl Work {
    /// Behind a manifest.
    pub(crate) fn new(
        manifest: Manifest,
        version: Option<Version>,
        foreign: Vec<u64>,
        old_segments: Vec<u64>,
    ) -> Self {
        Self {
            boundary_ms: manifest.boundary_ms,
            sealed_log_bytes: 0,
            old_segments,
            manifest,
            version,
            is_claimed: false,
            is_copy_stale: false,
            tried: Vec::new(),
            random: Random::from_entropy(),
            foreign,
            frozen: None,
            leftovers: Vec::new(),
            doubtful: Vec::new(),
            retry_at_ms: [0; JOBS.len()],
            published_ms: 0,
        }
    }

    /// A number for a new block; each is given out once.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.manifest.next_sequence += 1;
        self.manifest.next_sequence - 1
    }
}

/// A kind of work: what it is called when it fails, and what it does.
type Job = (&'static str, fn(&Shared, &mut Work, i64) -> io::Result<()>);

/// In the order they are done.
const JOBS: [Job; 8] = [
    ("setting a damaged block aside", |shared, work, _| shared.set_damaged_aside(work)),
    ("writing a block", |shared, work, now_ms| shared.seal(work, now_ms)),
    ("computing rows", |shared, work, now_ms| shared.roll(work, now_ms)),
    ("forgetting old blocks", |shared, work, now_ms| shared.forget(work, now_ms)),
    ("joining blocks", |shared, work, now_ms| shared.compact(work, now_ms)),
    ("taking deleted samples out of blocks", |shared, work, _| shared.carry_out_deletion(work).map(drop)),
    ("removing blocks", |shared, work, _| shared.remove_leftovers(work)),
    ("noting what is new and what was asked for", |shared, _, now_ms| {
        shared.watch_growth(now_ms);
        shared.save_queried(now_ms, false)
    }),
];

impl Shared {
    /// Does what is due at `now_ms`. What fails is told and tried again some seconds later; the first error is given.
    pub(crate) fn tick(&self, now_ms: i64) -> io::Result<()> {
        let mut first = Ok(());
        let mut work = {
            let _waiting = self.waiting.wait();
            self.work.lock().unwrap_or_else(PoisonError::into_inner)
        };
        // Once closed, the folder may be somebody else's.
        if self.stopped.get().is_none() {
            self.publish(&mut work, now_ms);
            for (at, (name, job)) in JOBS.into_iter().enumerate() {
                let wait_ms = work.retry_at_ms[at].saturating_sub(now_ms);
                if (1..=RETRY_MS).contains(&wait_ms) {
                    continue;
                }
                if let Err(error) = job(self, &mut work, now_ms) {
                    work.retry_at_ms[at] = now_ms.saturating_add(RETRY_MS);
                    self.counters.work_failed.add(1);
                    self.tell(Event::WorkFailed { work: name, reason: error.to_string() });
                    first = first.and(Err(error));
                }
            }
        }
        first
    }

    /// Shows the levels to the process's telemetry, now and then: counting them walks all series.
    fn publish(&self, work: &mut Work, now_ms: i64) {
        if !(0..PUBLISH_MS).contains(&now_ms.saturating_sub(work.published_ms)) {
            work.published_ms = now_ms;
            self.stats().publish();
        }
    }

    /// Swaps the manifest, and then the blocks that readers see: some go, some come, and with them what was frozen
    /// is covered.
    pub(crate) fn commit(
        &self,
        work: &mut Work,
        without: &[u64],
        written: &[u64],
        frozen: Option<Frozen>,
    ) -> io::Result<()> {
        let mut added = Vec::new();
        for &sequence in written {
            match Block::open(&self.block_store, sequence) {
                Ok(block) => added.push(Arc::new(block)),
                Err(error) => {
                    self.remove_blocks(written);
                    let name = names::block_name(sequence);
                    return Err(io::Error::other(format!("block {name}, just written: {error}")));
                }
            }
        }
        let next = self.blocks().replaced(without, added.clone());
        let mut manifest = work.manifest.clone();
        if let Some(frozen) = frozen {
            manifest.boundary_ms = frozen.boundary_ms;
            manifest.next_offset = frozen.to;
            manifest.old_log = None;
        }
        self.save_manifest(work, manifest, &next).inspect_err(|_| {
            // The swap may have happened all the same, so nothing it may name can be removed yet.
            work.doubtful.extend(written);
        })?;
        work.boundary_ms = work.manifest.boundary_ms.max(work.boundary_ms);
        if written.is_empty() {
            let gone = self.blocks();
            let gone = gone.all().iter().filter(|block| without.contains(&block.meta.sequence));
            gone.for_each(|block| self.forget_newest(block.meta.last_ms));
        }
        let mut blocks = self.blocks.write().unwrap_or_else(PoisonError::into_inner);
        let gone = blocks.all().iter().filter(|block| without.contains(&block.meta.sequence));
        work.leftovers.extend(gone.map(|block| (block.meta.sequence, Arc::downgrade(block))));
        *blocks = Arc::new(blocks.replaced(without, added));
        Ok(())
    }

    /// Samples up to this time are gone from blocks without others in their stead: the newest ones that are remembered
    /// ([`crate::head::column::ColumnRef::newest`]) may be among them.
    pub(crate) fn forget_newest(&self, to_ms: i64) {
        self.gone_ms.fetch_max(to_ms, Ordering::SeqCst);
    }

    /// Swaps the manifest for one that names these blocks, and those that only wait to be understood or moved aside.
    pub(crate) fn save_manifest(
        &self,
        work: &mut Work,
        mut manifest: Manifest,
        blocks: &BlockSet,
    ) -> io::Result<()> {
        manifest.next_id = self.next_id.load(Ordering::Relaxed);
        manifest.next_sequence = work.manifest.next_sequence;
        let others: Vec<u64> = work.foreign.iter().chain(&*self.damaged()).copied().collect();
        let known = |sequence: u64| work.manifest.blocks.iter().find(|e| e.sequence == sequence).cloned();
        let others = others.into_iter().map(|s| known(s).unwrap_or_else(|| Entry::unknown(s)));
        manifest.blocks = blocks.all().iter().map(|b| Entry::of(&b.meta)).chain(others).collect();
        manifest.blocks.sort_by_key(|entry| entry.sequence);
        self.swap_manifest(work, manifest)
    }

    /// Swaps the manifest, if it is still the one known here.
    fn swap_manifest(&self, work: &mut Work, mut manifest: Manifest) -> io::Result<()> {
        manifest.epoch = work.manifest.epoch + u64::from(!work.is_claimed);
        manifest.nonce = work.random.next_u64();
        self.settle_manifest(work)?;
        match self.block_store.swap_ptr(names::MANIFEST, &manifest.encode(), work.version.as_ref()) {
            Ok(version) => work.version = Some(version),
            Err(SwapError::Conflict) => return Err(self.lose_manifest()),
            Err(SwapError::Unknown(error)) => {
                work.tried.push(manifest.nonce);
                return Err(error);
            }
        }
        work.is_claimed = true;
        work.tried.clear();
        work.manifest = manifest;
        work.is_copy_stale = true;
        let _ = self.copy_manifest(work); // tried again before anything is removed
        let doubtful = work.doubtful.drain(..).map(|sequence| (sequence, Weak::new()));
        work.leftovers.extend(doubtful);
        Ok(())
    }

    /// Makes the copy say what the manifest does, if it does not: then what neither names can go.
    pub(crate) fn copy_manifest(&self, work: &mut Work) -> io::Result<()> {
        if work.is_copy_stale {
            copy::write(&*self.block_store, &work.manifest)?;
            work.is_copy_stale = false;
        }
        Ok(())
    }

    /// After a swap of which nobody knows whether it happened: looks which manifest is there.
    fn settle_manifest(&self, work: &mut Work) -> io::Result<()> {
        if work.tried.is_empty() {
            return Ok(());
        }
        let found = self.block_store.get_ptr(names::MANIFEST)?;
        let is_ours = match &found {
            None => work.version.is_none(),
            Some((_, version)) if work.version.as_ref() == Some(version) => true,
            Some((body, _)) => {
                Manifest::decode(body).is_ok_and(|manifest| work.tried.contains(&manifest.nonce))
            }
        };
        if !is_ours {
            return Err(self.lose_manifest());
        }
        work.version = found.map(|(_, version)| version);
        Ok(())
    }

    /// Somebody else has taken the store over: what is done here no longer counts.
    fn lose_manifest(&self) -> io::Error {
        let reason = "the manifest was swapped by another process";
        self.stop_writing(reason);
        io::Error::other(reason)
    }

    /// Writes the descriptions to their file when there are new ones.
    pub(crate) fn save_descriptions(&self) -> io::Result<()> {
        let bytes = {
            let mut descriptions = self.descriptions.write().unwrap_or_else(PoisonError::into_inner);
            if !descriptions.dirty {
                return Ok(());
            }
            descriptions.dirty = false;
            descriptions.encode()
        };
        self.block_store.set_ptr(names::DESCRIPTIONS, &bytes).inspect_err(|_| {
            self.descriptions.write().unwrap_or_else(PoisonError::into_inner).dirty = true;
        })
    }

    // What cannot be removed now is tried again, and at the latest when the store is opened.
    pub(crate) fn remove_leftovers(&self, work: &mut Work) -> io::Result<()> {
        self.copy_manifest(work)?;
        work.leftovers.retain(|(sequence, block)| {
            block.strong_count() > 0 || self.block_store.delete(&[names::block(*sequence)]).is_err()
        });
        Ok(())
    }

    /// Removes blocks that never became part of the store, as far as possible; opening removes the rest.
    pub(crate) fn remove_blocks(&self, sequences: &[u64]) {
        for &sequence in sequences {
            let _ = self.block_store.delete(&[names::block(sequence)]);
        }
    }
}
