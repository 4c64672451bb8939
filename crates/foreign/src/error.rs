//! Why a file could not be read or written at all. What is wrong with a part of it is in the report instead.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why reading or writing ended early.
#[derive(Debug)]
pub enum Error {
    /// The operating system refused.
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The input is not what its format demands, and nothing of it could be read.
    Malformed {
        /// Where.
        path: PathBuf,
        /// What is wrong: half a sentence.
        reason: String,
    },
    /// An option makes no sense; the text names it.
    Option(String),
    /// The output cannot hold what was asked for; the text says what to do instead.
    Unsuitable(String),
    /// Samples could not be read for writing; the text says why.
    Read(String),
    /// Whoever takes the batches wants no more.
    Stopped,
}

impl Error {
    /// An error of the operating system at a path.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// An input that is not what it should be.
    pub fn malformed(path: &Path, reason: impl fmt::Display) -> Self {
        Self::Malformed { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Malformed { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Option(why) | Self::Unsuitable(why) | Self::Read(why) => write!(f, "{why}"),
            Self::Stopped => write!(f, "stopped"),
        }
    }
}

impl std::error::Error for Error {}
