//! Looks through everything in a store's folder without changing it, also while a process has it open.

mod block;
mod repair;

pub use repair::{Repaired, repair};

use crate::block::BlockError;
use crate::blockstore::BlockStore;
use crate::blockstore::local::LocalBlocks;
use crate::describe::Descriptions;
use crate::log::segment::{self, Header, Part, Parts, read_header};
use crate::manifest::{Entry, Manifest, Unusable, copy};
use crate::readonly::Frozen;
use crate::{Error, names};
use model::{TimeRange, timetext};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use stdx::disk::Disk;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Blocks looked through.
    pub blocks: u64,
    /// Series in them, each counted in every block.
    pub series: u64,
    /// Samples in them.
    pub samples: u64,
    /// Whole records in the log.
    pub records: u64,
    /// What cannot be used.
    pub damaged: Vec<Finding>,
    /// What a newer program wrote: nothing can be said of it, and nothing of what only it tells.
    pub newer: Vec<String>,
    /// What is worth knowing and no damage.
    pub notes: Vec<String>,
}

/// Something that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The block's name, or the file.
    pub name: String,
    /// What it covers, as far as is known.
    pub range: Option<TimeRange>,
    /// What is wrong with it.
    pub reason: String,
    /// Number of the block, if it is one.
    pub(crate) sequence: Option<u64>,
}

impl Finding {
    fn file(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), range: None, reason: reason.into(), sequence: None }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, range, reason, .. } = self;
        match range {
            Some(range) => {
                let (start, end) = (timetext::print(range.start_ms), timetext::print(range.end_ms));
                write!(f, "{name} ({start} to {end}): {reason}")
            }
            None => write!(f, "{name}: {reason}"),
        }
    }
}

