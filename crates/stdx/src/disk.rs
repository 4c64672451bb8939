//! The disk as an argument. Everything durable goes through [`Disk`], so that a test can make any write, sync, rename
//! or read fail, or forget what was never synced, as a machine that loses power does.

mod faulty;
mod real;

pub use faulty::{Call, FaultyDisk};
pub use real::RealDisk;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder tree that can be written durably.
///
/// Every error names the path it concerns.
pub trait Disk: Send + Sync {
    /// Makes a new empty file open for appending; an existing one is an error.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>>;
    /// Opens an existing file for appending at its end.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>>;
    /// Opens an existing file for reading at any place.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadAt>>;
    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Moves a file or folder over another name in one step. Durable only after [`Disk::sync_dir`] on the parent.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name, which shares its bytes. Durable only after [`Disk::sync_dir`] on the parent. Where a
    /// disk has no such names it is [`io::ErrorKind::Unsupported`].
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let what = format!("{}: this disk has no second names ({})", from.display(), to.display());
        Err(io::Error::new(io::ErrorKind::Unsupported, what))
    }
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder and its parents; an existing one is fine.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Names in a folder, sorted.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;
    /// Makes creations, renames and removals in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Bytes left for us on the file system that holds `path`.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;
    /// Takes an exclusive lock on a file, which is made when missing; it is given back when the result is dropped or
    /// the process ends. A lock that somebody else holds is [`io::ErrorKind::WouldBlock`].
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("{}: this disk has no locks", path.display())))
    }
}

/// A lock that is held until it is dropped.
pub trait Lock: Send + Sync {}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The full path.
    pub path: PathBuf,
    /// The last part of the path; names that are not UTF-8 are given with replacement characters.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Size of a file in bytes; 0 for a folder.
    pub len_bytes: u64,
}

/// A file open at its end.
pub trait Append: Send {
    /// Writes all of `bytes` at the end. After an error the end of the file is undefined until [`Append::truncate`].
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written is on the medium.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to `len_bytes`.
    fn truncate(&mut self, len_bytes: u64) -> io::Result<()>;
    /// Length now.
    fn len(&self) -> io::Result<u64>;
    /// Whether nothing is inside.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// A file open for reading at any place by any number of threads.
pub trait ReadAt: Send + Sync {
    /// Fills `buf` from `offset`; an early end of file is an error.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;
    /// Length now.
    fn len(&self) -> io::Result<u64>;
    /// Whether nothing is inside.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// Writes a small file so that after any crash there is either the old content or the new one.
pub fn write_atomically(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let temporary = path.with_extension("tmp");
    match disk.remove_file(&temporary) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = disk.create(&temporary)?;
    file.write_all(bytes)?;
    file.sync()?;
    drop(file);
    disk.rename(&temporary, path)?;
    disk.sync_dir(parent)
}
