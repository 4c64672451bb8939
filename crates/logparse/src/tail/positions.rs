//! How far files were read, kept over restarts.
//!
//! ```text
//! file := "windhover-log-positions 1" LF (device " " inode " " offset " " modified_ns " " saved_ms " " len ":" hash " " path LF)*
//! ```
//!
//! It is replaced as a whole after every flush that had something new, without forcing it to the medium: a process that is
//! killed loses nothing of it; after a power failure an older state may be there, and some lines are counted twice.

use super::follower::Follower;
use super::identity::{FileId, Fingerprint};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use stdx::disk::Disk;

const HEAD: &str = "windhover-log-positions 1";
/// How long a position is kept for which nobody asks.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;
/// Most positions that are kept.
const POSITIONS_MAX: usize = 10_000;

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) path: String,
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
        let Self { path, id, offset, print, modified_ns, saved_ms } = self;
        let FileId { device, inode } = id;
        let Fingerprint { len, hash } = print;
        (!path.contains(['\n', '\r']))
            .then(|| format!("{device} {inode} {offset} {modified_ns} {saved_ms} {len}:{hash:x} {path}\n"))
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(7, ' ');
        let mut word = || words.next();
        let id = FileId { device: word()?.parse().ok()?, inode: word()?.parse().ok()? };
        let (offset, modified_ns, saved_ms) =
            (word()?.parse().ok()?, word()?.parse().ok()?, word()?.parse().ok()?);
        let (len, hash) = word()?.split_once(':')?;
        let print = Fingerprint { len: len.parse().ok()?, hash: u64::from_str_radix(hash, 16).ok()? };
        Some(Self { path: word()?.to_owned(), id, offset, print, modified_ns, saved_ms })
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
        if lines.next() != Some(HEAD) {
            return Err(format!(
                "{}: what was read before is not known: it is no file of positions",
                path.display()
            ));
        }
        let all = lines.filter_map(Position::parse).filter(|p| p.saved_ms > now_ms - KEPT_MS);
        for position in all.take(POSITIONS_MAX) {
            self.waiting.entry(position.path.clone()).or_default().push(position);
        }
        Ok(())
    }

    /// What is known of a path; it is given once.
    pub(crate) fn take(&mut self, path: &str) -> Vec<Position> {
        self.waiting.remove(path).unwrap_or_default()
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
mod tests {
    use super::*;
    use stdx::disk::RealDisk;

    fn position(path: &str, offset: u64) -> Position {
        let id = FileId { device: 1, inode: 2 };
        Position {
            path: path.to_owned(),
            id,
            offset,
            print: Fingerprint::of(b"abc"),
            modified_ns: 7,
            saved_ms: 1000,
        }
    }

    #[test]
    fn positions_come_back_once_and_old_ones_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(folder.path().join("positions"));
        let (mut positions, problem) = Positions::open(file.clone(), &RealDisk, 0);
        assert_eq!(problem, "");
        let all = [position("/a b", 5), position("/a b", 6), position("/c", 7), position("/d\n", 8)];
        positions.save(&RealDisk, all.iter().cloned()).unwrap();
        let (mut again, _) = Positions::open(file.clone(), &RealDisk, 0);
        assert_eq!(again.take("/a b"), all[..2]);
        assert!(again.take("/a b").is_empty() && again.take("/d\n").is_empty());
        // What nobody took is written again.
        again.save(&RealDisk, std::iter::empty()).unwrap();
        let (mut third, _) = Positions::open(file.clone(), &RealDisk, 0);
        assert_eq!((third.take("/a b").len(), third.take("/c").len()), (0, 1));
        let (mut late, _) = Positions::open(file, &RealDisk, 8 * 24 * 3600 * 1000);
        assert!(late.take("/c").is_empty());
    }

    #[test]
    fn what_is_no_file_of_positions_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("positions");
        std::fs::write(&path, "x\ny").unwrap();
        let (_, problem) = Positions::open(Some(path), &RealDisk, 0);
        assert!(problem.contains("no file of positions"), "{problem}");
    }

    #[test]
    fn broken_lines_are_left_out() {
        for line in ["", "1 2 3", "1 2 3 4 5 6 /a", "1 2 3 4 5 6:x /a", "a 2 3 4 5 6:7 /a"] {
            assert_eq!(Position::parse(line), None, "{line}");
        }
        let line = position("/a b c", 9).write().unwrap();
        assert_eq!(Position::parse(line.trim_end()), Some(position("/a b c", 9)));
    }
}
