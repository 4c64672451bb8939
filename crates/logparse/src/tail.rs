//! Following one file by its path through everything that happens to logs.
//!
//! | what happens | what is done |
//! |---|---|
//! | the name stands for another file (renamed away, made anew) | the old one is read on until it is quiet, the new one from its start |
//! | the file shrinks, or begins otherwise than it did (copied and truncated) | the copy is looked for and read on, then the file from its start |
//! | it was replaced while nobody looked, perhaps several times, perhaps packed | its successors are found among its siblings and read on |
//! | it is missing, or may not be read | told, and tried again at each tick |
//!
//! Files are told apart by device, inode and a fingerprint of their first bytes, because inodes are used again.

mod follower;
mod identity;
mod lines;
mod place;
mod positions;
mod rotated;
mod siblings;

pub(crate) use siblings::is_beside;

pub(crate) use identity::{FileId, Fingerprint, read_at};
pub(crate) use lines::{LINE_BYTES_MAX, Lines};
pub(crate) use place::{Place, locate};
pub(crate) use positions::{Position, Positions};

use crate::telemetry;
use follower::Follower;
use siblings::Sibling;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// How long a file that was replaced must be quiet before it is left: whoever writes may not have noticed yet.
const QUIET_MS: i64 = 60_000;
/// Most files that were replaced and are still read.
const OLD_MAX: usize = 16;

/// Takes lines, without their line feed; [`Lines::TooLong`] for one that was left out.
pub(crate) trait Take {
    /// A whole line, or one that nothing more is going to be added to.
    fn line(&mut self, line: Lines<'_>);
    /// Bytes that were read.
    fn read(&mut self, bytes: u64);
}

/// How much is done in one go.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) bytes: u64,
}

/// Where a file is first read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    Start,
    End,
}

/// A path and the files that stand, or stood, behind it.
#[derive(Debug)]
pub(crate) struct Tail {
    place: Place,
    /// Which root that is seen from.
    root: FileId,
    current: Option<Follower>,
    /// Replaced ones, oldest first. What is not read of them comes before the current one.
    old: Vec<Follower>,
    /// What was read to its end, lest it or a copy of it be read again.
    done: Vec<Done>,
    /// What an earlier start left, until there is a file.
    known: Vec<Position>,
    begin: Begin,
    /// Since when it is looked for, in nanoseconds since 1970: what was made later counts from its start.
    since_ns: i128,
    /// Since when there is no file.
    missing_ms: Option<i64>,
    /// Why nothing can be read; empty when all is well.
    pub(crate) problem: String,
}

/// Something that was read to its end.
#[derive(Debug)]
struct Done {
    print: Fingerprint,
    /// Where it ended, for a later start; nothing where a copy of it says so.
    position: Option<Position>,
}

/// How many of them are remembered.
const DONE_MAX: usize = 16;

impl Tail {
    /// Begins with what is known of the path from before.
    pub(crate) fn new(place: Place, begin: Begin, since_ms: i64, known: Vec<Position>) -> Self {
        let begin = if known.is_empty() { begin } else { Begin::Start };
        Self {
            root: place.root_id(),
            place,
            current: None,
            old: Vec::new(),
            done: Vec::new(),
            known,
            begin,
            since_ns: i128::from(since_ms) * 1_000_000,
            missing_ms: None,
            problem: String::new(),
        }
    }

    /// Looks what became of the file and reads what is new. True when more is left than the budget allows.
    pub(crate) fn tick(
        &mut self,
        now_ms: i64,
        budget: &mut Budget,
        lines: &mut Vec<u8>,
        take: &mut dyn Take,
    ) -> bool {
        self.look(now_ms);
        let mut has_more = false;
        let mut at = 0;
        while at < self.old.len() {
            self.old[at].refresh();
            let state = self.old[at].read(now_ms, budget, lines, take);
            has_more |= state.has_more;
            let is_over = self.old[at].is_packed() && !state.has_more;
            let is_quiet = now_ms - self.old[at].grew_ms >= QUIET_MS && !state.has_more;
            if is_over || is_quiet || state.failed || (self.old.len() > OLD_MAX && !state.has_more) {
                let old = self.old.remove(at);
                self.leave(old, now_ms, take);
            } else {
                at += 1;
            }
        }
        // Lines of the old ones come first, so that nothing is out of order by more than what is written meanwhile.
        if let Some(current) = &mut self.current
            && !has_more
        {
            let state = current.read(now_ms, budget, lines, take);
            has_more |= state.has_more;
            if state.failed {
                self.problem = format!("{}: it cannot be read", self.place.path().display());
            }
        }
        has_more
    }

    /// Leaves a file for good: what it ends with is a line, even without a line feed.
    fn leave(&mut self, mut old: Follower, now_ms: i64, take: &mut dyn Take) {
        old.last_line(take);
        self.remember(Done { print: *old.print(), position: Some(old.position("", now_ms)) });
    }

