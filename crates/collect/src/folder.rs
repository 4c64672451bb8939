//! A folder of the kernel that stays open: listing it and reading files below it without allocating.

use crate::file::read_all;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, SeekFrom, openat, seek};
use rustix::io::Errno;
use std::cell::OnceCell;
use std::path::PathBuf;

/// Room for one batch of names.
const NAMES_BYTES: usize = 16 << 10;

/// A path and, once used, its descriptor.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    descriptor: OnceCell<OwnedFd>,
}

impl Folder {
    /// A folder that is opened when first used.
    pub fn new(path: PathBuf) -> Self {
        Self { path, descriptor: OnceCell::new() }
    }

    /// Its path.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Visits the names in the folder, `.` and `..` among them. `buffer` is scratch space.
    pub fn list(&self, buffer: &mut Vec<u8>, mut visit: impl FnMut(&[u8])) -> Result<(), Errno> {
        buffer.clear();
        buffer.reserve(NAMES_BYTES);
        let folder = self.descriptor()?;
        seek(folder, SeekFrom::Start(0))?;
        let mut entries = RawDir::new(folder, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            visit(entry?.file_name().to_bytes());
        }
        Ok(())
    }

    /// Visits the names of the folders in the folder at `path` below this one; the path is empty for this one itself.
    /// `buffer` is scratch space.
    pub fn list_folders(
        &self,
        path: &[u8],
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(&[u8]),
    ) -> Result<(), Errno> {
        self.list_below(path, buffer, |name, kind| {
            if kind == FileType::Directory && name != b"." && name != b".." {
                visit(name);
            }
        })
    }

    /// Visits the names in the folder at `path` below this one, `.` and `..` among them, and what they are. `buffer` is
    /// scratch space.
    pub fn list_below(
        &self,
        path: &[u8],
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(&[u8], FileType),
    ) -> Result<(), Errno> {
        buffer.clear();
        buffer.reserve(NAMES_BYTES);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = if path.is_empty() { b"." } else { path };
        let folder = openat(self.descriptor()?, path, flags, Mode::empty())?;
        let mut entries = RawDir::new(folder, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            visit(entry.file_name().to_bytes(), entry.file_type());
        }
        Ok(())
    }

    /// Opens a file below the folder.
    pub fn open(&self, name: &[u8]) -> Result<OwnedFd, Errno> {
        openat(self.descriptor()?, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }

    /// Reads a file below the folder into `buffer`.
    pub fn read<'b>(&self, name: &[u8], buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Errno> {
        read_all(&self.open(name)?, buffer)?;
        Ok(buffer)
    }

    /// Its descriptor, opened if need be.
    pub fn descriptor(&self) -> Result<&OwnedFd, Errno> {
        if let Some(descriptor) = self.descriptor.get() {
            return Ok(descriptor);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = openat(CWD, &self.path, flags, Mode::empty())?;
        Ok(self.descriptor.get_or_init(|| descriptor))
    }
}
