//! Files as a process sees them: below its root, symbolic links followed within it.
//!
//! A link to `/opt/nginx.conf` in a container leads to the container's `/opt` ([`stdx::rooted`]).

use crate::telemetry;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use stdx::rooted;

pub mod glob;
pub mod path;

/// Longest file that is read as configuration, in bytes.
pub const FILE_BYTES_MAX: u64 = 4 << 20;
/// Most entries of a folder that are looked at.
pub const ENTRIES_MAX: usize = 10_000;

/// What tells a file from its next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    device: u64,
    inode: u64,
    bytes: u64,
    changed_ns: i128,
}

/// A folder that is somebody's `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    folder: PathBuf,
}

impl Root {
    /// The root at a folder of ours.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder of ours.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a path of the root is for us, without a look at any link in it.
    pub fn outside(&self, path: &str) -> PathBuf {
        rooted::outside(&self.folder, path)
    }

    /// The path without links or dots, as seen inside. What is not there yet stays as it is written, so that a log that
    /// will be created has a place.
    pub fn resolve(&self, path: &str) -> io::Result<String> {
        self.resolve_until(path, &[])
    }

    /// As [`Root::resolve`], but links at these paths are not followed.
    pub fn resolve_until(&self, path: &str, ends: &[&str]) -> io::Result<String> {
        rooted::resolve(&self.folder, path, |at| ends.contains(&at))
    }

    /// Where a path of the root is for us, links followed.
    pub fn locate(&self, path: &str) -> io::Result<PathBuf> {
        Ok(self.outside(&self.resolve(path)?))
    }

    /// Opens a regular file to read it. Anything else, which might block or never end, is refused.
    pub fn open(&self, path: &str) -> io::Result<File> {
        open_regular(&self.locate(path)?)
    }

    /// Reads a regular file of at most [`FILE_BYTES_MAX`]; bytes that are no UTF-8 are replaced.
    pub fn read(&self, path: &str) -> io::Result<(String, Fingerprint)> {
        let file = self.open(path)?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(FILE_BYTES_MAX)).unwrap_or(0));
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            telemetry::FILES_REFUSED.add(1);
            return Err(io::Error::new(ErrorKind::FileTooLarge, "longer than 4 MiB: not read"));
        }
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok((text, fingerprint(&metadata)))
    }

    /// What a file or folder is now; `None` when it is not there or hidden.
    pub fn fingerprint(&self, path: &str) -> Option<Fingerprint> {
        std::fs::metadata(self.locate(path).ok()?).ok().as_ref().map(fingerprint)
    }

    /// Whether there is a folder.
    pub fn is_folder(&self, path: &str) -> bool {
        self.locate(path).is_ok_and(|path| path.is_dir())
    }

    /// Whether there is anything.
    pub fn exists(&self, path: &str) -> bool {
        self.locate(path).is_ok_and(|path| path.exists())
    }

    /// The names in a folder, sorted; those over [`ENTRIES_MAX`] are left out and counted.
    pub fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.locate(path)?)? {
            if names.len() >= ENTRIES_MAX {
                telemetry::ENTRIES_REFUSED.add(1);
                break;
            }
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Opens a regular file; does not wait for the other end of a pipe to find out that it is one.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let what = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
    Err(io::Error::new(ErrorKind::InvalidInput, what))
}

fn fingerprint(metadata: &std::fs::Metadata) -> Fingerprint {
    Fingerprint {
        device: metadata.dev(),
        inode: metadata.ino(),
        bytes: metadata.len(),
        changed_ns: i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec()),
    }
}

#[cfg(test)]
mod tests;