    fn remember(&mut self, done: Done) {
        if self.done.len() == DONE_MAX {
            self.done.remove(0);
        }
        self.done.push(done);
    }

    fn look(&mut self, now_ms: i64) {
        match self.place.look() {
            Ok(found) if !found.is_file() => {
                self.problem = format!("{}: it is no file", self.place.path().display());
            }
            Ok(found) => {
                self.problem.clear();
                self.compare(&found, now_ms);
            }
            Err(why) => self.miss(&why, now_ms),
        }
    }

    fn compare(&mut self, found: &Metadata, now_ms: i64) {
        let id = FileId::of(found);
        match &mut self.current {
            Some(current) if current.id != id => self.replace(now_ms),
            Some(current) if current.looks_truncated(found) => self.truncate(now_ms),
            Some(current) => {
                let (after_ns, is_unread) = (current.modified_ns(), current.offset() == 0);
                current.note(found);
                if is_unread && modified_ns(found) != after_ns {
                    // It may have been filled, copied and emptied again since.
                    self.follow_between(siblings::find(self.place.real()), after_ns, id, now_ms);
                }
            }
            None => self.appear(now_ms),
        }
    }

    fn miss(&mut self, why: &io::Error, now_ms: i64) {
        if why.kind() == io::ErrorKind::NotFound {
            if self.current.is_some() {
                telemetry::ROTATIONS.add(1);
                self.retire(FileId::NONE, now_ms);
            }
            // What comes now is new.
            self.begin = Begin::Start;
            self.missing_ms.get_or_insert(now_ms);
        }
        self.problem = told(self.place.path(), why);
    }

    /// Opens the file behind the path.
    fn appear(&mut self, now_ms: i64) {
        match Follower::open(self.place.real(), 0, now_ms) {
            Ok(follower) if !self.known.is_empty() => self.resume(follower, now_ms),
            Ok(mut follower) => {
                let is_young = follower.born_ns.is_some_and(|born_ns| born_ns > self.since_ns);
                if self.begin == Begin::End && !is_young {
                    follower.resume_at_end();
                }
                self.begin = Begin::Start;
                let id = follower.id;
                self.current = Some(follower);
                if is_young && self.missing_ms.is_none() {
                    self.follow_young(now_ms);
                }
                // From now on it is known when one comes.
                self.since_ns = i128::MAX;
                if let Some(missing_ms) = self.missing_ms.take() {
                    // It may have been made and replaced again since.
                    let after_ns = i128::from(missing_ms) * 1_000_000;
                    self.follow_between(siblings::find(self.place.real()), after_ns, id, now_ms);
                }
            }
            Err(why) => self.problem = told(self.place.path(), &why),
        }
    }

    /// Whether there is no file, and nothing left to read of old ones.
    pub(crate) fn is_over(&self) -> bool {
        self.current.is_none() && self.old.is_empty()
    }

    /// Where it is followed now.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// Whether a file is one of those that are followed here, or a copy of what was.
    pub(crate) fn knows(&self, path: &Path, found: &Metadata) -> bool {
        let id = FileId::of(found);
        let mut followed = self.old.iter().chain(&self.current);
        followed.any(|follower| follower.id == id)
            || is_beside(self.place.path(), path)
                && Sibling::at(path, found).is_some_and(|sibling| self.has_seen(&sibling))
    }

    /// What a later start has to know.
    pub(crate) fn positions(&self, name: &str, now_ms: i64) -> Vec<Position> {
        let root = self.root;
        let followed = self.old.iter().chain(&self.current).map(|follower| follower.position(name, now_ms));
        let done = self.done.iter().filter_map(|done| done.position.clone());
        let all = followed.chain(done).map(|position| Position { path: name.to_owned(), root, ..position });
        all.chain(self.known.iter().cloned()).collect()
    }
}

/// What is wrong with a file, and what helps.
pub(crate) fn told(path: &Path, why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::NotFound => format!("{}: there is no such file", path.display()),
        io::ErrorKind::PermissionDenied => format!(
            "{}: it may not be read; the agent's user has to be in the file's group (often `adm`), or run as root",
            path.display()
        ),
        _ => format!("{}: {why}", path.display()),
    }
}

/// When a file was made, in nanoseconds since 1970, where its file system knows.
fn born_ns(found: &Metadata) -> Option<i128> {
    let since = found.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i128::try_from(since.as_nanos()).ok()
}

/// When a file was made, in milliseconds since 1970, where its file system knows.
pub(crate) fn born_ms(found: &Metadata) -> Option<i64> {
    i64::try_from(born_ns(found)? / 1_000_000).ok()
}

/// When a file was changed last, in nanoseconds since 1970.
fn modified_ns(found: &Metadata) -> i128 {
    i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec())
}

#[cfg(test)]
mod tests;
