//! Opening: lock the folder, open the blocks, read back what of the log they do not cover, start behind it.

mod blocks;
mod memory;

use crate::append::Appender;
use crate::blockstore::local::LocalBlocks;
use crate::blockstore::{BlockStore, Version};
use crate::cardinality::{Growth, Queried};
use crate::compact::pace::Waiting;
use crate::describe::{self, Descriptions};
use crate::manifest::{self, Manifest, Unusable};
use crate::policy::Policies;
use crate::stats::Counters;
use crate::store::{Shared, segment_age_ms};
use crate::wal::replay::replay;
use crate::wal::writer::Writer;
use crate::work::Work;
use crate::worker::Bell;
use crate::{Error, Event, Options, names, quarantine, readonly};
use memory::Memory;
use model::TimeRange;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use stdx::disk::{Disk, Lock};

/// Opens the store in the folder of `options`.
pub(crate) fn open(options: Options) -> Result<(Shared, Box<dyn Lock>), Error> {
    let disk = Arc::clone(&options.disk);
    make_folder(&*disk, &options.dir)?;
    let lock = disk.lock(&options.dir.join(names::LOCK)).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::InUse(options.dir.clone()),
        _ => Error::Disk(error),
    })?;
    for folder in [names::LOG, names::BLOCKS] {
        disk.create_dir_all(&options.dir.join(folder))?;
    }
    disk.sync_dir(&options.dir)?;
    Ok((load(options, TimeRange::ALL)?, lock))
}

/// Opens what is there of `range` without a lock. When the manifest was swapped meanwhile, blocks and log may not have
/// fitted together.
pub(crate) fn open_read_only(options: &Options, range: TimeRange) -> Result<Shared, Error> {
    let manifest = || read_file(options, names::MANIFEST);
    let mut before = manifest()?;
    for _ in 0..readonly::TRIES_MAX {
        let shared = load(options.clone(), range);
        let after = manifest()?;
        if before == after {
            return shared;
        }
        before = after;
    }
    Err(Error::Disk(io::Error::other("the store changed faster than it could be read")))
}

/// Brings into memory what must be there, with the blocks that may have samples in `range`.
fn load(options: Options, range: TimeRange) -> Result<Shared, Error> {
    let disk = Arc::clone(&options.disk);
    let counters = Arc::new(Counters::new());
    let block_store = open_block_store(&options)?;
    let mut manifest = read_manifest(&options, &*block_store)?;
    if let Some((manifest, _)) = &mut manifest
        && range != TimeRange::ALL
    {
        // Of blocks that version 1 named only the number is known.
        manifest.blocks.retain(|b| {
            b.samples == 0 || TimeRange::new(b.first_ms, b.last_ms.saturating_add(1)).overlaps(range)
        });
    }
    let opened = blocks::open(&options, &block_store, &counters, manifest)?;
    let manifest = opened.manifest;
    let set = Arc::new(opened.blocks);
    let mut memory = Memory::new(&options, Arc::clone(&counters), Arc::clone(&set), &manifest);
    memory.descriptions = read_descriptions(&options)?;
    let queried = Queried::read(&options)?;
    let segments = replay(&*disk, &options.dir, &*options.tell, &mut |position, decoded| {
        memory.take(position, decoded)
    })?;
    memory.finish(&options);
    // Also not the number of a segment that a power cut took: what is covered there must not cover what is new.
    let last = segments.last().map_or(0, |last| last.number);
    let covered = manifest.old_log.map_or(0, |log| log.covered.segment);
    let next_number = last.max(covered) + 1;
    let limits = (options.segment_bytes, segment_age_ms(&options));
    let log = Writer::new(disk, &options.dir, Arc::clone(&counters), segments, next_number, limits);
    let syncer = log.syncer();
    let ids = (0..memory.series.len() as u32).map(|ordinal| memory.series.id(ordinal));
    let mut appender = Appender::new(log, memory.next_id, manifest.boundary_ms, ids);
    appender.old_samples = memory.old_samples;
    let policies = Policies::new(options.policies.clone(), options.retention_age, options.block_span)?;
    let shared = Shared {
        options,
        counters,
        work: Mutex::new(Work::new(manifest, opened.version, opened.foreign)),
        appender: Mutex::new(appender),
        series: RwLock::new(memory.series),
        head: RwLock::new(memory.head),
        block_store,
        blocks: RwLock::new(set),
        damaged: Mutex::new(opened.damaged),
        descriptions: RwLock::new(memory.descriptions),
        growth: Mutex::new(Growth::new(memory.next_id)),
        queried: Mutex::new(queried),
        syncer,
        bell: Bell::default(),
        stopped: OnceLock::new(),
        failed: AtomicBool::new(false),
        busy: AtomicBool::new(false),
        is_short: AtomicBool::new(false),
        is_full: AtomicBool::new(false),
        policies: RwLock::new(Arc::new(policies)),
        waiting: Waiting::default(),
    };
    Ok(shared)
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

/// Content of a file of the store's own folder, when there is one.
fn read_file(options: &Options, name: &str) -> io::Result<Option<Vec<u8>>> {
    match options.disk.read(&options.dir.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
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
            let reason = "worked out from the blocks".to_owned();
            (options.tell)(Event::FileRebuilt { name: names::MANIFEST.to_owned(), reason });
            store.set_aside(names::MANIFEST)?;
            Ok(None)
        }
    }
}

fn read_descriptions(options: &Options) -> Result<Descriptions, Error> {
    let Some(bytes) = read_file(options, names::DESCRIPTIONS)? else { return Ok(Descriptions::default()) };
    if let Some(descriptions) = Descriptions::decode(&bytes) {
        return Ok(descriptions);
    }
    let reason = format!("not a whole file of version {}; senders will describe again", describe::VERSION);
    (options.tell)(Event::FileRebuilt { name: names::DESCRIPTIONS.to_owned(), reason });
    quarantine::set_file_aside(&*options.disk, &options.dir, names::DESCRIPTIONS)?;
    Ok(Descriptions::default())
}
