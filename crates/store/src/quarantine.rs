//! Where damaged things go: out of the way, but not away.

use crate::names;
use std::io;
use std::path::Path;
use stdx::disk::Disk;

/// Moves the folder of a damaged block into the quarantine. One that is gone already is fine.
pub(crate) fn set_aside(disk: &dyn Disk, dir: &Path, name: &str) -> io::Result<()> {
    move_there(disk, dir, &dir.join(names::BLOCKS).join(name), name)?;
    disk.sync_dir(&dir.join(names::BLOCKS))
}

/// Moves a damaged file of the store's own folder into the quarantine, over an earlier one.
pub(crate) fn set_file_aside(disk: &dyn Disk, dir: &Path, name: &str) -> io::Result<()> {
    move_there(disk, dir, &dir.join(name), name)?;
    disk.sync_dir(dir)
}

fn move_there(disk: &dyn Disk, dir: &Path, from: &Path, name: &str) -> io::Result<()> {
    let quarantine = dir.join(names::QUARANTINE);
    disk.create_dir_all(&quarantine)?;
    match disk.rename(from, &quarantine.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    disk.sync_dir(&quarantine)
}
