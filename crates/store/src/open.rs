//! Opening: lock the folder, open the blocks, read back what of the log they do not cover, start behind it.

mod blocks;
mod memory;

use crate::append::PARTITION;
use crate::block::set::BlockSet;
use crate::blockstore::local::LocalBlocks;
use crate::blockstore::{BlockStore, Version};
use crate::cardinality::{Growth, Queried};
use crate::compact::pace::Waiting;
use crate::describe::{self, Descriptions};
use crate::log::local::LocalLog;
use crate::log::record::Decoded;
use crate::log::{Log, Position, version_1};
use crate::manifest::{self, Manifest, OldLog, Unusable};
use crate::policy::Policies;
use crate::shard::Routes;
use crate::stats::Counters;
use crate::store::Shared;
use crate::work::Work;
use crate::worker::Bell;
use crate::{Error, Event, Options, names, readonly};
use memory::Memory;
use model::TimeRange;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use stdx::disk::{Disk, Lock};
use stdx::random::Random;

/// Opens the store in the folder of `options`.
pub(crate) fn open(options: Options) -> Result<(Shared, Box<dyn Lock>), Error> {
    let disk = Arc::clone(&options.disk);
    make_folder(&*disk, &options.dir)?;
    let lock = disk.lock(&options.dir.join(names::LOCK)).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::InUse(options.dir.clone()),
        _ => Error::Disk(error),
    })?;
    disk.create_dir_all(&options.dir.join(names::BLOCKS))?;
    disk.sync_dir(&options.dir)?;
    let block_store = open_block_store(&options)?;
    Ok((load(options, block_store, TimeRange::ALL)?, lock))
}

/// Opens what is there of `range` without a lock. When the manifest was swapped meanwhile, blocks and log may not have
/// fitted together.
pub(crate) fn open_read_only(options: &Options, range: TimeRange) -> Result<Shared, Error> {
    let block_store = open_block_store(options)?;
    let manifest = || block_store.get_ptr(names::MANIFEST);
    let mut before = manifest()?;
    for _ in 0..readonly::TRIES_MAX {
        let shared = load(options.clone(), Arc::clone(&block_store), range);
        let after = manifest()?;
        if before == after {
            return shared;
        }
        before = after;
    }
    Err(Error::Disk(io::Error::other("the store changed faster than it could be read")))
}

/// Brings into memory what must be there, with the blocks that may have samples in `range`.
fn load(options: Options, block_store: Arc<dyn BlockStore>, range: TimeRange) -> Result<Shared, Error> {
    let counters = Arc::new(Counters::new());
    let mut manifest = read_manifest(&options, &*block_store)?;
    let is_known = manifest.is_some();
    let copy = if is_known { None } else { manifest::copy::read(&*block_store)? };
    if let Some((manifest, _)) = &mut manifest
        && range != TimeRange::ALL
    {
        // Of blocks that version 1 named only the number is known.
        manifest.blocks.retain(|b| {
            b.samples == 0 || TimeRange::new(b.first_ms, b.last_ms.saturating_add(1)).overlaps(range)
        });
    }
    let opened = blocks::open(&options, &block_store, &counters, manifest, copy)?;
    let mut manifest = opened.manifest;
    let old_segments = old_segments(&options, is_known, &mut manifest)?;
    let set = Arc::new(opened.blocks);
    let log = open_log(&options, &counters, &manifest, &set)?;
    let mut memory = Memory::new(&options, Arc::clone(&counters), Arc::clone(&set), &manifest);
    memory.descriptions = read_descriptions(&options, &*block_store)?;
    let queried = Queried::read(&*block_store)?;
    version_1::replay(&options, &old_segments, &mut |position, decoded| memory.take_old(position, decoded))?;
    let mut decoded = Decoded::default();
    let from = manifest.next_offset.max(log.bounds(PARTITION)?.start);
    log.read(PARTITION, from, &mut |item| memory.take_item(item, &mut decoded))?;
    let (shards, descriptions, next_id) = memory.finish();
    let series_count = shards.iter().map(|shard| shard.series().len()).sum();
    let mut random = Random::from_entropy();
    let policies = Policies::new(options.policies.clone(), options.retention_age, options.block_span)?;
    let shared = Shared {
        counters,
        work: Mutex::new(Work::new(manifest, opened.version, opened.foreign, old_segments)),
        routes: Routes::default(),
        shards,
        next_id: AtomicU64::new(next_id),
        series_count: AtomicUsize::new(series_count),
        log,
        producer: u128::from(random.next_u64()) << 64 | u128::from(random.next_u64()),
        records: AtomicU64::new(0),
        block_store,
        blocks: RwLock::new(set),
        gone_ms: AtomicI64::new(i64::MIN),
        damaged: Mutex::new(opened.damaged),
        descriptions: RwLock::new(descriptions),
        growth: Mutex::new(Growth::new(next_id)),
        queried: Mutex::new(queried),
        bell: Bell::default(),
        stopped: OnceLock::new(),
        failed: AtomicBool::new(false),
        busy: AtomicBool::new(false),
        is_short: AtomicBool::new(false),
        is_full: AtomicBool::new(false),
        policies: RwLock::new(Arc::new(policies)),
        waiting: Waiting::default(),
        options,
    };
    Ok(shared)
}

