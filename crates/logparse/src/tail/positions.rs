//! How far files were read, kept over restarts.
//!
//! ```text
//! file := "windhover-log-positions 2" LF entry*
//! entry := device " " inode " " offset " " modified_ns " " saved_ms " " len ":" hash " " device ":" inode " " path LF
//! ```
//!
//! The second device and inode are those of the root that the path is seen from, zeros for ours: two containers have the
//! same paths. Version 1 did not have them.
//!
//! It is replaced as a whole after every flush that had something new, without forcing it to the medium: a process that is
//! killed loses nothing of it; after a power failure an older state may be there, and some lines are counted twice.

use super::follower::Follower;
use super::identity::{FileId, Fingerprint};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use stdx::disk::Disk;

const HEAD: &str = "windhover-log-positions 2";
/// What earlier versions wrote, which knew of one root.
const HEAD_1: &str = "windhover-log-positions 1";
/// How long a position is kept for which nobody asks.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;
/// Most positions that are kept.
const POSITIONS_MAX: usize = 10_000;

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) path: String,
    /// The root that the path is seen from; none for ours.
    pub(crate) root: FileId,
    pub(crate) id: FileId,
    pub(crate) offset: u64,
    pub(crate) print: Fingerprint,
    pub(crate) modified_ns: i128,
    pub(crate) saved_ms: i64,
}

impl Position {
    /// Whether it is of this very file: a file that has less than was read, or begins otherwise, is not. One that was
    /// empty can be any.
    pub(crate) fn is_of(&self, file: &Follower) -> bool {
        self.print.len > 0 && self.id == file.id && file.left() >= self.offset && file.has(&self.print)
    }

    fn write(&self) -> Option<String> {
        let Self { path, root, id, offset, print, modified_ns, saved_ms } = self;
        let FileId { device, inode } = id;
        let Fingerprint { len, hash } = print;
        let root = format!("{}:{}", root.device, root.inode);
        (!path.contains(['\n', '\r'])).then(|| {
            format!("{device} {inode} {offset} {modified_ns} {saved_ms} {len}:{hash:x} {root} {path}\n")
        })
    }

    fn parse(line: &str, has_root: bool) -> Option<Self> {
        let mut words = line.splitn(if has_root { 8 } else { 7 }, ' ');
        let mut word = || words.next();
        let id = FileId { device: word()?.parse().ok()?, inode: word()?.parse().ok()? };
        let (offset, modified_ns, saved_ms) =
            (word()?.parse().ok()?, word()?.parse().ok()?, word()?.parse().ok()?);
        let (len, hash) = word()?.split_once(':')?;
        let print = Fingerprint { len: len.parse().ok()?, hash: u64::from_str_radix(hash, 16).ok()? };
        let mut root = FileId::NONE;
        if has_root {
            let (device, inode) = word()?.split_once(':')?;
            root = FileId { device: device.parse().ok()?, inode: inode.parse().ok()? };
        }
        Some(Self { path: word()?.to_owned(), root, id, offset, print, modified_ns, saved_ms })
    }
}

/// All of them, by path.
#[derive(Debug)]
pub(crate) struct Positions {
    file: Option<PathBuf>,
    /// Those that nobody has asked for yet.
    waiting: BTreeMap<String, Vec<Position>>,
    written: String,
}

impl Positions {
    /// Reads what an earlier start left in `file`. What cannot be read is as if it were not there, and told.
    pub(crate) fn open(file: Option<PathBuf>, disk: &dyn Disk, now_ms: i64) -> (Self, String) {
        let mut positions = Self { file, waiting: BTreeMap::new(), written: String::new() };
        let problem = positions.read(disk, now_ms).err().unwrap_or_default();
        (positions, problem)
    }

    fn read(&mut self, disk: &dyn Disk, now_ms: i64) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        let bytes = match disk.read(path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(why) => return Err(format!("what was read before is not known: {why}")),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let head = lines.next();
        if head != Some(HEAD) && head != Some(HEAD_1) {
            return Err(format!(
                "{}: what was read before is not known: it is no file of positions",
                path.display()
            ));
        }
        let all = lines.filter_map(|line| Position::parse(line, head == Some(HEAD)));
        let all = all.filter(|p| p.saved_ms > now_ms - KEPT_MS);
        for position in all.take(POSITIONS_MAX) {
            self.waiting.entry(position.path.clone()).or_default().push(position);
        }
        Ok(())
    }

    /// What is known of a path seen from a root, behind which is the file `now`; it is given once. A root that is made anew
    /// has another number, while its logs may be the same: then those positions hold that are of this very file, and
    /// those of an earlier version.
    pub(crate) fn take(&mut self, path: &str, root: FileId, now: FileId) -> Vec<Position> {
        let Some(all) = self.waiting.remove(path) else { return Vec::new() };
        let is_known = all.iter().any(|position| position.root == root);
        let is_ours = |position: &Position| match is_known {
            true => position.root == root,
            false => position.root == FileId::NONE || position.id == now,
        };
        let (ours, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_ours);
        if !others.is_empty() {
            self.waiting.insert(path.to_owned(), others);
        }
        ours
    }

    /// Gives positions back that are no longer followed, for when they are again.
    pub(crate) fn put_back(&mut self, positions: Vec<Position>) {
        for position in positions {
            if self.waiting.len() < POSITIONS_MAX {
                self.waiting.entry(position.path.clone()).or_default().push(position);
            }
        }
    }

    /// Writes all positions where they changed.
    pub(crate) fn save(
        &mut self,
        disk: &dyn Disk,
        followed: impl Iterator<Item = Position>,
    ) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let mut text = format!("{HEAD}\n");
        let waiting = self.waiting.values().flatten().filter_map(Position::write);
        // When it was saved is no change.
        let mut plain = String::new();
        for position in followed {
            text.extend(position.write());
            plain.extend(Position { saved_ms: 0, ..position }.write());
        }
        waiting.for_each(|line| {
            text.push_str(&line);
            plain.push_str(&line);
        });
        if plain == self.written {
            return Ok(());
        }
        replace(disk, path, text.as_bytes())?;
        self.written = plain;
        Ok(())
    }
}

fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    match disk.remove_file(&temporary) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    disk.create(&temporary)?.write_all(bytes)?;
    disk.rename(&temporary, path)
}

#[cfg(test)]
mod tests;
