//! Why a fact could not be changed or read.

use std::path::PathBuf;
use std::{fmt, io};

/// Why not. Each text is for the person who asked.
#[derive(Debug)]
pub enum Error {
    /// What was asked makes no sense.
    Bad(String),
    /// There is no such thing.
    Unknown(String),
    /// Somebody else changed it since it was read; nothing was changed.
    Changed(String),
    /// The disk did not do it; nothing was changed.
    Disk(PathBuf, io::Error),
    /// A file does not hold what it should.
    Malformed(PathBuf, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bad(why) | Self::Unknown(why) | Self::Changed(why) => f.write_str(why),
            Self::Disk(path, e) => write!(f, "{}: {e}", path.display()),
            Self::Malformed(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
