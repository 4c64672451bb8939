//! Snapshots: a copy of everything at one moment, in the store's own folder, that shares its files with the store. It is
//! a store itself. A snapshot without a manifest is unfinished.
//!
//! ```text
//! snapshots/<time>-<label>/store/{MANIFEST,DESCRIPTIONS,blocks/…}
//! ```

mod restore;

use crate::blockstore::prefixed::Prefixed;
use crate::blockstore::{BlockStore, Object};
use crate::manifest::{Entry, Manifest};
use crate::names;
use crate::store::Shared;
use crate::work::Work;
use model::keeper::{KeepError, Snapshot};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError};

/// Longest label.
const LABEL_BYTES_MAX: usize = 64;
/// Objects listed at once.
const LIST_MAX: usize = 1000;

impl Shared {
    /// See [`model::Keeper::snapshot`].
    pub(crate) fn snapshot(&self, label: &str) -> Result<Snapshot, KeepError> {
        if label.len() > LABEL_BYTES_MAX || !label.bytes().all(is_fine) {
            let what = "the label of a snapshot is up to 64 letters, digits, `-`, `_` and `.`";
            return Err(KeepError::Bad(format!("{what}: {label:?}")));
        }
        let failed = |error: io::Error| KeepError::Failed(format!("no snapshot was made: {error}"));
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.stopped.get() {
            return Err(KeepError::Failed(format!("no snapshot was made: {reason}")));
        }
        self.seal_all(&mut work).map_err(failed)?;
        let name = self.free_name(label).map_err(failed)?;
        self.write_snapshot(&work, &name).map_err(|error| {
            let _ = self.block_store.delete(&[names::snapshot(&name)]); // it has no manifest, so it is none
            failed(error)
        })
    }

    /// A name that is not taken, as nothing is ever written over.
    fn free_name(&self, label: &str) -> io::Result<String> {
        let time = utc(self.options.clock.now_ms());
        for number in 1.. {
            let more = if number == 1 { String::new() } else { format!("-{number}") };
            let dash = if label.is_empty() { "" } else { "-" };
            let name = format!("{time}{more}{dash}{label}");
            if self.block_store.list_after(&names::snapshot(&name), None, 1)?.is_empty() {
                return Ok(name);
            }
        }
        unreachable!("numbers do not end")
    }

    fn write_snapshot(&self, work: &Work, name: &str) -> io::Result<Snapshot> {
        let inside = names::snapshot_store(name);
        let blocks = self.blocks();
        let mut snapshot = Snapshot { name: name.to_owned(), blocks: 0, len_bytes: 0 };
        for block in blocks.all() {
            for object in [names::DATA, names::INDEX, names::META] {
                let key = names::block_object(block.meta.sequence, object);
                self.block_store.copy(&key, &format!("{inside}{key}"))?;
            }
            snapshot.blocks += 1;
            snapshot.len_bytes += block.meta.len_bytes();
        }
        let descriptions = self.descriptions().encode();
        self.block_store.put_new(&format!("{inside}{}", names::DESCRIPTIONS), &descriptions)?;
        let entries = blocks.all().iter().map(|block| Entry::of(&block.meta)).collect();
        // Its log is empty and starts where this one was written out to.
        let manifest = Manifest { blocks: entries, old_log: None, ..work.manifest.clone() }.encode();
        self.block_store.put_new(&format!("{inside}{}", names::MANIFEST), &manifest)?;
        snapshot.len_bytes += (descriptions.len() + manifest.len()) as u64;
        Ok(snapshot)
    }

    /// See [`model::Keeper::snapshots`].
    pub(crate) fn snapshots(&self) -> Result<Vec<Snapshot>, KeepError> {
        let objects = self.snapshot_objects().map_err(|error| KeepError::Failed(error.to_string()))?;
        let mut found: BTreeMap<String, (Snapshot, bool)> = BTreeMap::new();
        for object in objects {
            let Some((name, rest)) = names::in_snapshot(&object.key) else { continue };
            let (snapshot, is_whole) = found
                .entry(name.to_owned())
                .or_insert_with(|| (Snapshot { name: name.to_owned(), blocks: 0, len_bytes: 0 }, false));
            snapshot.len_bytes += object.len_bytes;
            snapshot.blocks += u64::from(rest.ends_with(names::META));
            *is_whole |= rest == names::MANIFEST;
        }
        Ok(found.into_values().filter(|(_, is_whole)| *is_whole).map(|(snapshot, _)| snapshot).collect())
    }

    fn snapshot_objects(&self) -> io::Result<Vec<Object>> {
        let prefix = format!("{}/", names::SNAPSHOTS);
        let mut all: Vec<Object> = Vec::new();
        loop {
            let after = all.last().map(|object| object.key.clone());
            let page = self.block_store.list_after(&prefix, after.as_deref(), LIST_MAX)?;
            let is_last = page.len() < LIST_MAX;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// See [`model::Keeper::remove_snapshot`].
    pub(crate) fn remove_snapshot(&self, name: &str) -> Result<(), KeepError> {
        let snapshot = self.find_snapshot(name)?;
        let failed = |error: io::Error| KeepError::Failed(format!("snapshot {name}: {error}"));
        // The manifest first: what is left after a failure is no snapshot any more.
        let manifest = format!("{}{}", names::snapshot_store(&snapshot.name), names::MANIFEST);
        self.block_store.delete(&[manifest, names::snapshot(&snapshot.name)]).map_err(failed)
    }

    fn find_snapshot(&self, name: &str) -> Result<Snapshot, KeepError> {
        let found = self.snapshots()?.into_iter().find(|snapshot| snapshot.name == name);
        found.ok_or_else(|| KeepError::Bad(format!("there is no snapshot {name:?}")))
    }

    /// The inside of a snapshot.
    fn snapshot_store(&self, name: &str) -> Arc<dyn BlockStore> {
        Arc::new(Prefixed { inner: Arc::clone(&self.block_store), prefix: names::snapshot_store(name) })
    }
}

fn is_fine(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// `20261121T140000Z`.
fn utc(time_ms: i64) -> String {
    let seconds = time_ms.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = stdx::calendar::date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_written_as_people_do() {
        let cases = [
            (0, "19700101T000000Z"),
            (951_782_400_000, "20000229T000000Z"),
            (1_795_269_599_999, "20261121T135959Z"),
            (4_107_542_400_000, "21000301T000000Z"),
        ];
        for (time_ms, text) in cases {
            assert_eq!(super::utc(time_ms), text);
        }
    }
}
