//! The files that a log became: `access.log.1`, `access.log-20261122.gz`, `access-20261122.log`.

use super::follower::Follower;
use super::identity::{FileId, Fingerprint, PRINT_BYTES_MAX, read_at, read_next};
use super::positions::Position;
use super::{born_ns, modified_ns};
use flate2::read::MultiGzDecoder;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

/// Most files of a folder that are looked at.
const ENTRIES_MAX: usize = 10_000;

/// A file beside a log that may have been it.
#[derive(Debug)]
pub(crate) struct Sibling {
    path: PathBuf,
    pub(crate) id: FileId,
    pub(crate) modified_ns: i128,
    /// When it was made; nothing of a packed one, whose lines are older.
    pub(crate) born_ns: Option<i128>,
    is_packed: bool,
    head: Vec<u8>,
}

/// All of them, the oldest first. One that is being packed is there once, unpacked.
pub(crate) fn find(path: &Path) -> Vec<Sibling> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    // A link that never changes may lead to a folder where rotation happens: `/var/log/containers` of Kubernetes.
    let target = fs::read_link(path).ok().and_then(|_| fs::canonicalize(path).ok());
    let mut all =
        target.filter(|target| target.parent() != Some(folder)).map_or(Vec::new(), |target| find(&target));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(ENTRIES_MAX);
    let beside = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|other| is_rotated(name, other)))
        .filter_map(|entry| Sibling::at(&entry.path(), &fs::metadata(entry.path()).ok()?));
    all.extend(beside);
    all.sort_by(|a, b| a.is_packed.cmp(&b.is_packed).then(a.modified_ns.cmp(&b.modified_ns)));
    let mut kept: Vec<Sibling> = Vec::new();
    for sibling in all {
        if !kept.iter().any(|other| other.head == sibling.head) {
            kept.push(sibling);
        }
    }
    kept.sort_by_key(|sibling| sibling.modified_ns);
    kept
}

/// Whether a path is what a rotation makes of another.
pub(crate) fn is_beside(path: &Path, other: &Path) -> bool {
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.parent() == other.parent() && is_rotated(&name(path), &name(other))
}

/// Whether `other` is what a rotation makes of `name`: a number or date is added, `.old`, and `.gz`.
fn is_rotated(name: &str, other: &str) -> bool {
    let is_mark = |mark: &str| {
        matches!(mark, ".old" | ".bak" | ".prev" | ".0")
            || mark.starts_with(['.', '-', '_'])
                && mark.contains(|c: char| c.is_ascii_digit())
                && mark.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | 'T' | ':'))
    };
    let other = other.strip_suffix(".gz").unwrap_or(other);
    if let Some(mark) = other.strip_prefix(name) {
        return is_mark(mark);
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let inner = other.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'));
    inner.is_some_and(is_mark)
}

impl Sibling {
    /// What is known of a file that is not empty and can be read.
    pub(crate) fn at(path: &Path, found: &Metadata) -> Option<Self> {
        let is_packed = path.extension().is_some_and(|extension| extension == "gz");
        let file = File::open(path).ok().filter(|_| found.is_file())?;
        let mut head = vec![0; PRINT_BYTES_MAX];
        let read = if is_packed {
            read_next(&mut MultiGzDecoder::new(file), &mut head)
        } else {
            read_at(&file, &mut head, 0)
        };
        // One that is being packed cannot be unpacked yet; it is there as it was, too.
        head.truncate(read.ok().filter(|read| *read > 0)?);
        Some(Self {
            path: path.to_owned(),
            id: FileId::of(found),
            modified_ns: modified_ns(found),
            born_ns: born_ns(found).filter(|_| !is_packed),
            is_packed,
            head,
        })
    }

    /// Whether it is the file of a position, or what was made of it.
    pub(crate) fn is(&self, position: &Position) -> bool {
        let is_number = !self.is_packed && self.id == position.id;
        position.print.fits(&self.head) || is_number && position.print.begins(&self.head)
    }

    /// Whether its content begins with what a fingerprint was taken of.
    pub(crate) fn begins_with(&self, print: &Fingerprint) -> bool {
        print.fits(&self.head)
    }

    /// Opens it to be read from an offset of its content.
    pub(crate) fn follow(&self, offset: u64, now_ms: i64) -> Option<Follower> {
        if self.is_packed {
            Follower::open_packed(&self.path, offset, now_ms).ok()
        } else {
            Follower::open(&self.path, offset, now_ms).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_rotated;

    #[test]
    fn names_of_rotated_files_are_known() {
        for other in [
            "access.log.1",
            "access.log.12.gz",
            "access.log-20261122",
            "access.log-2026-11-22T08:14:03.gz",
            "access-20261122.log",
            "access.1.log.gz",
            "access.log.old",
        ] {
            assert!(is_rotated("access.log", other), "{other}");
        }
        for other in
            ["access.log", "access.log.gz", "error.log.1", "access.log.d", "access2.log", "access.log.swp"]
        {
            assert!(!is_rotated("access.log", other), "{other}");
        }
    }
}