/// Looks through the store in a folder: every checksum, every chunk decoded, labels against postings, the manifest
/// against the blocks there are, every record of the log.
///
/// # Errors
/// The folder has no store in it, or the disk refuses.
pub fn check(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Checked, Error> {
    let disk: Arc<dyn Disk> = Arc::new(Frozen(Arc::clone(disk)));
    let known = [names::MANIFEST, names::BLOCKS, names::LOG, names::OLD_LOG];
    if !disk.list(dir)?.iter().any(|entry| known.contains(&entry.name.as_str())) {
        return Err(Error::Option(format!("{}: there is no store in this folder", dir.display())));
    }
    let store: Arc<dyn BlockStore> = Arc::new(LocalBlocks::open(Arc::clone(&disk), dir)?);
    let mut checked = Checked::default();
    let manifest = read_manifest(&*store, &mut checked)?;
    check_copy(&*store, manifest.as_ref(), &mut checked)?;
    if let Some(manifest) = manifest {
        for entry in &manifest.blocks {
            check_block(&store, entry, &mut checked)?;
        }
        tell_unnamed(&*store, &manifest, &mut checked)?;
    }
    for (folder, version) in [(names::LOG, segment::VERSION), (names::OLD_LOG, 1)] {
        check_log(&*disk, dir, folder, version, &mut checked)?;
    }
    if let Some((bytes, _)) = store.get_ptr(names::DESCRIPTIONS)?
        && Descriptions::decode(&bytes).is_none()
    {
        checked.damaged.push(Finding::file(names::DESCRIPTIONS, "the checksum is wrong"));
    }
    Ok(checked)
}

fn read_manifest(store: &dyn BlockStore, checked: &mut Checked) -> Result<Option<Manifest>, Error> {
    let Some((bytes, _)) = store.get_ptr(names::MANIFEST)? else {
        checked.notes.push("there is no MANIFEST: nothing was written out yet, or it is lost".to_owned());
        return Ok(None);
    };
    match Manifest::decode(&bytes) {
        Ok(manifest) => return Ok(Some(manifest)),
        Err(Unusable::Newer(version)) => checked.newer.push(format!("{}: format {version}", names::MANIFEST)),
        Err(Unusable::Section(tag)) => checked.newer.push(format!("{}: section {tag}", names::MANIFEST)),
        Err(Unusable::Damaged) => {
            let copy = copy::read(store)?.map_or("there is no copy of it", |_| "its copy takes its place");
            checked.damaged.push(Finding::file(names::MANIFEST, format!("the checksum is wrong; {copy}")));
        }
    }
    Ok(None)
}

/// The second manifest, which is worth something only when it is whole.
fn check_copy(
    store: &dyn BlockStore,
    manifest: Option<&Manifest>,
    checked: &mut Checked,
) -> Result<(), Error> {
    let Some((bytes, _)) = store.get_ptr(names::MANIFEST_COPY)? else { return Ok(()) };
    let (name, anew) = (names::MANIFEST_COPY, "it is written anew when the store is next opened");
    match Manifest::decode(&bytes) {
        Err(Unusable::Damaged) => {
            checked.damaged.push(Finding::file(name, format!("the checksum is wrong; {anew}")));
        }
        Err(_) => checked.newer.push(name.to_owned()),
        Ok(copy) if manifest.is_some_and(|manifest| *manifest != copy) => {
            checked.notes.push(format!("{name}: not the same as {}; {anew}", names::MANIFEST));
        }
        Ok(_) => {}
    }
    Ok(())
}

fn check_block(store: &Arc<dyn BlockStore>, entry: &Entry, checked: &mut Checked) -> Result<(), Error> {
    let reason = match block::check(store, entry.sequence) {
        Ok(counts) => {
            checked.blocks += 1;
            checked.series += counts.series;
            checked.samples += counts.samples;
            return Ok(());
        }
        Err(BlockError::Disk(error)) => return Err(Error::Disk(error)),
        Err(BlockError::Newer(version)) => {
            let what = format!("written in format {version}, newer than this program");
            checked.notes.push(format!("block {}: {what}", names::block_name(entry.sequence)));
            return Ok(());
        }
        Err(BlockError::Damaged(reason)) => reason,
    };
    // While somebody writes, a block may have been replaced since the manifest was read.
    if let Some((bytes, _)) = store.get_ptr(names::MANIFEST)?
        && let Ok(manifest) = Manifest::decode(&bytes)
        && !manifest.blocks.iter().any(|e| e.sequence == entry.sequence)
    {
        return Ok(());
    }
    let range = (entry.samples > 0).then(|| TimeRange::new(entry.first_ms, entry.last_ms.saturating_add(1)));
    let name = format!("block {}", names::block_name(entry.sequence));
    checked.damaged.push(Finding { name, range, reason, sequence: Some(entry.sequence) });
    Ok(())
}

fn tell_unnamed(store: &dyn BlockStore, manifest: &Manifest, checked: &mut Checked) -> Result<(), Error> {
    let mut told = None;
    for object in store.list_after(&format!("{}/", names::BLOCKS), None, usize::MAX)? {
        let sequence = names::object_sequence(&object.key);
        let is_named = manifest.blocks.iter().any(|entry| Some(entry.sequence) == sequence);
        if is_named || (told == sequence && sequence.is_some()) {
            continue;
        }
        told = sequence;
        checked.notes.push(match sequence {
            Some(sequence) => format!("block {}: not in the MANIFEST", names::block_name(sequence)),
            None => format!("{}: not part of a block", object.key),
        });
    }
    Ok(())
}

fn check_log(
    disk: &dyn Disk,
    dir: &Path,
    folder: &str,
    version: u16,
    checked: &mut Checked,
) -> Result<(), Error> {
    let entries = match disk.list(&dir.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listed => listed?,
    };
    let number = |name: &str| match version {
        1 => names::old_segment_number(name),
        _ => names::segment_offset(name),
    };
    let last = entries.iter().rposition(|entry| number(&entry.name).is_some());
    for (at, entry) in entries.iter().enumerate() {
        let name = format!("{folder}/{}", entry.name);
        match number(&entry.name) {
            None => checked.notes.push(format!("{name}: not a log segment")),
            Some(first) => match disk.read(&entry.path) {
                // Removed meanwhile by whoever writes.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => check_segment(&read?, (version, first), &name, Some(at) == last, checked),
            },
        }
    }
    Ok(())
}

fn check_segment(bytes: &[u8], kind: (u16, u64), name: &str, is_last: bool, checked: &mut Checked) {
    match read_header(bytes, kind.0, kind.1) {
        Header::Known => {}
        Header::Newer(version) => {
            let what = format!("{name}: written in format {version}, newer than this program");
            return checked.notes.push(what);
        }
        Header::Unreadable if bytes.len() <= segment::HEADER_BYTES && is_last => return,
        Header::Unreadable => checked.damaged.push(Finding::file(name, "the header is damaged")),
    }
    for part in Parts::new(bytes) {
        match part {
            Part::Record { .. } => checked.records += 1,
            Part::Tail { offset } if is_last => {
                let len_bytes = bytes.len() - offset;
                checked.notes.push(format!("{name}: {len_bytes} bytes of an unfinished write at the end"));
            }
            Part::Damage { offset, len_bytes } => {
                let what = format!("{len_bytes} bytes at {offset} are damaged");
                checked.damaged.push(Finding::file(name, what));
            }
            Part::Tail { offset } => {
                let what = format!("{} bytes at {offset} are damaged", bytes.len() - offset);
                checked.damaged.push(Finding::file(name, what));
            }
        }
    }
}
