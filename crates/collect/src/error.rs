//! Why a collector had nothing to say.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The failure of one collector in one pass; the next pass tries again.
#[derive(Debug)]
pub enum Error {
    /// A file of the kernel could not be opened or read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the kernel did not hold what its documentation promises.
    Malformed {
        /// Which.
        path: PathBuf,
        /// What was missing.
        wanted: &'static str,
    },
    /// A program or service that was asked gave no answer.
    Asked {
        /// Who or what.
        what: &'static str,
        /// Why, for people.
        why: String,
    },
    /// The host has nothing that tells it.
    Missing(&'static str),
    /// An option makes no sense.
    Option(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::Malformed { path, wanted } => write!(f, "no {wanted} in {}", path.display()),
            Self::Asked { what, why } => write!(f, "cannot ask {what}: {why}"),
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Option(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            _ => None,
        }
    }
}
