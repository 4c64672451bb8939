//! The walk itself: depth first, a descriptor and a small buffer for each level, links not followed.

use crate::telemetry;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, Stat, fstat, openat, statat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::ffi::CStr;
use std::path::Path;
use std::time::Instant;

/// Deepest folder that is added up; more is a failure. Each level costs a descriptor.
const DEPTH_MAX: usize = 128;
/// Room for names at each level.
const NAMES_BYTES: usize = 4096;
/// Most files with several names that are remembered, so as to count each once; more are counted again.
const LINKED_MAX: usize = 50_000;

/// Sum of the sizes of all files, folders and links below `folder` and of itself, each counted once. Fails when a part
/// cannot be looked at, and when the deadline is over; what vanishes during the walk is left out.
pub(super) fn bytes(folder: &Path, deadline: Instant) -> Result<u64, Errno> {
    let mut walk = Walk { deadline, linked: HashSet::new(), bytes: 0 };
    // A link given by its name is followed, as du does not; a folder that moved and left a link is still meant.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let start = openat(CWD, folder, flags | OFlags::DIRECTORY, Mode::empty());
    match start {
        Ok(start) => {
            walk.add(&fstat(&start)?);
            walk.enter(start, 0)?;
        }
        Err(Errno::NOTDIR) => walk.add(&statat(CWD, folder, AtFlags::SYMLINK_NOFOLLOW)?),
        Err(error) => return Err(error),
    }
    Ok(walk.bytes)
}

struct Walk {
    deadline: Instant,
    /// Files with several names that were met.
    linked: HashSet<(u64, u64)>,
    bytes: u64,
}

impl Walk {
    fn enter(&mut self, folder: OwnedFd, depth: usize) -> Result<(), Errno> {
        if depth >= DEPTH_MAX {
            return Err(Errno::NAMETOOLONG);
        }
        let mut names = Vec::with_capacity(NAMES_BYTES);
        let mut entries = RawDir::new(&folder, names.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                self.meet(&folder, name, depth)?;
            }
        }
        Ok(())
    }

    fn meet(&mut self, folder: &OwnedFd, name: &CStr, depth: usize) -> Result<(), Errno> {
        if Instant::now() >= self.deadline {
            return Err(Errno::TIMEDOUT);
        }
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.add(&stat);
        if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            return Ok(());
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(folder, name, flags, Mode::empty()) {
            Ok(below) => self.enter(below, depth + 1),
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn add(&mut self, stat: &Stat) {
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if stat.st_nlink > 1 && !is_folder {
            if self.linked.len() >= LINKED_MAX {
                telemetry::ENTITIES_REFUSED.add(1);
            } else if !self.linked.insert((stat.st_dev, stat.st_ino)) {
                return;
            }
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(stat.st_size).unwrap_or(0));
    }
}
