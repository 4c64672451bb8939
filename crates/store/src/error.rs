//! Why a store could not be opened or kept going.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why an operation on the whole store failed. Pushing and reading have errors of their own in `model`.
#[derive(Debug)]
pub enum Error {
    /// Another process has this folder open.
    InUse(PathBuf),
    /// The folder was written by a newer version of this program.
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// Its format version.
        version: u16,
        /// The newest version this program reads.
        known: u16,
    },
    /// An option makes no sense; the text names it.
    Option(String),
    /// The disk refused; the text of the error names the path.
    Disk(io::Error),
    /// Writing failed earlier, or the store is closed.
    Stopped(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(dir) => write!(f, "{}: another process has this store open", dir.display()),
            Self::Newer { path, version, known } => {
                write!(f, "{}: written in format {version}, this program reads up to {known}", path.display())
            }
            Self::Option(why) => write!(f, "{why}"),
            Self::Disk(error) => write!(f, "{error}"),
            Self::Stopped(why) => write!(f, "the store takes no more writes: {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}
