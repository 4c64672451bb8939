//! A path as its writer sees it, and where that is for us.

use super::identity::FileId;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use stdx::rooted::{outside, resolve};

/// See the module's text.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    root: PathBuf,
    /// Below the root, links as they are written.
    path: PathBuf,
    /// The same with links followed within the root, as they were at the last look.
    real: PathBuf,
}

impl Place {
    /// A path of ours that begins with the root.
    pub(crate) fn new(root: &Path, path: PathBuf) -> Self {
        Self { root: root.to_owned(), real: path.clone(), path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it was at the last look.
    pub(crate) fn real(&self) -> &Path {
        &self.real
    }

    /// What is there now; links may lead elsewhere than before.
    pub(crate) fn look(&mut self) -> io::Result<Metadata> {
        self.real = locate(&self.root, &self.path)?;
        fs::metadata(&self.real)
    }

    /// What tells its root from another one that has the same paths; nothing for ours.
    pub(crate) fn root_id(&self) -> FileId {
        if is_ours(&self.root) {
            FileId::NONE
        } else {
            fs::metadata(&self.root).map_or(FileId::NONE, |root| FileId::of(&root))
        }
    }
}

fn is_ours(root: &Path) -> bool {
    root == Path::new("/")
}

/// Where a path below a root is for us, links followed as those follow them who live there.
pub(crate) fn locate(root: &Path, path: &Path) -> io::Result<PathBuf> {
    if is_ours(root) {
        return Ok(path.to_owned());
    }
    let Some(inside) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
        return Ok(path.to_owned());
    };
    let real = resolve(root, inside, |_| false)?;
    if real.starts_with("/proc/") {
        // `/dev/stdout` of a container: the kernel would take us to our own.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link leads into /proc"));
    }
    Ok(outside(root, &real))
}
