//! Opens the blocks that the manifest names, and clears away what it does not name.

use crate::block::BlockError;
use crate::block::reader::Block;
use crate::block::set::BlockSet;
use crate::blockstore::{BlockStore, SwapError, Version};
use crate::manifest::{Entry, Manifest, copy};
use crate::stats::Counters;
use crate::{Error, Event, Options, delete, names};
use model::TimeRange;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

/// Objects asked for at once.
const LIST_MAX: usize = 1000;

/// What was found.
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    /// Of the pointer; `None` when there is none yet.
    pub(super) version: Option<Version>,
    pub(super) blocks: BlockSet,
    /// Of newer formats.
    pub(super) foreign: Vec<u64>,
    /// Told already, and to be moved into the quarantine.
    pub(super) damaged: Vec<u64>,
}

/// Opens the blocks. Without a manifest its copy is taken, or it is worked out from what is there.
pub(super) fn open(
    options: &Options,
    store: &Arc<dyn BlockStore>,
    counters: &Counters,
    found: Option<(Manifest, Version)>,
    copy: Option<Manifest>,
) -> Result<Opened, Error> {
    let mut present = list(options, &**store)?;
    let (mut manifest, mut version) = found.unzip();
    let whole_copy = copy.clone().filter(|copy| manifest.is_none() && copy.fits(&present));
    if let Some(whole) = whole_copy {
        let swapped = store.swap_ptr(names::MANIFEST, &whole.encode(), None).map_err(SwapError::into_io)?;
        (manifest, version) = (Some(whole), Some(swapped));
    } else if let Some(copy) = &copy {
        // What it knows to be replaced does not come back, whoever replaced it.
        present.retain(|sequence| !copy.has_replaced(*sequence));
    }
    let named = manifest.as_ref().map(|m| m.blocks.iter().map(|b| b.sequence).collect::<BTreeSet<u64>>());
    if let (Some(named), Some(manifest)) = (&named, &manifest) {
        copy::write(&**store, manifest)?;
        // Written but never named, or replaced and not yet removed.
        let orphans: Vec<String> =
            present.difference(named).map(|&sequence| names::block(sequence)).collect();
        store.delete(&orphans)?;
    }
    let mut opened = Opened {
        manifest: manifest.unwrap_or_else(|| copy.map_or_else(Manifest::empty, what_still_holds)),
        version,
        blocks: BlockSet::default(),
        foreign: Vec::new(),
        damaged: Vec::new(),
    };
    let mut blocks = Vec::new();
    for &sequence in named.as_ref().unwrap_or(&present) {
        match Block::open(store, sequence) {
            Ok(block) => blocks.push(Arc::new(block)),
            Err(BlockError::Disk(error)) => return Err(Error::Disk(error)),
            Err(error @ BlockError::Newer(_)) => {
                opened.foreign.push(sequence);
                let name = format!("block {}", names::block_name(sequence));
                (options.tell)(Event::Skipped { name, reason: error.to_string() });
            }
            Err(BlockError::Damaged(reason)) => {
                opened.damaged.push(sequence);
                counters.quarantined.add(1);
                let (name, range) = (names::block_name(sequence), range_of(&opened.manifest, sequence));
                (options.tell)(Event::BlockSetAside { name, range, reason });
            }
        }
    }
    opened.blocks = BlockSet::new(blocks);
    let tombs = delete::decode(&opened.manifest.tombs).ok_or_else(|| {
        let what =
            format!("{}: what was deleted cannot be read", options.dir.join(names::MANIFEST).display());
        Error::Disk(io::Error::new(io::ErrorKind::InvalidData, what))
    })?;
    tombs.iter().for_each(|tomb| opened.blocks.hide(tomb));
    if named.is_none() {
        rebuild(&**store, &present, &mut opened)?;
    }
    let highest = present.last().map_or(0, |last| last + 1);
    opened.manifest.next_sequence = opened.manifest.next_sequence.max(highest);
    Ok(opened)
}

/// What an older manifest says that is still so: records of the log that were in blocks, and what was deleted from these.
fn what_still_holds(older: Manifest) -> Manifest {
    Manifest {
        epoch: older.epoch,
        next_id: older.next_id,
        next_sequence: older.next_sequence,
        next_offset: older.next_offset,
        tombs: older.tombs,
        ..Manifest::empty()
    }
}

/// Numbers of the blocks of which there are objects.
fn list(options: &Options, store: &dyn BlockStore) -> Result<BTreeSet<u64>, Error> {
    let mut present = BTreeSet::new();
    let prefix = format!("{}/", names::BLOCKS);
    let mut after: Option<String> = None;
    loop {
        let page = store.list_after(&prefix, after.as_deref(), LIST_MAX)?;
        for object in &page {
            match names::object_sequence(&object.key) {
                Some(sequence) => drop(present.insert(sequence)),
                None => {
                    let reason = "it is not part of a block".to_owned();
                    (options.tell)(Event::Skipped { name: object.key.clone(), reason });
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == LIST_MAX => after = Some(last.key.clone()),
            _ => return Ok(present),
        }
    }
}

/// What a block covered, as far as the manifest knows.
fn range_of(manifest: &Manifest, sequence: u64) -> Option<TimeRange> {
    let entry = manifest.blocks.iter().find(|entry| entry.sequence == sequence)?;
    (entry.samples > 0).then(|| TimeRange::new(entry.first_ms, entry.last_ms.saturating_add(1)))
}

/// Works out a manifest: all blocks that no other block replaces. What the log has is read in full, as it may or may
/// not be in blocks; reading twice does no harm.
fn rebuild(store: &dyn BlockStore, present: &BTreeSet<u64>, opened: &mut Opened) -> io::Result<()> {
    let all = opened.blocks.all();
    let replaced: Vec<u64> = all.iter().flat_map(|block| block.meta.replaces.clone()).collect();
    opened.blocks = opened.blocks.replaced(&replaced, Vec::new());
    let manifest = &mut opened.manifest;
    manifest.blocks = opened.blocks.all().iter().map(|block| Entry::of(&block.meta)).collect();
    manifest.blocks.extend(opened.foreign.iter().chain(&opened.damaged).map(|&s| Entry::unknown(s)));
    manifest.blocks.sort_by_key(|entry| entry.sequence);
    manifest.next_sequence = present.last().map_or(1, |last| last + 1).max(manifest.next_sequence);
    let highest = opened.blocks.all().iter().filter_map(|block| block.index.ids().last()).max();
    manifest.next_id = highest.map_or(0, |id| id.0.saturating_add(1)).max(manifest.next_id);
    let version = store.swap_ptr(names::MANIFEST, &manifest.encode(), None).map_err(SwapError::into_io)?;
    opened.version = Some(version);
    copy::write(store, manifest)?;
    let removed: Vec<String> =
        replaced.iter().filter(|sequence| present.contains(sequence)).map(|&s| names::block(s)).collect();
    store.delete(&removed)
}
