//! What makes a file the same file.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};

/// A file while it exists: its number is given to another one later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl FileId {
    /// Stands for no file.
    pub(crate) const NONE: Self = Self { device: 0, inode: 0 };

    pub(crate) fn of(found: &Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

/// Most first bytes that are looked at.
pub(crate) const PRINT_BYTES_MAX: usize = 256;

/// So many bytes are the least by which a file is taken for a copy of another: no two logs begin with the same line.
const COPY_BYTES_MIN: u16 = 24;

/// A hash (FNV-1a, 64 bits) of the first bytes of a file, of as many as it had when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) len: u16,
    pub(crate) hash: u64,
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Fingerprint {
    /// Of first bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        let head = &head[..head.len().min(PRINT_BYTES_MAX)];
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self { len: head.len() as u16, hash: head.iter().fold(0xcbf2_9ce4_8422_2325, step) }
    }

    /// Of the first `len` bytes of a file.
    pub(crate) fn read(file: &File, len: u64) -> io::Result<Self> {
        let mut head = [0; PRINT_BYTES_MAX];
        let wanted = len.min(PRINT_BYTES_MAX as u64) as usize;
        let read = read_at(file, &mut head[..wanted], 0)?;
        Ok(Self::of(&head[..read]))
    }

    /// Whether a content that begins like this has the fingerprint, which is of enough to know.
    pub(crate) fn fits(&self, head: &[u8]) -> bool {
        self.len >= COPY_BYTES_MIN && self.begins(head)
    }

    /// The same, however little it is of.
    pub(crate) fn begins(&self, head: &[u8]) -> bool {
        head.get(..usize::from(self.len)).is_some_and(|head| Self::of(head) == *self)
    }

    /// Whether it is of as many bytes as there can be.
    pub(crate) fn is_full(&self) -> bool {
        usize::from(self.len) == PRINT_BYTES_MAX
    }
}

/// Fills as much of `buffer` as the file has from `offset` on.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(filled)
}

/// The same of a stream.
pub(crate) fn read_next(stream: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(filled)
}
