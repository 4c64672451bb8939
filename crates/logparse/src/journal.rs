//! The journal of systemd, read from its files: entries counted by unit and severity, and the messages of some of them given
//! to formats as lines.
//!
//! ```text
//! folders.rs: which files ─► JournalFile: entries by number ─► Cursor: which are new ─► Fields: what their data mean
//!                                  └ Window: 16 KiB of it           └─► Listener: counts of units; lines
//! ```
//!
//! Files only grow and keep their number (`file_id`) when they are renamed, so that a position is a file's number and how many
//! of its entries were read. Nothing is mapped into memory, and hash tables are not looked at: entries are listed in the order
//! they were written in.

mod cursor;
mod entry;
mod fields;
mod file;
mod folders;
mod layout;
mod listener;
mod reader;
mod units;
mod unpack;
mod window;

use crate::tail::{Position, Positions};
use crate::watch::Spec;
use model::{Sink, Standing};
use reader::Reader;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What of the journal is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Counts of all entries by unit and severity. What the kernel says is understood where it says it (`/dev/kmsg`).
    Counts,
    /// Messages of the entries with this field, `NAME=value`, as lines of a format.
    Field(String),
}

/// Where systemd keeps journals: over restarts of the host, and until then. Folders are named by the number of a machine.
pub(crate) const PATTERNS: [&str; 2] =
    ["/var/log/journal/[0-9a-f]*/*.journal*", "/run/log/journal/[0-9a-f]*/*.journal*"];

/// Whether there is a journal below a root.
pub fn is_there(root: &std::path::Path) -> bool {
    ["var/log/journal", "run/log/journal"].iter().any(|folder| root.join(folder).is_dir())
}

/// All journals that are followed: one for each root and pattern of files.
#[derive(Debug, Default)]
pub(crate) struct Journals(BTreeMap<(PathBuf, Vec<String>), Reader>);

impl Journals {
    /// Follows what a specification wants.
    pub(crate) fn put(&mut self, id: &str, spec: Spec, host: &str, positions: &mut Positions, now_ms: i64) {
        let key = (spec.root.clone(), spec.patterns.clone());
        let reader = self.0.entry(key).or_insert_with(|| Reader::new(&spec.root, &spec.patterns));
        reader.put(id, spec, host, positions, now_ms);
    }

    /// Stops following; gives what a later start has to know. Nothing when there is none of this id.
    pub(crate) fn remove(&mut self, id: &str, now_ms: i64, sink: &dyn Sink) -> Option<Vec<Position>> {
        let positions = self.0.values_mut().find_map(|reader| reader.remove(id, now_ms, sink));
        self.0.retain(|_, reader| !reader.is_idle());
        positions
    }

    /// Reads what is new; true when more is left.
    pub(crate) fn tick(&mut self, now_ms: i64, buffer: &mut Vec<u8>) -> bool {
        self.0.values_mut().fold(false, |has_more, reader| reader.tick(now_ms, buffer) | has_more)
    }

    /// Hands on what was counted.
    pub(crate) fn flush(&mut self, now_ms: i64, sink: &dyn Sink) {
        self.0.values_mut().for_each(|reader| reader.flush(now_ms, sink));
    }

    /// What a later start has to know.
    pub(crate) fn positions(&self, now_ms: i64) -> impl Iterator<Item = Position> {
        self.0.values().flat_map(move |reader| reader.positions(now_ms))
    }

    /// How all stand.
    pub(crate) fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.0.values().flat_map(Reader::standings)
    }

    /// Files that are open.
    pub(crate) fn files(&self) -> usize {
        self.0.values().map(Reader::files).sum()
    }
}

/// For fuzzing: reads every entry of a file; gives how many there were and how many of them were damaged.
pub fn read_file(path: &std::path::Path) -> std::io::Result<(u64, u64)> {
    entry::read_file(path, &mut |_, _| {})
}

#[cfg(test)]
pub(crate) mod tests;
