//! Puts a store in order that nobody has open: what of a damaged block can be read is kept in a new one, the damaged one
//! is set aside, and a lost manifest is worked out from the blocks.

use super::{block, check};
use crate::block::ahead::Ahead;
use crate::block::meta::Meta;
use crate::block::reader::Block;
use crate::block::writer::BlockWriter;
use crate::blockstore::local::LocalBlocks;
use crate::blockstore::{BlockStore, SwapError};
use crate::head::buffer::Buffer;
use crate::manifest::{Entry, Manifest};
use crate::{Error, Options, Store, names};
use model::TimeRange;
use std::io;
use std::sync::Arc;
use stdx::random::Random;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repaired {
    /// A line for each thing that was damaged: what became of it.
    pub done: Vec<String>,
}

/// Repairs the store in the folder of `options`.
///
/// # Errors
/// Another process has it open, or the disk refuses.
pub fn repair(options: &Options) -> Result<Repaired, Error> {
    let mut options = options.clone();
    options.background = false;
    let mut repaired = Repaired::default();
    let before = check(&options.disk, &options.dir)?;
    if before.damaged.iter().any(|damage| damage.name == names::MANIFEST) {
        Store::open(options.clone())?.close()?;
        repaired.done.push("MANIFEST: worked out from the blocks".to_owned());
    }
    {
        let lock = options.disk.lock(&options.dir.join(names::LOCK));
        let _lock = lock.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Error::InUse(options.dir.clone()),
            _ => Error::Disk(error),
        })?;
        let damaged = check(&options.disk, &options.dir)?.damaged;
        for damage in damaged {
            if let Some(sequence) = damage.sequence {
                let kept = salvage(&options, sequence)?;
                repaired.done.push(format!("{damage}; set aside, {kept} samples kept"));
            }
        }
    }
    // Opening tells of the rest: what is lost of the log, and files that are made anew.
    let store = Store::open(options.clone())?;
    store.tick(options.clock.now_ms())?;
    store.close()?;
    let known = |damage: &super::Finding| damage.sequence.is_some() || damage.name == names::MANIFEST;
    let rest = before.damaged.iter().filter(|damage| !known(damage));
    repaired.done.extend(rest.map(|damage| format!("{damage}; stepped over")));
    Ok(repaired)
}

/// Writes what can be read of a block as a new one, which takes its place in the manifest. Gives the number of samples.
fn salvage(options: &Options, sequence: u64) -> Result<u64, Error> {
    let store: Arc<dyn BlockStore> = Arc::new(LocalBlocks::open(Arc::clone(&options.disk), &options.dir)?);
    let Some((bytes, version)) = store.get_ptr(names::MANIFEST)? else { return Ok(0) };
    let Ok(mut manifest) = Manifest::decode(&bytes) else { return Ok(0) };
    let new = manifest.next_sequence;
    let kept = match Block::open(&store, sequence) {
        Ok(block) => write_readable(&store, &block, new)?,
        Err(_) => None, // without an index nobody knows whose samples they are
    };
    manifest.blocks.retain(|entry| entry.sequence != sequence);
    manifest.blocks.extend(kept.as_ref().map(Entry::of));
    manifest.next_sequence += 1;
    manifest.epoch += 1;
    manifest.nonce = Random::from_entropy().next_u64();
    store.swap_ptr(names::MANIFEST, &manifest.encode(), Some(&version)).map_err(SwapError::into_io)?;
    store.set_aside(&names::block(sequence))?;
    Ok(kept.map_or(0, |meta| meta.samples))
}

fn write_readable(store: &Arc<dyn BlockStore>, block: &Block, new: u64) -> io::Result<Option<Meta>> {
    // Rows of coarser tiers are made anew from the samples.
    if block.meta.origin.tier_ms > 0 {
        return Ok(None);
    }
    let mut writer = BlockWriter::create(Arc::clone(store), new, block.meta.window)?;
    let mut reader = block.index.reader();
    for ordinal in 0..u32::try_from(block.meta.series).unwrap_or(u32::MAX) {
        let Ok(series) = block.series_by(&mut reader, ordinal) else { continue };
        let readable = readable(block, ordinal);
        writer.samples(&readable.times_ms, &readable.values)?;
        writer.end_series(series.id, series.labels.key(), series.kind);
    }
    if writer.is_empty() {
        store.delete(&[names::block(new)])?;
        return Ok(None);
    }
    let mut replaces = block.meta.replaces.clone();
    replaces.push(block.meta.sequence);
    writer.finish(replaces, block.meta.origin.clone()).map(Some)
}

/// The samples of a series whose chunks are whole.
fn readable(block: &Block, ordinal: u32) -> Buffer {
    let mut samples = Buffer::default();
    for chunk in block.chunks_of(ordinal, TimeRange::ALL).unwrap_or_default() {
        let newest_ms = samples.last_ms().unwrap_or(i64::MIN);
        let (mut times_ms, mut values) = (Vec::new(), Vec::new());
        let is_whole = block::check_chunk(block, &chunk, newest_ms).is_ok()
            && block.read_times(&chunk.times, &mut times_ms).is_ok()
            && block.read_values(&chunk, &mut Ahead::default(), &mut values).is_ok();
        if is_whole {
            samples.times_ms.append(&mut times_ms);
            samples.values.append(&mut values);
        }
    }
    samples
}
