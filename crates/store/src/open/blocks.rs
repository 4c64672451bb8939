//! Opens the blocks that the manifest names, and clears away what it does not name.

use crate::block::BlockError;
use crate::block::meta::Meta;
use crate::block::reader::Block;
use crate::block::set::BlockSet;
use crate::manifest::Manifest;
use crate::stats::Counters;
use crate::{Error, Event, Options, names};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use stdx::disk::write_atomically;

/// What was found.
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    pub(super) blocks: BlockSet,
    /// Of newer formats.
    pub(super) foreign: Vec<u64>,
    /// Told already, and to be moved into the quarantine.
    pub(super) damaged: Vec<u64>,
}

/// Opens the blocks. Without a manifest it is worked out from what is there.
pub(super) fn open(
    options: &Options,
    counters: &Counters,
    manifest: Option<Manifest>,
) -> Result<Opened, Error> {
    let present = list(options)?;
    let named = manifest.as_ref().map(|m| m.blocks.iter().copied().collect::<BTreeSet<u64>>());
    if let Some(named) = &named {
        // Written but never named, or replaced and not yet removed.
        for sequence in present.iter().filter(|sequence| !named.contains(sequence)) {
            options.disk.remove_dir_all(&names::block(&options.dir, *sequence))?;
        }
    }
    let mut opened = Opened {
        manifest: manifest.clone().unwrap_or_default(),
        blocks: BlockSet::default(),
        foreign: Vec::new(),
        damaged: Vec::new(),
    };
    let mut blocks = Vec::new();
    for &sequence in named.as_ref().unwrap_or(&present) {
        match Block::open(&*options.disk, &names::block(&options.dir, sequence), sequence) {
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
                tell_damaged(options, sequence, reason);
            }
        }
    }
    opened.blocks = BlockSet::new(blocks);
    if manifest.is_none() {
        rebuild(options, &present, &mut opened)?;
    }
    let highest = present.last().map_or(0, |last| last + 1);
    opened.manifest.next_sequence = opened.manifest.next_sequence.max(highest);
    Ok(opened)
}

/// Numbers of the block folders; unfinished ones are removed.
fn list(options: &Options) -> Result<BTreeSet<u64>, Error> {
    let mut present = BTreeSet::new();
    for entry in options.disk.list(&options.dir.join(names::BLOCKS))? {
        if names::is_unfinished(&entry.name) {
            options.disk.remove_dir_all(&entry.path)?;
        } else if let Some(sequence) = names::block_sequence(&entry.name).filter(|_| entry.is_dir) {
            present.insert(sequence);
        } else {
            let name = format!("{}/{}", names::BLOCKS, entry.name);
            (options.tell)(Event::Skipped { name, reason: "it is not a block".to_owned() });
        }
    }
    Ok(present)
}

fn tell_damaged(options: &Options, sequence: u64, reason: String) {
    let meta = options.disk.read(&names::block(&options.dir, sequence).join(names::META));
    let range = meta.ok().and_then(|bytes| Meta::decode(&bytes, sequence).ok()).map(|meta| meta.range());
    (options.tell)(Event::BlockSetAside { name: names::block_name(sequence), range, reason });
}

/// Works out a manifest: all blocks that no other block replaces. What the log has is read in full, as it may or may
/// not be in blocks; reading twice does no harm.
fn rebuild(options: &Options, present: &BTreeSet<u64>, opened: &mut Opened) -> io::Result<()> {
    let all = opened.blocks.all();
    let replaced: Vec<u64> = all.iter().flat_map(|block| block.meta.replaces.clone()).collect();
    opened.blocks = opened.blocks.replaced(&replaced, Vec::new());
    let manifest = &mut opened.manifest;
    manifest.blocks = opened.blocks.all().iter().map(|block| block.meta.sequence).collect();
    manifest.blocks.extend(&opened.foreign);
    manifest.blocks.extend(&opened.damaged);
    manifest.next_sequence = present.last().map_or(1, |last| last + 1);
    let highest = opened.blocks.all().iter().filter_map(|block| block.index.ids().last()).max();
    manifest.next_id = highest.map_or(0, |id| id.0.saturating_add(1));
    write_atomically(&*options.disk, &options.dir.join(names::MANIFEST), &manifest.encode())?;
    for sequence in replaced.iter().filter(|sequence| present.contains(sequence)) {
        options.disk.remove_dir_all(&names::block(&options.dir, *sequence))?;
    }
    Ok(())
}
