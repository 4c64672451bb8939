//! The manifest a second time, for the day on which the first one is damaged: what was deleted but is still in blocks is
//! told nowhere else.
//!
//! It is written after each swap of the manifest and before anything goes that only older manifests name, so it is never
//! further behind than by one swap, and all it names is there. Where it cannot be written it is removed.

use super::Manifest;
use crate::blockstore::BlockStore;
use crate::names;
use std::collections::BTreeSet;
use std::io;

/// Makes the copy say the same as the manifest.
///
/// # Errors
/// The copy may say what is no longer so.
pub(crate) fn write(store: &dyn BlockStore, manifest: &Manifest) -> io::Result<()> {
    let bytes = manifest.encode();
    let is_same = store.get_ptr(names::MANIFEST_COPY).is_ok_and(|copy| copy.is_some_and(|(b, _)| b == bytes));
    if is_same {
        return Ok(());
    }
    store
        .set_ptr(names::MANIFEST_COPY, &bytes)
        .or_else(|error| store.delete(&[names::MANIFEST_COPY.to_owned()]).map_err(|_| error))
}

/// Reads the copy; `None` when there is none that can be read.
pub(crate) fn read(store: &dyn BlockStore) -> io::Result<Option<Manifest>> {
    Ok(store.get_ptr(names::MANIFEST_COPY)?.and_then(|(bytes, _)| Manifest::decode(&bytes).ok()))
}

impl Manifest {
    /// Whether it can be the latest one when these blocks are there.
    pub(crate) fn fits(&self, present: &BTreeSet<u64>) -> bool {
        self.blocks.iter().all(|entry| present.contains(&entry.sequence))
            && present.last().is_none_or(|last| *last < self.next_sequence)
    }

    /// Whether a block that is there was replaced before this manifest.
    pub(crate) fn has_replaced(&self, sequence: u64) -> bool {
        sequence < self.next_sequence && !self.blocks.iter().any(|entry| entry.sequence == sequence)
    }
}