/// The segments of a log of version 1 that are still to be read. A manifest that covers all of them says nothing of
/// them; then they are what the last seal did not get to remove.
fn old_segments(options: &Options, is_known: bool, manifest: &mut Manifest) -> Result<Vec<u64>, Error> {
    let segments = version_1::segments(options)?;
    if is_known && manifest.old_log.is_none() {
        version_1::remove(options, &segments)?;
        return Ok(Vec::new());
    }
    if !segments.is_empty() {
        manifest.old_log.get_or_insert(OldLog { boundary_ms: i64::MIN, covered: Position::default() });
    }
    Ok(segments)
}

/// The log of the options, or that in the store's folder, where no offset that a block has is given out again.
fn open_log(
    options: &Options,
    counters: &Arc<Counters>,
    manifest: &Manifest,
    blocks: &BlockSet,
) -> Result<Arc<dyn Log>, Error> {
    if let Some(log) = &options.log {
        return Ok(Arc::clone(log));
    }
    let sealed = blocks.all().iter().map(|block| block.meta.origin.to_offset).max();
    let floor = manifest.next_offset.max(sealed.unwrap_or(0));
    Ok(Arc::new(LocalLog::open(options, Arc::clone(counters), floor)?))
}

/// Makes a folder that survives a power cut, and so do those above it. Folders that were there already may not be ours
/// to sync, so only failures for new ones count.
fn make_folder(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| {
        !path.as_os_str().is_empty()
            && disk.list(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let missing = dir.ancestors().take_while(is_missing).count();
    disk.create_dir_all(dir)?;
    for (at, parent) in dir.ancestors().skip(1).enumerate() {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let synced = disk.sync_dir(parent);
        if at < missing {
            synced?;
        }
    }
    Ok(())
}

/// Where blocks are: what the options say, or the store's own folder.
fn open_block_store(options: &Options) -> Result<Arc<dyn BlockStore>, Error> {
    match &options.block_store {
        Some(store) => {
            store.probe()?;
            Ok(Arc::clone(store))
        }
        None => Ok(Arc::new(LocalBlocks::open(Arc::clone(&options.disk), &options.dir)?)),
    }
}

/// The manifest; `None` when there is none or a damaged one.
fn read_manifest(options: &Options, store: &dyn BlockStore) -> Result<Option<(Manifest, Version)>, Error> {
    let Some((bytes, version)) = store.get_ptr(names::MANIFEST)? else { return Ok(None) };
    let path = || options.dir.join(names::MANIFEST);
    match Manifest::decode(&bytes) {
        Ok(manifest) => Ok(Some((manifest, version))),
        Err(Unusable::Newer(version)) => {
            Err(Error::Newer { path: path(), version, known: manifest::VERSION })
        }
        Err(Unusable::Section(tag)) => {
            let what = format!("{}: section {tag} is not known to this program", path().display());
            Err(Error::Disk(io::Error::new(io::ErrorKind::InvalidData, what)))
        }
        Err(Unusable::Damaged) => {
            let reason = "taken from its copy, or worked out from the blocks".to_owned();
            (options.tell)(Event::FileRebuilt { name: names::MANIFEST.to_owned(), reason });
            store.set_aside(names::MANIFEST)?;
            Ok(None)
        }
    }
}

fn read_descriptions(options: &Options, store: &dyn BlockStore) -> Result<Descriptions, Error> {
    let Some((bytes, _)) = store.get_ptr(names::DESCRIPTIONS)? else { return Ok(Descriptions::default()) };
    if let Some(descriptions) = Descriptions::decode(&bytes) {
        return Ok(descriptions);
    }
    let reason = format!("not a whole file of version {}; senders will describe again", describe::VERSION);
    (options.tell)(Event::FileRebuilt { name: names::DESCRIPTIONS.to_owned(), reason });
    store.set_aside(names::DESCRIPTIONS)?;
    Ok(Descriptions::default())
}
