//! A block: the samples of one window of time, immutable, in a folder of its own with its own index.
//!
//! [`writer`] makes it under a temporary name and renames it when every byte is on the medium; [`reader`] opens it and
//! serves chunks; [`index`] finds series in it. Its bytes are drawn in `FORMAT.md`.

pub(crate) mod ahead;
pub(crate) mod index;
pub(crate) mod mask;
pub(crate) mod meta;
pub(crate) mod reader;
pub(crate) mod set;
pub(crate) mod writer;

use std::fmt;
use std::io;

/// Why a block cannot be used.
#[derive(Debug)]
pub(crate) enum BlockError {
    /// Its bytes are not what was written.
    Damaged(String),
    /// It was written by a newer version.
    Newer(u16),
    /// The disk refused; that says nothing about the block.
    Disk(io::Error),
}

impl BlockError {
    fn damaged(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => f.write_str(what),
            Self::Newer(version) => write!(f, "written in format {version}, newer than this program"),
            Self::Disk(error) => write!(f, "{error}"),
        }
    }
}

/// A file that ends early or is not there was damaged; other errors are the disk's.
impl From<io::Error> for BlockError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound => Self::Damaged(error.to_string()),
            _ => Self::Disk(error),
        }
    }
}

/// Length of the header of a block's files.
pub(crate) const HEADER_BYTES: usize = 16;

/// A kind of file of a block: how it begins, and the newest version that is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileKind {
    pub(crate) magic: [u8; 6],
    pub(crate) version: u16,
}

impl FileKind {
    /// The header of a file of block `sequence`, as it is written today.
    pub(crate) fn header(self, sequence: u64) -> [u8; HEADER_BYTES] {
        self.header_of(self.version, sequence)
    }

    fn header_of(self, version: u16, sequence: u64) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..6].copy_from_slice(&self.magic);
        bytes[6..8].copy_from_slice(&version.to_le_bytes());
        bytes[8..].copy_from_slice(&sequence.to_le_bytes());
        bytes
    }

    /// Checks the header of a file of block `sequence`; gives its version.
    pub(crate) fn check_header(self, bytes: &[u8], sequence: u64) -> Result<u16, BlockError> {
        let found =
            bytes.first_chunk::<HEADER_BYTES>().ok_or_else(|| BlockError::damaged("a file is cut short"))?;
        let version = u16::from_le_bytes([found[6], found[7]]);
        if found[..6] == self.magic && version > self.version {
            return Err(BlockError::Newer(version));
        }
        if version == 0 || *found != self.header_of(version, sequence) {
            return Err(BlockError::damaged("a file has a foreign header"));
        }
        Ok(version)
    }
}

#[cfg(test)]
mod tests;
